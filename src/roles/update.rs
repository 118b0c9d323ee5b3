//! Changing a role of the workspace's own (WSP-5): whoever holds it has the new rights when the answer arrives (REV-1).
//!
//! Never changes on which assets its holders work: a scope changes only while nobody holds the role.

use std::collections::BTreeSet;

use super::create::ChangedRole;
use super::events;
use super::rules::{self, RoleRefusal};
use super::{Role, store};
use crate::access::{Failure, Gate, WorkspaceProof};
use crate::primitives::actor::AssetScope;
use crate::primitives::ids::RoleId;
use crate::primitives::rights::Permission;

/// What is to be other; what is not named stays.
#[derive(Clone, Debug)]
pub struct UpdateRole {
    pub role: RoleId,
    pub name: Option<String>,
    pub scope: Option<AssetScope>,
    pub permissions: Option<BTreeSet<String>>,
}

pub async fn update(
    gate: &Gate,
    proof: &WorkspaceProof,
    request: UpdateRole,
) -> Result<ChangedRole, Failure<RoleRefusal>> {
    let mut tx = gate.by_permission(proof, Permission::ManageRoles).await?;
    let before = store::find(tx.reader(), tx.workspace(), request.role).await?;
    let before = before.ok_or(Failure::NotFound { field: "input.roleId" })?;
    let after = Role {
        name: request.name.unwrap_or_else(|| before.name.clone()),
        scope: request.scope.unwrap_or(before.scope),
        permissions: request.permissions.unwrap_or_else(|| before.permissions.clone()),
        ..before.clone()
    };
    let same = store::find_by_name(&tx, &after.name).await?;
    let held = store::count_holders(&tx, before.id).await?;
    rules::may_update(&before, &after, same.as_ref(), held).map_err(Failure::Refused)?;
    if after == before {
        let committed = tx.commit().await.map_err(Failure::widen)?;
        return Ok(ChangedRole { role: after, committed });
    }
    let after = Role { revision: before.revision + 1, ..after };
    store::save(&tx, &after).await?;
    tx.announce(events::role_updated(&before, &after));
    let committed = tx.commit().await.map_err(Failure::widen)?;
    Ok(ChangedRole { role: after, committed })
}
