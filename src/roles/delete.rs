//! Deleting a role of the workspace's own (WSP-5), in two steps: `decide_deletion` first, `finish_deletion` when whoever
//! held it holds its successor. Between them `invitations`, which knows the last of the holders, hands it over.
//!
//! Never leaves anybody without a role, nor anybody with other assets than before.

use super::events;
use super::rules::{self, RoleRefusal};
use super::{Role, store};
use crate::access::{Failure, WorkspaceTx};
use crate::platform::database::DatabaseError;
use crate::primitives::ids::RoleId;

/// Who holds a role.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Holders {
    /// Members in any status: a removed one's role is kept for them.
    pub members: i64,
    /// Open invitations that promise it, or would give it back to somebody who was removed.
    pub invitations: i64,
}

/// A deletion that the rules allow and that is not yet done.
#[derive(Clone, Debug)]
pub struct Deletion {
    pub role: Role,
    pub successor: Option<Role>,
    held: Holders,
}

/// May the role go, with this successor?
pub async fn decide_deletion(
    tx: &WorkspaceTx,
    role: RoleId,
    successor: Option<RoleId>,
) -> Result<Deletion, Failure<RoleRefusal>> {
    let role = store::find(tx.reader(), tx.workspace(), role).await?;
    let role = role.ok_or(Failure::NotFound { field: "input.roleId" })?;
    let successor = match successor {
        Some(successor) => {
            let found = store::find(tx.reader(), tx.workspace(), successor).await?;
            Some(found.ok_or(Failure::NotFound { field: "input.successorId" })?)
        }
        None => None,
    };
    let held = store::count_holders(tx, role.id).await?;
    rules::may_delete(&role, successor.as_ref(), held).map_err(Failure::Refused)?;
    Ok(Deletion { role, successor, held })
}

/// Takes the role away, which nobody holds any more. Its successor gives what it gave by default.
pub async fn finish_deletion(tx: &mut WorkspaceTx, deletion: &Deletion) -> Result<(), DatabaseError> {
    let Deletion { role, successor, held } = deletion;
    store::delete(tx, role.id).await?;
    tx.announce(events::role_deleted(role.id, successor.as_ref(), *held));
    if let (true, Some(successor)) = (role.is_default, successor) {
        store::set_default(tx, None, Some(successor.id)).await?;
        tx.announce(events::default_role_set(Some(successor.id), Some(role.id)));
    }
    Ok(())
}
