//! Setting the seat plan, within the transaction of whoever counted the seats.
//!
//! Never counts seats: the members room has done so, under the same lock.

use super::{SeatPlan, events, store};
use crate::access::WorkspaceTx;
use crate::platform::database::DatabaseError;

/// Makes this the plan from now on.
pub async fn set_plan(tx: &mut WorkspaceTx, mut plan: SeatPlan) -> Result<SeatPlan, DatabaseError> {
    plan.revision += 1;
    store::save_plan(tx, &plan).await?;
    tx.announce(events::seat_plan_updated(&plan));
    Ok(plan)
}
