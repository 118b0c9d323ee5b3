//! What may be asked about a workspace from inside.

use super::{Workspace, store};
use crate::access::{Failure, WorkspaceView};
use crate::members::{self, Contact};
use crate::policy::{self, Policy};
use crate::primitives::rights::Permission;

/// The asker's workspace.
pub async fn find<R>(view: &WorkspaceView) -> Result<Workspace, Failure<R>> {
    let found = store::find(view.reader(), view.workspace()).await?;
    found.ok_or_else(|| Failure::Internal(format!("{} is gone under a session that holds", view.workspace())))
}

/// Whom to turn to in the asker's workspace (WSP-9).
pub async fn find_workspace_contact<R>(view: &WorkspaceView) -> Result<Contact, Failure<R>> {
    Ok(members::find_contact(view.reader(), view.workspace()).await?.unwrap_or_default())
}

/// The settings of the asker's workspace, for those who look after its members (WSP-3).
pub async fn policy<R>(view: &WorkspaceView) -> Result<Policy, Failure<R>> {
    view.require(Permission::ManageMembers)?;
    Ok(policy::load(view.reader(), view.workspace()).await?)
}
