//! The room of the roles: what each member of a workspace may do, by the role that they hold (WSP-2 to WSP-5).
//!
//! - Every workspace has exactly one admin role and at most one default role; the database holds that too.
//! - Built-in roles come with the workspace's kind and never change.
//! - A default role is neither the admin role nor one for assigned assets.
//! - A role of a workspace's own gives nothing that is reserved to admins; when it goes, whoever held it holds another.
//!
//! Never changes who holds a role; that is `members` and `invitations`. It counts them.

mod built_in;
mod create;
mod delete;
mod events;
mod permissions;
mod read;
mod role;
mod rules;
mod set_default;
mod store;
mod update;

#[cfg(test)]
pub(crate) use built_in::built_ins;
pub use built_in::{BuiltIns, create_built_ins};
pub use create::{ChangedRole, CreateRole, create};
pub use delete::{Deletion, Holders, decide_deletion, finish_deletion};
pub use permissions::{
    PERMISSION_CHARS_MAX, PERMISSIONS_MAX, PermissionError, PermissionsError, parse_permissions,
};
pub use read::{count, list, load_many_held, load_many_roles};
pub use role::Role;
pub use rules::{AssetsRefusal, RoleRefusal, check_assets};
pub use set_default::{DefaultRoleRefusal, DefaultRoleSet, set_default};
pub use store::{delete_all, find, find_admin, find_default, find_many};
pub use update::{UpdateRole, update};
