//! SeaORM entities, one file per table; what a column means is said in the migration that makes it.
//!
//! Never holds a rule: each table has one room that owns it and alone writes it.

pub mod account_sessions;
pub mod accounts;
pub mod api_keys;
pub mod assets;
pub mod assignments;
pub mod email_links;
pub mod invitation_links;
pub mod invitations;
pub mod ledger_entries;
pub mod mailbox;
pub mod member_addresses;
pub mod member_words;
pub mod members;
pub mod outbox;
pub mod refused_attempts;
pub mod roles;
pub mod seat_plans;
pub mod values;
pub mod workspace_sessions;
pub mod workspaces;
