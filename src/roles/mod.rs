//! The room of the roles: what each member of a workspace may do, by the role that they hold (WSP-2 to WSP-5).
//!
//! - Every workspace has exactly one admin role and at most one default role; the database holds that too.
//! - Built-in roles come with the workspace's kind and never change.
//! - A default role is neither the admin role nor one for assigned assets.
//!
//! Never knows who holds a role; that is `members`.

mod built_in;
mod read;
mod role;
mod rules;
mod set_default;
mod store;

#[cfg(test)]
pub(crate) use built_in::built_ins;
pub use built_in::{BuiltIns, create_built_ins};
pub use read::{count, list, load_many_held, load_many_roles};
pub use role::Role;
pub use rules::{AssetsRefusal, check_assets};
pub use set_default::{DefaultRoleRefusal, DefaultRoleSet, set_default};
pub use store::{find, find_default};
