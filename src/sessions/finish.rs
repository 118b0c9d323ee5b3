//! What is left to do once an account session has ended: each workspace that it had sessions in tells of it in its own
//! log, so that nothing stands after it there but what was let in before (REV-4).
//!
//! Never decides that a session ends: its requests are refused since its own commit. Doing this twice, or on two
//! servers at once, changes nothing more.

use super::events::{Ended, MemberSessionEnded};
use super::store::{self, Liveness};
use crate::access::{Failure, Gate, JobRun, Never};
use crate::accounts;
use crate::primitives::actor::{Actor, EndCause};
use crate::primitives::ids::{AccountId, AccountSessionId, WorkspaceId};

/// How many ended sessions, or accounts, the job takes up at once.
const BATCH: u64 = 100;
const UNTOLD: &str = "not every workspace could be told of a session's end";

/// Tells every workspace, even when the caller has gone away meanwhile.
pub(super) async fn finish(gate: &Gate, sessions: Vec<AccountSessionId>) -> Result<(), Failure<Never>> {
    let gate = gate.clone();
    to_the_end(async move { tell_all(&gate, &sessions).await }).await
}

/// The same for an account whose generation was raised: whatever was made under a lower one has ended.
pub(super) async fn finish_account(gate: &Gate, account: AccountId) -> Result<(), Failure<Never>> {
    let gate = gate.clone();
    to_the_end(async move { tell_account(&gate, account).await }).await
}

async fn to_the_end(
    telling: impl Future<Output = Result<usize, Failure<Never>>> + Send + 'static,
) -> Result<(), Failure<Never>> {
    match tokio::spawn(telling).await {
        Ok(Ok(_)) => Ok(()),
        // The sessions have ended, but not every log says so yet; the job goes on. "Nothing was changed" would be wrong.
        Ok(Err(failure)) => {
            tracing::warn!(?failure, "sessions ended, but not every workspace could be told");
            Err(Failure::OutcomeUnknown)
        }
        Err(error) => Err(Failure::Internal(format!("ending sessions broke off: {error}"))),
    }
}

/// The job: takes up what a crash left. Says how many account sessions it finished.
pub async fn finish_ended_sessions(gate: &Gate) -> Result<usize, Failure<Never>> {
    let mut run = JobRun::new(UNTOLD);
    let mut finished = finish_untold_accounts(gate, &mut run).await?;
    let mut after = None;
    loop {
        let unfinished = store::list_unfinished(gate.database().reader(), after, BATCH).await?;
        let Some(last) = unfinished.last() else { return run.end(finished) };
        after = Some(*last);
        for session in unfinished {
            finished += usize::from(run.note(session, tell_workspaces(gate, session).await).is_some());
        }
    }
}

async fn finish_untold_accounts(gate: &Gate, run: &mut JobRun) -> Result<usize, Failure<Never>> {
    let (mut after, mut finished) = (None, 0);
    loop {
        let untold = accounts::list_untold(gate.database().reader(), after, BATCH).await?;
        let Some(last) = untold.last() else { return Ok(finished) };
        after = Some(*last);
        for account in untold {
            finished += run.note(account, tell_account(gate, account).await).unwrap_or_default();
        }
    }
}

/// Sessions that came into being while the generation was raised are found here: none of them can enter a workspace any
/// more, so none is found later. Says how many have ended.
async fn tell_account(gate: &Gate, account: AccountId) -> Result<usize, Failure<Never>> {
    let reader = gate.database().reader();
    let Some(raised) = accounts::find(reader, account).await? else { return Ok(0) };
    let sessions = store::end_outdated(gate.database(), account, gate.clock().now()).await?;
    let told = tell_all(gate, &sessions).await?;
    accounts::mark_told(gate.database(), account, raised.generation).await?;
    Ok(told)
}

/// All are tried. Says how many were.
async fn tell_all(gate: &Gate, sessions: &[AccountSessionId]) -> Result<usize, Failure<Never>> {
    let mut run = JobRun::new(UNTOLD);
    for session in sessions {
        run.note(session, tell_workspaces(gate, *session).await);
    }
    run.end(sessions.len())
}

async fn tell_workspaces(gate: &Gate, session: AccountSessionId) -> Result<(), Failure<Never>> {
    let reader = gate.database().reader();
    let liveness = Liveness::at(gate.clock().now(), gate.checker().ages());
    let Some(cause) = store::find_end(reader, session, liveness).await? else { return Ok(()) };
    let mut run = JobRun::new("a workspace could not be told of a session's end");
    for workspace in store::list_open_workspaces(reader, session, liveness.now).await? {
        run.note(workspace, tell(gate, workspace, session, cause).await);
    }
    run.end(())?;
    store::mark_finished(gate.database(), session).await?;
    Ok(())
}

async fn tell(
    gate: &Gate,
    workspace: WorkspaceId,
    session: AccountSessionId,
    cause: EndCause,
) -> Result<(), Failure<Never>> {
    let Some(mut tx) = gate.find_by_job(workspace).await? else { return Ok(()) };
    let Some(member) = store::end_under(&tx, session, cause).await? else { return Ok(()) };
    tx.act_as(Actor::Member(member));
    tx.announce(MemberSessionEnded { ended: Ended::AccountSession(session), member, cause }.into_event());
    tx.commit().await?;
    Ok(())
}
