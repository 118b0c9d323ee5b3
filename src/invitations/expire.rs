//! Expiry: true at its time without anybody's doing; here it is put on record (INV-2).
//!
//! Never decides whether an invitation has expired; its expiry and the time do.

use super::events;
use super::invitation::{Invitation, InvitationStatus};
use super::persons::tell_person;
use super::store;
use crate::access::{Failure, Gate, JobRun, Never, WorkspaceTx};
use crate::members::{self, Member};
use crate::primitives::ids::{InvitationId, WorkspaceId};

/// Invitations that a job looks for at once.
const BATCH: u64 = 100;

/// Announces an expiry that nobody has announced yet, before whatever else the transaction announces. The caller
/// saves the invitation.
pub(super) fn note(tx: &mut WorkspaceTx, invitation: &mut Invitation, member: &Member) -> bool {
    let now = tx.now();
    let unnoticed = invitation.status(now) == InvitationStatus::Expired && !invitation.expiry_announced;
    if unnoticed {
        invitation.expiry_announced = true;
        invitation.revision += 1;
        tx.announce(events::expired(invitation, member, now));
    }
    unnoticed
}

/// The job: announces every expiry that no other transaction has announced. Running twice changes nothing more.
pub async fn expire_due(gate: &Gate) -> Result<(), Failure<Never>> {
    let (now, mut after) = (gate.clock().now(), None);
    let mut run = JobRun::new("expired invitations could not be announced");
    loop {
        let mut due = store::list_expired(gate.database().reader(), now, after, BATCH).await?;
        let Some((_, id, expires_at)) = due.last() else { return run.end(()) };
        after = Some((*expires_at, *id));
        due.sort_unstable_by_key(|(workspace, id, _)| (*workspace, *id));
        for batch in due.chunk_by(|(one, ..), (other, ..)| one == other) {
            let workspace = batch[0].0;
            run.note(workspace, announce(gate, workspace, batch.iter().map(|(_, id, _)| *id)).await);
        }
    }
}

async fn announce(
    gate: &Gate,
    workspace: WorkspaceId,
    due: impl Iterator<Item = InvitationId>,
) -> Result<(), Failure<Never>> {
    let Some(mut tx) = gate.find_by_job(workspace).await? else { return Ok(()) };
    for id in due {
        let Some(mut invitation) = store::find(tx.reader(), workspace, id).await? else { continue };
        let Some(member) = members::find(tx.reader(), workspace, invitation.member).await? else { continue };
        // What another transaction announced meanwhile is not announced again.
        if note(&mut tx, &mut invitation, &member) {
            store::save(&tx, &invitation).await?;
            tell_person(&mut tx, &invitation).await?;
        }
    }
    tx.commit().await?;
    Ok(())
}
