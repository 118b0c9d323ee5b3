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

/// How many ended sessions one run of the job takes up.
const BATCH: u64 = 100;

/// Tells every workspace, even when the caller has gone away meanwhile.
pub(super) async fn finish(gate: &Gate, sessions: Vec<AccountSessionId>) -> Result<(), Failure<Never>> {
    let gate = gate.clone();
    let telling = tokio::spawn(async move {
        for session in sessions {
            tell_workspaces(&gate, session).await?;
        }
        Ok::<(), Failure<Never>>(())
    });
    match telling.await {
        Ok(Ok(())) => Ok(()),
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
    let unfinished = store::list_unfinished(gate.database().reader(), BATCH).await?;
    for session in &unfinished {
        tell_workspaces(gate, *session).await?;
    }
    Ok(unfinished.len())
}

async fn tell_workspaces(gate: &Gate, session: AccountSessionId) -> Result<(), Failure<Never>> {
    let reader = gate.database().reader();
    let liveness = Liveness::at(gate.clock().now(), gate.checker().ages());
    let Some(cause) = store::find_end(reader, session, liveness).await? else { return Ok(()) };
    for workspace in store::list_open_workspaces(reader, session, liveness.now).await? {
        tell(gate, workspace, session, cause).await?;
    }
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
