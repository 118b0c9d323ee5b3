//! The room of the endings: members deleted for ever, accounts, workspaces; and what the operator can bring back.
//!
//! - What an end takes away is gone in the transaction that says so; each room takes its own rows, by its own door.
//! - The journal keeps the fact, with ids alone (DEL-1).
//! - What was deleted is overwritten, and written out of the log of the database, by the product itself.
//!
//! Comes after every other room, and owns no table.

mod delete_account;
mod delete_member;
mod delete_workspace;
mod events;
mod grant_admin;
mod recover;
mod scrub;

pub use delete_account::{DeleteAccountRefusal, delete_account, finish_accounts};
pub use delete_member::{Deleted, delete_member_forever};
pub use delete_workspace::{DeletedWorkspace, OtherName, Recovery, delete_workspace, finish_workspaces};
pub use grant_admin::{GrantAdmin, GrantRefusal, grant_admin};
pub use recover::{RecoverRefusal, Recoverable, list_recoverable, recover_asset, recover_workspace};
pub use scrub::scrub;
