//! An entry of the ledger.
//!
//! Never changes once it is written.

use super::calendar::Span;
use super::plan::Currency;
use crate::primitives::cursor::{Key, PageCursor};
use crate::primitives::ids::{LedgerEntryId, MemberId};
use crate::primitives::time::Timestamp;
use crate::words;

words! {
    /// What an entry is.
    pub enum EntryKind {
        /// A member's seat for some days.
        Charge = "CHARGE",
        /// Days that nobody will use come back.
        Credit = "CREDIT",
        /// The host has taken credit out.
        TakenOut = "TAKEN_OUT",
    }
}

/// One line of the ledger.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LedgerEntry {
    pub id: LedgerEntryId,
    /// 1, 2, 3 … within the workspace.
    pub number: i64,
    pub kind: EntryKind,
    /// None: it is about the workspace.
    pub member: Option<MemberId>,
    /// The place in the workspace's stream of the event that it was booked with.
    pub event_seq: i64,
    pub currency: Currency,
    /// Never below zero: the kind says which way.
    pub amount: i64,
    /// How much of a charge credit has paid.
    pub from_credit: i64,
    /// The credit in this currency after the entry.
    pub balance: i64,
    /// Of a charge, the days that it covers; of a credit, those that are no longer covered.
    pub covers: Option<Span>,
    /// What its days are a share of: for a charge, the days of the whole period; for a credit, those of its charge.
    pub whole_days: Option<i64>,
    /// The number of the charge that a credit comes from.
    pub credits: Option<i64>,
    pub created_at: Timestamp,
}

impl LedgerEntry {
    /// The name of the ledger's order in page cursors.
    pub const ORDER: &'static str = "NEWEST";

    /// The entry's place in the ledger.
    pub fn place(&self) -> PageCursor {
        PageCursor { order: Self::ORDER.to_owned(), key: Key::Number(self.number), id: self.id.as_uuid() }
    }
}
