//! Seats and what they cost in the schema: what `workspace` answers about them, and the mutations.
//!
//! Never counts and never calculates: the rooms do.

mod ledger;
mod money;
mod quotes;
mod seats;
mod taking_out;
mod updating;

pub use ledger::{Billing, LedgerEntry, WorkspaceBilling};
pub use money::{BillingPeriod, BookedEntry, LedgerEntryKind, Money, SeatPlan, SeatPrice};
pub use quotes::{DeletionQuote, DeletionQuotes, SeatQuote, SeatQuotes, deletion_quote, seat_quote};
pub use seats::{Seats, WorkspaceSeats, seat_limit_reached};
pub use taking_out::CreditMutation;
pub use updating::SeatPlanMutation;
