//! Deleting a workspace (WSP-10): out of everybody's reach with the answer, on every server; purged after a while, and brought
//! back by the operator until then.
//!
//! Never ends sessions one by one: each check asks whether the workspace still stands, and so does each write.

use super::{events, scrub};
use crate::access::{Committed, Failure, Gate, JobRun, Never, WorkspaceProof, WorkspaceTx, answers};
use crate::platform::mail;
use crate::primitives::ids::WorkspaceId;
use crate::primitives::rights::Permission;
use crate::primitives::time::Timestamp;
use crate::{api_keys, assets, billing, invitations, members, notices, roles, workspaces};

/// Persons who are told in one transaction.
const PERSONS_AT_ONCE: usize = 200;

/// How long a deleted workspace can be brought back.
#[derive(Clone, Copy, Debug)]
pub struct Recovery {
    pub days: i64,
}

/// What is over, and until when the operator can bring it back.
#[derive(Clone, Debug)]
pub struct DeletedWorkspace {
    pub workspace: WorkspaceId,
    pub recoverable_until: Timestamp,
    pub committed: Committed,
}

/// The name that was typed isn't the workspace's.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct OtherName;

pub async fn delete_workspace(
    gate: &Gate,
    recovery: Recovery,
    proof: &WorkspaceProof,
    name: &str,
) -> Result<DeletedWorkspace, Failure<OtherName>> {
    let mut tx = gate.by_permission(proof, Permission::ManageWorkspace).await?;
    let workspace = tx.workspace();
    if workspaces::get_name(&tx).await?.as_deref() != Some(name.trim()) {
        return Err(Failure::Refused(OtherName));
    }
    workspaces::mark_deleted(&tx).await?;
    let recoverable_until = tx.now().plus_hours(24 * recovery.days);
    tx.announce(events::workspace_deleted(workspace, recoverable_until));
    let committed = tx.commit().await.map_err(Failure::widen)?;
    // It is over for everybody since the commit; whoever isn't told now, the job tells.
    if let Err(failure) = tell_members(gate, workspace).await {
        tracing::warn!(%workspace, ?failure, "not every member has been told yet that the workspace is deleted");
    }
    Ok(DeletedWorkspace { workspace, recoverable_until, committed })
}

/// Tells each person, on their own stream, that the workspace is gone from their memberships, or from their invitations.
async fn tell_members(gate: &Gate, workspace: WorkspaceId) -> Result<(), Failure<Never>> {
    loop {
        let mut tx = gate.by_job(workspace).await?;
        let Some(after) = workspaces::find_untold(&tx).await? else { return Ok(()) };
        let listed = members::list_persons(&tx, after, PERSONS_AT_ONCE).await?;
        let Some(last) = listed.last else { return Ok(()) };
        workspaces::mark_told(&tx, last, !listed.more).await?;
        for (member, account) in listed.persons {
            events::tell_workspace(&mut tx, "MembershipWorkspaceDeleted", member, account);
        }
        invitations::tell_gone(&mut tx, &listed.invited).await?;
        tx.commit().await?;
    }
}

/// The job: tells whom nobody has told, and purges what nobody brought back in time.
pub async fn finish_workspaces(gate: &Gate, recovery: Recovery) -> Result<(), Failure<Never>> {
    let reader = gate.database().reader();
    let mut run = JobRun::new("the end of a workspace is not finished yet");
    for workspace in workspaces::list_untold(reader).await? {
        run.note(workspace, tell_members(gate, workspace).await);
    }
    let before = gate.clock().now().plus_hours(-24 * recovery.days);
    for workspace in workspaces::list_deleted_before(reader, before).await? {
        run.note(workspace, purge(gate, workspace, before).await);
    }
    run.end(())
}

/// All of it goes in one transaction: nobody waits for the lock of a workspace that is gone.
async fn purge(gate: &Gate, workspace: WorkspaceId, before: Timestamp) -> Result<(), Failure<Never>> {
    let mut tx = gate.by_job(workspace).await?;
    // Brought back, or purged by another server, meanwhile.
    if workspaces::find_deletion(&tx).await?.is_none_or(|at| at > before) {
        return Ok(());
    }
    purge_rows(&tx).await?;
    tx.announce(events::about_workspace("WorkspacePurged", workspace));
    tx.commit().await?;
    scrub::try_now(gate).await;
    Ok(())
}

/// Each room gives up what it has; whoever's rows others point to goes last. What persons took with them stays theirs.
async fn purge_rows(tx: &WorkspaceTx) -> Result<(), Failure<Never>> {
    mail::forget_workspace(tx.writer(), tx.workspace()).await?;
    answers::forget_in_workspace(tx).await?;
    invitations::delete_all(tx).await?;
    api_keys::delete_all(tx).await?;
    assets::delete_all(tx).await?;
    members::delete_all(tx).await?;
    billing::delete_all(tx).await?;
    roles::delete_all(tx).await?;
    notices::delete_all(tx).await?;
    workspaces::purge(tx).await?;
    Ok(())
}
