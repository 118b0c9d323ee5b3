//! The room of the seat plan and its ledger: to how many a workspace's seats are limited, what they cost, and what was
//! charged.
//!
//! - No day is charged twice for a member, and no credit is larger than what was charged for the days it gives back
//!   (SEAT-4). The rules are pure, in `rules` and `calendar`.
//! - The ledger only grows; each entry names the event that it was booked with, and the balance after it (SEAT-5).
//! - A quote is the same calculation as the booking (SEAT-6).
//!
//! Who takes a seat, how many are taken and whether one is free is decided by the members room, which calls down here
//! within its transactions. Never opens a transaction for somebody's membership, never knows a name, and takes no money.

mod book;
mod calendar;
mod credit;
mod entry;
mod events;
#[cfg(test)]
mod lives_tests;
mod plan;
mod quote;
mod read;
mod renew;
mod resume;
mod rules;
mod set_plan;
mod store;
mod take_out;
mod till;

pub use calendar::{Day, Period, Span};
pub use credit::settle_deletion;
pub use entry::{EntryKind, LedgerEntry};
pub use plan::{Currency, PRICE_MAX, SEATS_MAX, SeatPlan, SeatPrice};
pub use quote::{DeletionQuote, SeatQuote, quote_deletions, quote_seats};
pub use read::{Balance, balances, count_entries, list_entries, load_many_entries, plan};
pub use renew::renew_due;
pub use resume::resume;
pub use set_plan::set_plan;
pub use store::{delete_all, load_plan};
pub use take_out::{TakeOutCredit, TakeOutRefusal, TakenOut, take_out_credit};
pub use till::Till;
