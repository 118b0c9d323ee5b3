//! What may be asked about roles. Everybody in the workspace sees them: members are shown with theirs (WSP-3).

use std::collections::HashMap;

use super::{Role, store};
use crate::access::{AccountView, Failure, WorkspaceView};
use crate::primitives::ids::{RoleId, WorkspaceId};
use crate::primitives::page::{Page, PageRequest};

/// The workspace's roles by name.
pub async fn list<R>(view: &WorkspaceView, request: &PageRequest) -> Result<Page<Role>, Failure<R>> {
    Ok(request.page(store::list(view.reader(), view.workspace(), request).await?))
}

/// How many roles the workspace has.
pub async fn count<R>(view: &WorkspaceView) -> Result<u64, Failure<R>> {
    Ok(store::count(view.reader(), view.workspace()).await?)
}

/// Roles by id, in one statement; those that are not of this workspace are not in the answer.
pub async fn load_many_roles<R>(
    view: &WorkspaceView,
    roles: &[RoleId],
) -> Result<HashMap<RoleId, Role>, Failure<R>> {
    let found = store::find_many(view.reader(), view.workspace(), roles).await?;
    Ok(found.into_iter().map(|role| (role.id, role)).collect())
}

/// The roles that a person holds in their workspaces, in one statement. The caller read the pairs from that person's
/// own memberships.
pub async fn load_many_held<R>(
    view: &AccountView,
    held: &[(WorkspaceId, RoleId)],
) -> Result<HashMap<RoleId, Role>, Failure<R>> {
    let found = store::find_held(view.reader(), held).await?;
    Ok(found.into_iter().map(|role| (role.id, role)).collect())
}
