//! Setting the seat plan, within the transaction of whoever counted the seats.
//!
//! Never counts seats, and charges nobody for a new price: it counts from each member's next charge on.

use super::calendar::Day;
use super::plan::{Billing, SeatPlan, SeatPrice};
use super::renew::settle_all;
use super::{events, store};
use crate::access::WorkspaceTx;
use crate::platform::database::DatabaseError;

/// Makes limit and price what they are to be from now on. `plan` is the one that holds until now; where both are so already,
/// nothing happens.
pub async fn set_plan(
    tx: &mut WorkspaceTx,
    mut plan: SeatPlan,
    limit: Option<i64>,
    price: Option<SeatPrice>,
) -> Result<SeatPlan, DatabaseError> {
    if (plan.limit, plan.price) == (limit, price) {
        return Ok(plan);
    }
    let before = plan.clone();
    if plan.price != price {
        let settled = settle_all(tx, plan, Day::of(tx.now())).await?;
        plan = priced(tx, settled, price).await?;
    }
    plan.limit = limit;
    plan.revision += 1;
    store::save_plan(tx, &plan).await?;
    tx.announce(events::seat_plan_updated(&plan, &before));
    Ok(plan)
}

/// Whoever holds a seat is charged when what they have paid for is over; who never paid, when the next period begins.
async fn priced(
    tx: &WorkspaceTx,
    before: SeatPlan,
    price: Option<SeatPrice>,
) -> Result<SeatPlan, DatabaseError> {
    let today = Day::of(tx.now());
    let billing = Billing { billed_from: today, next_renewal: today };
    let mut plan = SeatPlan { price, billing: price.map(|_| billing), ..before.clone() };
    if let Some((_, terms)) = store::terms(tx.reader(), tx.workspace(), &plan).await? {
        let next = terms.period_at(today).until;
        let earlier = |day: Day| day.min(next);
        plan.billing = Some(Billing {
            billed_from: before.billing.map_or(next, |it| earlier(it.billed_from)),
            next_renewal: before.billing.map_or(next, |it| earlier(it.next_renewal)),
        });
    }
    Ok(plan)
}
