//! Making a role of the workspace's own (WSP-5).

use std::collections::BTreeSet;

use super::events;
use super::rules::{self, RoleRefusal};
use super::{Role, store};
use crate::access::{Committed, Failure, Gate, WorkspaceProof};
use crate::primitives::actor::AssetScope;
use crate::primitives::ids::RoleId;
use crate::primitives::rights::Permission;

/// A role to make. The name has been read by [`crate::primitives::name::parse_name`], the permissions by
/// [`super::parse_permissions`].
#[derive(Clone, Debug)]
pub struct CreateRole {
    pub name: String,
    pub scope: AssetScope,
    pub permissions: BTreeSet<String>,
}

/// A role after a change, and the place in the stream.
#[derive(Clone, Debug)]
pub struct ChangedRole {
    pub role: Role,
    pub committed: Committed,
}

pub async fn create(
    gate: &Gate,
    proof: &WorkspaceProof,
    request: CreateRole,
) -> Result<ChangedRole, Failure<RoleRefusal>> {
    let mut tx = gate.by_permission(proof, Permission::ManageRoles).await?;
    let role = Role {
        id: RoleId::new(),
        name: request.name,
        scope: request.scope,
        is_admin: false,
        is_built_in: false,
        is_default: false,
        permissions: request.permissions,
        revision: 1,
    };
    let same = store::find_by_name(&tx, &role.name).await?;
    let count = store::count(tx.reader(), tx.workspace()).await?;
    rules::may_create(same.as_ref(), count).map_err(Failure::Refused)?;
    store::insert(&tx, std::slice::from_ref(&role)).await?;
    tx.announce(events::role_created(&role));
    let committed = tx.commit().await.map_err(Failure::widen)?;
    Ok(ChangedRole { role, committed })
}
