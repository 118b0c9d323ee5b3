//! Bringing back what was deleted or lost, by the operator at the command line, while there is time (WSP-10, REM-7).
//!
//! Never revives a session, a key or an invitation: those ended for good.

use super::events;
use crate::access::{Failure, Gate};
use crate::primitives::ids::{AssetId, WorkspaceId};
use crate::primitives::time::Timestamp;
use crate::{api_keys, assets, billing, invitations, members, workspaces};

/// All who have to do with a workspace.
const EVERYBODY: usize = u32::MAX as usize;

/// Why nothing is brought back.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum RecoverRefusal {
    #[error("no such workspace: it never was, or it has been purged")]
    NoWorkspace,
    #[error("the workspace isn't deleted; there is nothing to bring back")]
    NotDeleted,
    #[error("no lost asset with this id: it never was, it isn't lost, or it has been purged")]
    NotLost,
}

/// A deleted workspace, as the operator sees it.
#[derive(Clone, Debug)]
pub struct Recoverable {
    pub id: String,
    pub what: String,
    pub since: Timestamp,
}

/// Brings a deleted workspace back, with its members, roles and assets. Says how many persons were told.
pub async fn recover_workspace(
    gate: &Gate,
    workspace: WorkspaceId,
) -> Result<usize, Failure<RecoverRefusal>> {
    let opened = gate.find_by_job(workspace).await?;
    let mut tx = opened.ok_or(Failure::Refused(RecoverRefusal::NoWorkspace))?;
    if workspaces::get_name(&tx).await?.is_none() {
        return Err(Failure::Refused(RecoverRefusal::NoWorkspace));
    }
    let deletion = workspaces::find_deletion(&tx).await?;
    let deleted_at = deletion.ok_or(Failure::Refused(RecoverRefusal::NotDeleted))?;
    billing::resume(&mut tx, deleted_at).await?;
    workspaces::unmark_deleted(&tx).await?;
    members::end_everything(&tx).await?;
    api_keys::revoke_all(&tx).await?;
    invitations::expire_all(&tx).await?;
    let listed = members::list_persons(&tx, None, EVERYBODY).await?;
    let told = listed.persons.len();
    for (member, account) in listed.persons {
        events::tell_workspace(&mut tx, "MembershipWorkspaceRecovered", member, account);
    }
    invitations::tell_back(&mut tx, &listed.invited).await?;
    tx.announce(events::about_workspace("WorkspaceRecovered", workspace));
    tx.commit().await.map_err(Failure::widen)?;
    Ok(told)
}

/// Brings a lost asset back to its workspace: the admins hold it.
pub async fn recover_asset(gate: &Gate, asset: AssetId) -> Result<WorkspaceId, Failure<RecoverRefusal>> {
    let lost = || Failure::Refused(RecoverRefusal::NotLost);
    let workspace = assets::find_lost_workspace(gate, asset).await?.ok_or_else(lost)?;
    let mut tx = gate.by_job(workspace).await?;
    if !assets::find_again(&mut tx, asset).await? {
        return Err(lost());
    }
    tx.commit().await.map_err(Failure::widen)?;
    Ok(workspace)
}

/// All that can be brought back: deleted workspaces, then lost assets.
pub async fn list_recoverable(gate: &Gate) -> Result<Vec<Recoverable>, Failure<RecoverRefusal>> {
    let reader = gate.database().reader();
    let workspaces = workspaces::list_deleted(reader).await?.into_iter().map(|(id, name, since)| {
        Recoverable { id: id.to_string(), what: format!("workspace \"{name}\""), since }
    });
    let assets = assets::list_lost(gate).await?.into_iter().map(|(id, name, since)| Recoverable {
        id: id.to_string(),
        what: format!("asset \"{name}\""),
        since,
    });
    Ok(workspaces.chain(assets).collect())
}
