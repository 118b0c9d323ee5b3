//! Ending sessions of one's own (SES-3).
//!
//! Never ends a session of another person: an id that isn't one's own is unknown.

use super::events::{AccountSessionEnded, Ended, MemberSessionEnded};
use super::finish;
use super::store;
use crate::access::{AccountProof, AccountTx, Committed, Failure, Gate, Never, WorkspaceTx};
use crate::primitives::actor::EndCause;
use crate::primitives::ids::{AccountSessionId, WorkspaceSessionId};

/// A session of either kind.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SessionId {
    Account(AccountSessionId),
    Workspace(WorkspaceSessionId),
}

const UNKNOWN: Failure<Never> = Failure::NotFound { field: "input.sessionId" };

/// Ends one session of one's own; the one that asks is allowed. A workspace session ends in one workspace's stream; an
/// account session in as many as it had entered.
pub async fn end_session(
    gate: &Gate,
    proof: &AccountProof,
    id: SessionId,
) -> Result<Option<Committed>, Failure<Never>> {
    match id {
        SessionId::Account(id) => {
            let (tx, _) = gate.own_account(proof).await?;
            let own = store::list_open_account_sessions(tx.reader(), tx.account(), tx.now()).await?;
            if !own.contains(&id) {
                return Err(UNKNOWN);
            }
            end_account_sessions(gate, tx, vec![id], EndCause::Ended).await?;
            Ok(None)
        }
        SessionId::Workspace(id) => {
            let workspace = store::find_own_workspace(gate.database().reader(), proof.account, id).await?;
            let (tx, _) = gate.by_account(proof, workspace.ok_or(UNKNOWN)?).await?;
            end_workspace_session(tx, id, EndCause::Ended).await.map(Some)
        }
    }
}

/// Ends every account session of one's own but the one that asks, and what hangs on them. Says how many.
pub async fn end_other_sessions(gate: &Gate, proof: &AccountProof) -> Result<usize, Failure<Never>> {
    let (tx, fresh) = gate.own_account(proof).await?;
    let mut others = store::list_open_account_sessions(tx.reader(), tx.account(), tx.now()).await?;
    others.retain(|id| *id != fresh.session);
    let count = others.len();
    if count > 0 {
        end_account_sessions(gate, tx, others, EndCause::Ended).await?;
    }
    Ok(count)
}

/// Refused from this commit on; answered once each workspace's log tells of it (delivery.md, "The journal").
pub(super) async fn end_account_sessions(
    gate: &Gate,
    mut tx: AccountTx,
    sessions: Vec<AccountSessionId>,
    cause: EndCause,
) -> Result<(), Failure<Never>> {
    let account = tx.account();
    store::end_account_sessions(tx.writer(), &sessions, cause, tx.now()).await?;
    for session in &sessions {
        tx.announce(AccountSessionEnded { account_session: *session, account, cause }.into_event());
    }
    tx.commit().await?;
    finish::finish(gate, sessions).await
}

pub(super) async fn end_workspace_session(
    mut tx: WorkspaceTx,
    id: WorkspaceSessionId,
    cause: EndCause,
) -> Result<Committed, Failure<Never>> {
    let ended = store::end_workspace_session(&tx, id, cause).await?;
    let member = ended.ok_or(UNKNOWN)?;
    tx.announce(MemberSessionEnded { ended: Ended::Session(id), member, cause }.into_event());
    tx.commit().await
}
