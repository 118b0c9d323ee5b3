//! The room of the endings: members deleted for ever, and what every room has to give up for it.
//!
//! - What an end takes away is gone in the transaction that says so; each room takes its own rows, by its own door.
//! - The journal keeps the fact, with ids alone (DEL-1).
//! - What was deleted is overwritten, and written out of the log of the database, by the product itself.
//!
//! Comes after every other room, and owns no table.

mod delete_account;
mod delete_member;
mod events;
mod scrub;

pub use delete_account::{DeleteAccountRefusal, delete_account, finish_accounts};
pub use delete_member::{Deleted, delete_member_forever};
pub use scrub::scrub;

/// Assets that one statement names.
const ASSETS_AT_ONCE: usize = 500;
