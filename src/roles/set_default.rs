//! Naming the role that an invitation gives that names none, or that there is none (WSP-4).
//!
//! Never the admin role, and never one that works on assigned assets: nobody gets either by a slip.

use super::{Role, events, store};
use crate::access::{Committed, Failure, Gate, WorkspaceProof};
use crate::primitives::actor::AssetScope;
use crate::primitives::ids::RoleId;
use crate::primitives::rights::Permission;

/// Why a role can't be the default.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum DefaultRoleRefusal {
    IsAdmin,
    NeedsAssets,
    IsDefault,
    /// There is none already.
    IsNone,
}

/// The role after the change, if there is one, and the place in the stream.
#[derive(Clone, Debug)]
pub struct DefaultRoleSet {
    pub role: Option<Role>,
    pub committed: Committed,
}

pub async fn set_default(
    gate: &Gate,
    proof: &WorkspaceProof,
    id: Option<RoleId>,
) -> Result<DefaultRoleSet, Failure<DefaultRoleRefusal>> {
    let mut tx = gate.by_permission(proof, Permission::ManageRoles).await?;
    let role = match id {
        Some(id) => {
            let role = store::find(tx.reader(), tx.workspace(), id).await?;
            Some(role.ok_or(Failure::NotFound { field: "input.roleId" })?)
        }
        None => None,
    };
    let before = store::find_default(tx.reader(), tx.workspace()).await?.map(|role| role.id);
    may_be_default(role.as_ref(), before).map_err(Failure::Refused)?;
    store::set_default(&tx, before, id).await?;
    tx.announce(events::default_role_set(id, before));
    let committed = tx.commit().await.map_err(Failure::widen)?;
    let role = role.map(|role| Role { is_default: true, revision: role.revision + 1, ..role });
    Ok(DefaultRoleSet { role, committed })
}

fn may_be_default(role: Option<&Role>, before: Option<RoleId>) -> Result<(), DefaultRoleRefusal> {
    match role {
        None if before.is_none() => Err(DefaultRoleRefusal::IsNone),
        None => Ok(()),
        Some(Role { is_default: true, .. }) => Err(DefaultRoleRefusal::IsDefault),
        Some(Role { is_admin: true, .. }) => Err(DefaultRoleRefusal::IsAdmin),
        Some(Role { scope: AssetScope::Assigned, .. }) => Err(DefaultRoleRefusal::NeedsAssets),
        Some(Role { .. }) => Ok(()),
    }
}
