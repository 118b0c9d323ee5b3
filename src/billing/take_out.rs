//! Taking credit out: the host has paid it back, or has used it elsewhere (SEAT-5).
//!
//! Never more than there is. No money moves here: it is a record.

use super::book::Book;
use super::entry::LedgerEntry;
use super::events;
use super::plan::Currency;
use super::read::Balance;
use crate::access::{Committed, Failure, Gate, WorkspaceProof};
use crate::primitives::rights::Permission;

/// How much of which currency; at least one minor unit.
#[derive(Clone, Copy, Debug)]
pub struct TakeOutCredit {
    pub amount: i64,
    pub currency: Currency,
}

/// Why nothing is taken out.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum TakeOutRefusal {
    /// There is less credit than that.
    TooMuch(Balance),
}

/// The entry, and the place in the stream.
#[derive(Clone, Debug)]
pub struct TakenOut {
    pub entry: LedgerEntry,
    pub committed: Committed,
}

pub async fn take_out_credit(
    gate: &Gate,
    proof: &WorkspaceProof,
    request: TakeOutCredit,
) -> Result<TakenOut, Failure<TakeOutRefusal>> {
    let mut tx = gate.by_permission(proof, Permission::ManageSeats).await?;
    let mut book = Book::open(&tx, request.currency).await?;
    if book.balance() < request.amount {
        let left = Balance { currency: request.currency, amount: book.balance() };
        return Err(Failure::Refused(TakeOutRefusal::TooMuch(left)));
    }
    book.take_out(request.amount);
    let booked = book.close(&tx).await?.pop();
    let entry = booked.ok_or_else(|| Failure::Internal("the book lost an entry".into()))?;
    tx.announce(events::credit_taken_out(&entry));
    let committed = tx.commit().await.map_err(Failure::widen)?;
    Ok(TakenOut { entry, committed })
}
