//! Charging one member: for the seat that they take, and before they give it up.
//!
//! Never decides who takes a seat; the members room has.

use super::book::Book;
use super::calendar::Day;
use super::plan::SeatPlan;
use super::rules::Charge;
use super::{events, store};
use crate::access::WorkspaceTx;
use crate::platform::database::DatabaseError;
use crate::primitives::ids::MemberId;

/// Charges whoever takes a seat for the rest of the period, unless that is paid for.
pub async fn charge_seat(
    tx: &mut WorkspaceTx,
    member: MemberId,
    plan: &SeatPlan,
) -> Result<(), DatabaseError> {
    let Some((price, terms)) = store::terms(tx.reader(), tx.workspace(), plan).await? else { return Ok(()) };
    let covered = store::covered_until(tx.reader(), tx.workspace(), member).await?;
    let Some(charge) = terms.on_taking(covered, Day::of(tx.now())) else { return Ok(()) };
    let mut book = Book::open(tx, price.currency).await?;
    book.charge(member, charge);
    for entry in book.close(tx).await? {
        tx.announce(events::seat_charged(&entry));
    }
    Ok(())
}

/// Whoever gives up a seat owes each period that had begun by then, whether or not the job has booked it. False where
/// nobody here can owe any: the job has been, or seats cost nothing.
pub async fn settle_renewals(tx: &mut WorkspaceTx, member: MemberId) -> Result<bool, DatabaseError> {
    let today = Day::of(tx.now());
    let plan = store::load_plan(tx.reader(), tx.workspace()).await?;
    if plan.next_renewal().is_none_or(|day| day > today) {
        return Ok(false);
    }
    let Some((price, terms)) = store::terms(tx.reader(), tx.workspace(), &plan).await? else {
        return Ok(false);
    };
    let covered = store::covered_until(tx.reader(), tx.workspace(), member).await?;
    let due: Vec<Charge> = terms.due(covered, today);
    if due.is_empty() {
        return Ok(true);
    }
    let mut book = Book::open(tx, price.currency).await?;
    due.into_iter().for_each(|charge| book.charge(member, charge));
    let entries = book.close(tx).await?;
    tx.announce(events::seats_renewed(&entries, price.currency));
    Ok(true)
}
