//! Changing the seat plan: here because the seats that are taken and reserved are counted here.
//!
//! Never sets a limit below them: nobody loses a seat to a number (SEAT-3).

use super::seats::{self, SeatsTaken};
use crate::access::{Committed, Failure, Gate, WorkspaceProof};
use crate::billing::{self, SeatPlan, SeatPrice};
use crate::policy;
use crate::primitives::rights::Permission;

/// What is to be other; what is not named stays.
#[derive(Clone, Debug, Default)]
pub struct UpdateSeatPlan {
    /// `Some(None)`: no limit any more.
    pub limit: Option<Option<i64>>,
    /// `Some(None)`: seats cost nothing any more.
    pub price: Option<Option<SeatPrice>>,
}

/// Why the plan stays as it is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum SeatPlanRefusal {
    /// More seats are taken and reserved.
    LimitTooLow(SeatsTaken),
}

/// The plan after the change, and the place in the stream.
#[derive(Clone, Debug)]
pub struct UpdatedSeatPlan {
    pub plan: SeatPlan,
    pub committed: Committed,
}

pub async fn update_seat_plan(
    gate: &Gate,
    proof: &WorkspaceProof,
    request: UpdateSeatPlan,
) -> Result<UpdatedSeatPlan, Failure<SeatPlanRefusal>> {
    let mut tx = gate.by_permission(proof, Permission::ManageSeats).await?;
    let plan = billing::load_plan(tx.reader(), tx.workspace()).await?;
    if let Some(Some(limit)) = request.limit {
        let policy = policy::load(tx.reader(), tx.workspace()).await?;
        let seats = seats::count(&tx, Some(limit), policy.invitations_reserve_seats, None).await?;
        seats.fit(limit).map_err(|taken| Failure::Refused(SeatPlanRefusal::LimitTooLow(taken)))?;
    }
    let (limit, price) = (request.limit.unwrap_or(plan.limit), request.price.unwrap_or(plan.price));
    let plan = billing::set_plan(&mut tx, plan, limit, price).await?;
    let committed = tx.commit().await.map_err(Failure::widen)?;
    Ok(UpdatedSeatPlan { plan, committed })
}
