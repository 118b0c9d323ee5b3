//! Deleting one's account (SES-7): decided in every workspace before anything ends, then over at once on every server, then
//! taken out of each workspace by a job.
//!
//! Never leaves a workspace without an admin: of this and a demotion of the other admin at the same moment, one is refused.

use super::scrub;
use crate::access::{AccountProof, Failure, Gate, JobRun, Never};
use crate::accounts::{self, DeleteAccount, EndingAccount, Entrance, WrongPassword};
use crate::assets;
use crate::members;
use crate::primitives::ids::{AccountId, WorkspaceId};
use crate::sessions;
use crate::workspaces;

/// Accounts that the job takes up at once.
const BATCH: u64 = 100;
/// What was asked for and neither begun nor given up for so long, a crash has left.
const ASKED_SECONDS: i64 = 60;

/// Why an account isn't deleted.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum DeleteAccountRefusal {
    WrongPassword,
    /// WSP-6: these workspaces would be left without an admin.
    LastAdminOf(Vec<(WorkspaceId, String)>),
}

pub async fn delete_account(
    gate: &Gate,
    entrance: &Entrance,
    proof: &AccountProof,
    request: DeleteAccount,
) -> Result<AccountId, Failure<DeleteAccountRefusal>> {
    let wrong = |failure: Failure<WrongPassword>| failure.map(|_| DeleteAccountRefusal::WrongPassword);
    let owner = accounts::prove_owner(gate, entrance, proof, request).await.map_err(wrong)?;
    let alone = members::list_administered_alone(gate, proof.account).await.map_err(Failure::widen)?;
    if !alone.is_empty() {
        return Err(Failure::Refused(DeleteAccountRefusal::LastAdminOf(alone)));
    }
    let account = accounts::ask_end(gate, proof, &owner).await.map_err(wrong)?;
    match conclude(gate, account).await {
        Ok(()) => Ok(account),
        // It was asked for, and the job goes on with that: "nothing was changed" would be wrong a minute later.
        Err(Failure::Unavailable) => Err(Failure::OutcomeUnknown),
        Err(failure) => Err(failure),
    }
}

/// Begins the end that was asked for, or gives it up.
async fn conclude(gate: &Gate, account: AccountId) -> Result<(), Failure<DeleteAccountRefusal>> {
    let alone = members::confirm_administered_alone(gate, account).await.map_err(Failure::widen)?;
    if alone.is_empty() {
        return sessions::end_account(gate, account).await.map_err(Failure::widen);
    }
    accounts::give_up_end(gate, account).await.map_err(Failure::widen)?;
    Err(Failure::Refused(DeleteAccountRefusal::LastAdminOf(alone)))
}

/// The job: takes ended accounts out of every workspace, and takes up what a crash left. Doing it twice changes nothing
/// more.
pub async fn finish_accounts(gate: &Gate) -> Result<(), Failure<Never>> {
    let mut run = JobRun::new("the end of an account is not finished yet");
    let mut after = None;
    loop {
        let ending = accounts::list_ending(gate.database().reader(), after, BATCH).await?;
        let Some(last) = ending.last() else { return run.end(()) };
        after = Some(last.id);
        for account in ending {
            run.note(account.id, go_on(gate, account).await);
        }
    }
}

async fn go_on(gate: &Gate, account: EndingAccount) -> Result<(), Failure<Never>> {
    if account.begun {
        return finish(gate, account.id).await;
    }
    if account.since.plus_seconds(ASKED_SECONDS) > gate.clock().now() {
        return Ok(());
    }
    match conclude(gate, account.id).await {
        Ok(()) | Err(Failure::Refused(_)) => Ok(()),
        Err(failure) => Err(failure.map_internal("refused")),
    }
}

async fn finish(gate: &Gate, account: AccountId) -> Result<(), Failure<Never>> {
    for workspace in members::list_workspaces_of(gate, account).await? {
        members::end_membership(gate, workspace, account).await?;
    }
    for workspace in assets::list_keeping_workspaces(gate, account).await? {
        forget_kept(gate, workspace, account).await?;
    }
    // Where somebody was just accepting, or not every workspace has been told, the next round goes on.
    if accounts::finish_end(gate, account).await? {
        scrub::try_now(gate).await;
    }
    Ok(())
}

/// What went with the person is theirs, and goes with the account; those who still worked on it are told.
async fn forget_kept(gate: &Gate, workspace: WorkspaceId, account: AccountId) -> Result<(), Failure<Never>> {
    let mut tx = gate.by_job(workspace).await?;
    let kept = assets::list_kept_here(&tx, account).await?;
    members::unassign(&mut tx, &kept, &[]).await?;
    assets::purge(&mut tx, &kept).await?;
    if !kept.is_empty() {
        workspaces::delete_purged(&tx).await?;
        tx.commit().await?;
    }
    Ok(())
}
