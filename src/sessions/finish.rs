//! What is left to do once an account session has ended: each workspace that it had sessions in tells of it in its own
//! log, so that nothing stands after it there but what was let in before (REV-4).
//!
//! Never decides that a session ends: its requests are refused since its own commit. Doing this twice, or on two
//! servers at once, changes nothing more.

use super::events::{Ended, SessionEnded};
use super::store::{self, Liveness};
use crate::access::{Failure, Gate, Never};
use crate::primitives::actor::{Actor, EndCause};
use crate::primitives::ids::{AccountSessionId, WorkspaceId};

/// How many ended sessions the job takes up at once.
const BATCH: u64 = 100;

/// Tells every workspace, even when the caller has gone away meanwhile.
pub(super) async fn finish(gate: &Gate, sessions: Vec<AccountSessionId>) -> Result<(), Failure<Never>> {
    let gate = gate.clone();
    let telling = tokio::spawn(async move { tell_all(&gate, &sessions).await });
    match telling.await {
        Ok(Ok(_)) => Ok(()),
        // The sessions have ended, but not every log says so yet; the job goes on. "Nothing was changed" would be wrong.
        Ok(Err(failure)) => {
            tracing::warn!(?failure, "sessions ended, but not every workspace could be told");
            Err(Failure::OutcomeUnknown)
        }
        Err(error) => Err(Failure::Internal(format!("ending sessions broke off: {error}"))),
    }
}

/// The job: takes up what a crash left. Says how many account sessions it finished. One where that fails holds none of
/// the others up; the first failure is the answer.
pub async fn finish_ended_sessions(gate: &Gate) -> Result<usize, Failure<Never>> {
    let (mut after, mut finished) = (None, Ok(0));
    loop {
        let unfinished = store::list_unfinished(gate.database().reader(), after, BATCH).await?;
        let Some(last) = unfinished.last() else { return finished };
        after = Some(*last);
        let told = tell_all(gate, &unfinished).await;
        finished = finished.and_then(|before: usize| told.map(|now| before + now));
    }
}

/// All are tried; the first failure is the answer.
async fn tell_all(gate: &Gate, sessions: &[AccountSessionId]) -> Result<usize, Failure<Never>> {
    let mut told = Ok(0);
    for session in sessions {
        match tell_workspaces(gate, *session).await {
            Ok(()) => told = told.map(|before| before + 1),
            Err(failure) => {
                tracing::warn!(%session, ?failure, "not every workspace could be told of a session's end");
                told = told.and(Err(failure));
            }
        }
    }
    told
}

async fn tell_workspaces(gate: &Gate, session: AccountSessionId) -> Result<(), Failure<Never>> {
    let reader = gate.database().reader();
    let liveness = Liveness::at(gate.clock().now(), gate.checker().ages());
    let Some(cause) = store::find_end(reader, session, liveness).await? else { return Ok(()) };
    let mut told = Ok(());
    for workspace in store::list_open_workspaces(reader, session, liveness.now).await? {
        told = told.and(tell(gate, workspace, session, cause).await);
    }
    told?;
    store::mark_finished(gate.database(), session).await?;
    Ok(())
}

async fn tell(
    gate: &Gate,
    workspace: WorkspaceId,
    session: AccountSessionId,
    cause: EndCause,
) -> Result<(), Failure<Never>> {
    let mut tx = match gate.by_job(workspace).await {
        // The workspace is gone, and its sessions with it.
        Err(Failure::Unauthenticated(_)) => return Ok(()),
        opened => opened?,
    };
    let Some(member) = store::end_under(&tx, session, cause).await? else { return Ok(()) };
    tx.act_as(Actor::Member(member));
    tx.announce(SessionEnded { ended: Ended::AccountSession(session), member, cause }.into_event());
    tx.commit().await?;
    Ok(())
}
