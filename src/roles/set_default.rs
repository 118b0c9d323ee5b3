//! Naming the role that an invitation gives that names none (WSP-4).
//!
//! Never the admin role, and never one that works on assigned assets: nobody gets either by a slip.

use serde_json::json;

use super::{Role, store};
use crate::access::{Committed, Failure, Gate, WorkspaceProof};
use crate::platform::journal::NewEvent;
use crate::primitives::actor::{AssetScope, Audience};
use crate::primitives::ids::RoleId;
use crate::primitives::rights::Permission;

/// Why a role can't be the default.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum DefaultRoleRefusal {
    IsAdmin,
    NeedsAssets,
    IsDefault,
}

/// The role after the change, and the place in the stream.
#[derive(Clone, Debug)]
pub struct DefaultRoleSet {
    pub role: Role,
    pub committed: Committed,
}

pub async fn set_default(
    gate: &Gate,
    proof: &WorkspaceProof,
    id: RoleId,
) -> Result<DefaultRoleSet, Failure<DefaultRoleRefusal>> {
    let mut tx = gate.by_permission(proof, Permission::ManageRoles).await?;
    let role = store::find(tx.reader(), tx.workspace(), id).await?;
    let role = role.ok_or(Failure::NotFound { field: "input.roleId" })?;
    may_be_default(&role).map_err(Failure::Refused)?;
    let before = store::find_default(tx.reader(), tx.workspace()).await?;
    store::set_default(&tx, before.as_ref().map(|role| role.id), id).await?;
    tx.announce(NewEvent {
        kind: "DefaultRoleSet",
        version: 1,
        audience: Audience::Admins,
        subject: None,
        effect: None,
        payload: json!({ "role": id, "before": { "role": before.map(|role| role.id) } }),
        occurred_at: None,
    });
    let committed = tx.commit().await.map_err(Failure::widen)?;
    let role = Role { is_default: true, revision: role.revision + 1, ..role };
    Ok(DefaultRoleSet { role, committed })
}

fn may_be_default(role: &Role) -> Result<(), DefaultRoleRefusal> {
    match role {
        Role { is_default: true, .. } => Err(DefaultRoleRefusal::IsDefault),
        Role { is_admin: true, .. } => Err(DefaultRoleRefusal::IsAdmin),
        Role { scope: AssetScope::Assigned, .. } => Err(DefaultRoleRefusal::NeedsAssets),
        Role { .. } => Ok(()),
    }
}
