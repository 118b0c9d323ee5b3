//! Deleting a role of the workspace's own (WSP-5). It stands here because this is the last room that it changes: members
//! and open invitations that hold the role hold its successor from then on, in the same moment.
//!
//! Never goes member by member: it is a few statements, however many hold the role. The persons whose invitations offered
//! it are told that they offer something else (INV-9).

use super::persons::Persons;
use super::store;
use crate::access::{Committed, Failure, Gate, WorkspaceProof};
use crate::members;
use crate::primitives::ids::RoleId;
use crate::primitives::rights::Permission;
use crate::roles::{self, Role, RoleRefusal};

/// The role that goes, and who takes over for it.
#[derive(Clone, Copy, Debug)]
pub struct DeleteRole {
    pub role: RoleId,
    pub successor: Option<RoleId>,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct DeletedRole {
    pub role: RoleId,
    /// As it was before; null where none was named.
    pub successor: Option<Role>,
    pub committed: Committed,
}

pub async fn delete_role(
    gate: &Gate,
    proof: &WorkspaceProof,
    request: DeleteRole,
) -> Result<DeletedRole, Failure<RoleRefusal>> {
    let mut tx = gate.by_permission(proof, Permission::ManageRoles).await?;
    let deletion = roles::decide_deletion(&tx, request.role, request.successor).await?;
    if let Some(successor) = &deletion.successor {
        members::hand_over_role(&tx, request.role, successor.id).await?;
        let mut offering = store::find_offering(&tx, request.role).await?;
        store::hand_over_role(&tx, request.role, successor.id).await?;
        let persons = Persons::find(&tx, &offering.iter().collect::<Vec<_>>()).await?;
        for invitation in &mut offering {
            invitation.revision += 1;
            persons.tell(&mut tx, invitation);
        }
    }
    roles::finish_deletion(&mut tx, &deletion).await?;
    let committed = tx.commit().await.map_err(Failure::widen)?;
    Ok(DeletedRole { role: request.role, successor: deletion.successor, committed })
}
