//! The room of the workspaces: the units of tenancy, and a person's memberships of them.
//!
//! - Whoever creates a workspace becomes its first admin, active at once (WSP-1).
//! - A person's memberships show every workspace that they are in, a blocked one too (BLK-4); never open invitations,
//!   and never one that they were removed from.
//! - Every workspace has a contact; where none is set, its longest-serving active admin (WSP-9).
//!
//! Comes after all rooms but the endings: what it makes needs the others.

mod create;
mod events;
mod forget_contact;
mod membership;
mod read;
mod store;
mod update;
mod update_policy;
mod workspace;

pub use create::{CreateRefusal, CreateWorkspace, Created, create_workspace};
pub use events::{PolicyUpdated, WorkspaceCreated, WorkspaceUpdated};
pub use forget_contact::forget_contact;
pub use membership::{Membership, count_memberships, list_memberships, load_many_memberships};
pub use read::{find, find_workspace_contact, policy};
pub use store::{
    delete_purged, find_deletion, find_untold, get_name, list_deleted, list_deleted_before, list_untold,
    mark_deleted, mark_told, purge, unmark_deleted,
};
pub use update::{UpdateWorkspace, update_workspace};
pub use update_policy::{PolicyRefusal, update_policy};
pub use workspace::Workspace;
