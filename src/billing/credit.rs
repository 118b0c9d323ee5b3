//! What comes back when somebody is deleted for ever: the days after this one of what was charged for them.
//!
//! Never gives back more than was charged for those days, and never twice.

use super::book::Book;
use super::calendar::Day;
use super::entry::LedgerEntry;
use super::rules::{Charge, Credit};
use super::{events, store};
use crate::access::WorkspaceTx;
use crate::platform::database::DatabaseError;
use crate::primitives::ids::MemberId;

/// Books the credit, in the transaction that deletes the member for ever. None: nothing is left of any charge.
pub async fn settle_deletion(
    tx: &mut WorkspaceTx,
    member: MemberId,
) -> Result<Option<LedgerEntry>, DatabaseError> {
    let charges = store::load_many_uncredited_charges(tx.reader(), tx.workspace(), &[member]).await?;
    let found = charges
        .into_values()
        .next()
        .and_then(|charge| Some((credit_of(&charge, Day::of(tx.now()))?, charge)));
    let Some((credit, charge)) = found else { return Ok(None) };
    let mut book = Book::open(tx, charge.currency).await?;
    book.credit(member, charge.number, credit)?;
    let booked = book.close(tx).await?.pop();
    if let Some(entry) = &booked {
        tx.announce(events::seat_credited(entry));
    }
    Ok(booked)
}

/// What is left of a charge. Of all that was charged for a member the last alone can reach beyond today.
pub(super) fn credit_of(charge: &LedgerEntry, today: Day) -> Option<Credit> {
    let (covers, whole_days) = (charge.covers?, charge.whole_days?);
    let credit = Charge { covers, whole_days, amount: charge.amount }.credit(today)?;
    (credit.amount > 0).then_some(credit)
}
