//! What every answer of the invited person does first: find the invitation by link or by verified address, under the
//! workspace's lock, and ask the lifecycle table.
//!
//! Never tells anybody but the holder of a link or of the address that there is an invitation at all (WSP-8).

use super::invitation::Invitation;
use super::refusal::AnswerRefusal;
use super::store::{self, Link};
use crate::access::{AccountProof, Failure, Gate, WorkspaceTx};
use crate::accounts::{self, Account};
use crate::members::lifecycle::{Asker, Asking, Operation, decide};
use crate::members::{self, Member};
use crate::policy;
use crate::primitives::actor::Origin;
use crate::primitives::ids::{InvitationId, WorkspaceId};
use crate::primitives::secret::Secret;

/// An answer that the table allows and that is not yet given.
pub(super) struct Answer {
    pub tx: WorkspaceTx,
    pub invitation: Invitation,
    pub member: Member,
}

/// Looks a link up, before any lock is taken.
pub(super) async fn find_link(gate: &Gate, secret: &Secret) -> Result<Link, Failure<AnswerRefusal>> {
    let found = store::find_link(gate.database().reader(), secret.hash()).await?;
    found.ok_or(Failure::Refused(AnswerRefusal::LinkInvalid))
}

/// Opens an answer by a link.
pub(super) async fn open_by_link(
    gate: &Gate,
    link: Link,
    operation: Operation,
) -> Result<Answer, Failure<AnswerRefusal>> {
    let tx = gate.by_link(link.workspace).await?;
    let found = store::find_answerable(tx.reader(), link.workspace, link.invitation).await?;
    let invitation = found.ok_or(Failure::Refused(AnswerRefusal::LinkInvalid))?;
    // What it came to is told before that the link was not the newest.
    if invitation.is_open() && link.sending != invitation.sending {
        return Err(Failure::Refused(AnswerRefusal::Superseded));
    }
    ask(tx, invitation, operation).await
}

/// Opens an answer by an account session whose verified address is the invited one (INV-6).
pub(super) async fn open_by_account(
    gate: &Gate,
    proof: &AccountProof,
    id: InvitationId,
    operation: Operation,
) -> Result<(Answer, Account), Failure<AnswerRefusal>> {
    let unknown = || Failure::NotFound { field: "input.invitationId" };
    // Before anything is looked up, or the answer would tell that there is an invitation (WSP-8).
    if !proof.email_verified {
        return Err(Failure::Refused(AnswerRefusal::EmailNotVerified));
    }
    let db = gate.database().reader();
    let account = accounts::find(db, proof.account).await?.ok_or(Failure::Unauthenticated(None))?;
    // And before its workspace's lock is taken, which is not for strangers to wait in.
    let workspace: Option<WorkspaceId> = store::find_workspace_of(db, id, &account.email_key).await?;
    let (tx, fresh) = gate.by_account(proof, workspace.ok_or_else(unknown)?).await?;
    if !fresh.email_verified {
        return Err(Failure::Refused(AnswerRefusal::EmailNotVerified));
    }
    // What the membership copies of the account is not changed until the answer is given.
    tx.hold_person(fresh.account).await?;
    let account = accounts::find(tx.reader(), fresh.account).await?.ok_or(Failure::Unauthenticated(None))?;
    let invitation = store::find_answerable(tx.reader(), tx.workspace(), id).await?.ok_or_else(unknown)?;
    if invitation.email_key != account.email_key {
        return Err(unknown());
    }
    Ok((ask(tx, invitation, operation).await?, account))
}

async fn ask(
    tx: WorkspaceTx,
    invitation: Invitation,
    operation: Operation,
) -> Result<Answer, Failure<AnswerRefusal>> {
    if let Some((outcome, _)) = invitation.ended {
        return Err(Failure::Refused(AnswerRefusal::Ended(outcome)));
    }
    let (db, workspace, now) = (tx.reader(), tx.workspace(), tx.now());
    let found = members::find(db, workspace, invitation.member).await?;
    let member = found.ok_or_else(|| Failure::Internal(format!("{} has no member", invitation.id)))?;
    let policy = policy::load(db, workspace).await?;
    let asking = Asking::new(Asker::Invited, Origin::StandardFlow);
    let blocked_at = member.block.as_ref().map(|block| block.at);
    decide(operation, &member.standing(now, false), asking, &policy.lifecycle(), now)
        .map_err(|refusal| Failure::Refused(AnswerRefusal::Lifecycle { refusal, blocked_at }))?;
    Ok(Answer { tx, invitation, member })
}
