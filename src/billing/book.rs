//! Writing the ledger: numbers one after the other, and the balance after each entry.
//!
//! Never writes in two currencies at once, and never without an event: each entry names the one that the transaction
//! announces next after it.

use super::calendar::Span;
use super::entry::{EntryKind, LedgerEntry};
use super::plan::Currency;
use super::rules::{Charge, Credit, pay};
use super::store;
use crate::access::WorkspaceTx;
use crate::platform::database::DatabaseError;
use crate::primitives::ids::{LedgerEntryId, MemberId};
use crate::primitives::time::Timestamp;

/// The end of a workspace's ledger, in one currency.
pub(super) struct Book {
    number: i64,
    balance: i64,
    currency: Currency,
    event_seq: i64,
    now: Timestamp,
    entries: Vec<LedgerEntry>,
}

impl Book {
    pub(super) async fn open(tx: &WorkspaceTx, currency: Currency) -> Result<Self, DatabaseError> {
        Ok(Self {
            number: store::last_number(tx.reader(), tx.workspace()).await?,
            balance: store::balance(tx.reader(), tx.workspace(), currency).await?,
            currency,
            event_seq: tx.next_seq(),
            now: tx.now(),
            entries: Vec::new(),
        })
    }

    pub(super) const fn balance(&self) -> i64 {
        self.balance
    }

    /// From here on the entries name this event.
    pub(super) const fn turn_to(&mut self, event_seq: i64) {
        self.event_seq = event_seq;
    }

    /// The entries that were booked last, in their order.
    pub(super) fn newest(&self, count: usize) -> &[LedgerEntry] {
        &self.entries[self.entries.len().saturating_sub(count)..]
    }

    pub(super) fn charge(&mut self, member: MemberId, charge: Charge) {
        let payment = pay(self.balance, charge.amount);
        self.balance = payment.balance;
        let mut entry = self.entry(EntryKind::Charge, charge.amount);
        entry.member = Some(member);
        entry.from_credit = payment.from_credit;
        (entry.covers, entry.whole_days) = days(charge.covers, charge.whole_days);
        self.entries.push(entry);
    }

    /// Gives days of a charge back; `number` is that charge's.
    pub(super) fn credit(
        &mut self,
        member: MemberId,
        number: i64,
        credit: Credit,
    ) -> Result<(), DatabaseError> {
        let balance = self.balance.checked_add(credit.amount);
        self.balance =
            balance.ok_or_else(|| DatabaseError::Type("more credit than a number can hold".into()))?;
        let mut entry = self.entry(EntryKind::Credit, credit.amount);
        entry.member = Some(member);
        entry.credits = Some(number);
        (entry.covers, entry.whole_days) = days(credit.covers, credit.whole_days);
        self.entries.push(entry);
        Ok(())
    }

    /// The host takes credit out; no more than there is.
    pub(super) fn take_out(&mut self, amount: i64) {
        self.balance -= amount.min(self.balance);
        let entry = self.entry(EntryKind::TakenOut, amount);
        self.entries.push(entry);
    }

    /// Writes what was booked.
    pub(super) async fn close(self, tx: &WorkspaceTx) -> Result<Vec<LedgerEntry>, DatabaseError> {
        store::insert_entries(tx, &self.entries).await?;
        Ok(self.entries)
    }

    /// The next entry, with the balance as it is by now.
    fn entry(&mut self, kind: EntryKind, amount: i64) -> LedgerEntry {
        self.number += 1;
        LedgerEntry {
            id: LedgerEntryId::new(),
            number: self.number,
            kind,
            member: None,
            event_seq: self.event_seq,
            currency: self.currency,
            amount,
            from_credit: 0,
            balance: self.balance,
            covers: None,
            whole_days: None,
            credits: None,
            created_at: self.now,
        }
    }
}

const fn days(covers: Span, whole_days: i64) -> (Option<Span>, Option<i64>) {
    (Some(covers), Some(whole_days))
}
