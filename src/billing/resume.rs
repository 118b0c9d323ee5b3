//! Going on after a time in which the workspace was deleted (WSP-10): nobody could use their seat, so it costs nothing.
//!
//! Never leaves out what was due before, and gives nothing back of what was charged for longer.

use super::calendar::Day;
use super::plan::Billing;
use super::renew::settle_all;
use super::store;
use crate::access::WorkspaceTx;
use crate::platform::database::DatabaseError;
use crate::primitives::time::Timestamp;

/// A door for the room that brings the workspace back, before it tells of it: whoever holds a seat and isn't charged for
/// this day already is, from this day on.
pub async fn resume(tx: &mut WorkspaceTx, deleted_at: Timestamp) -> Result<(), DatabaseError> {
    let plan = store::load_plan(tx.reader(), tx.workspace()).await?;
    let mut plan = settle_all(tx, plan, Day::of(deleted_at)).await?;
    let today = Day::of(tx.now());
    if let Some(billing) = plan.billing {
        plan.billing = Some(Billing { billed_from: billing.billed_from.max(today), ..billing });
        store::save_plan(tx, &plan).await?;
    }
    Ok(())
}
