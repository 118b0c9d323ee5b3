//! Expiry: true at its time without anybody's doing; here it is put on record (INV-2).
//!
//! Never decides whether an invitation has expired; its expiry and the time do.

use super::events;
use super::invitation::{Invitation, InvitationStatus};
use super::store;
use crate::access::{Failure, Gate, Never, WorkspaceTx};
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
    loop {
        let mut due = store::list_expired(gate.database().reader(), gate.clock().now(), BATCH).await?;
        due.sort_unstable();
        let mut announced = 0;
        for batch in due.chunk_by(|(one, _), (other, _)| one == other) {
            announced += announce(gate, batch[0].0, batch.iter().map(|(_, id)| *id)).await?;
        }
        // What another transaction announced meanwhile is found no more.
        if announced == 0 {
            return Ok(());
        }
    }
}

async fn announce(
    gate: &Gate,
    workspace: WorkspaceId,
    due: impl Iterator<Item = InvitationId>,
) -> Result<usize, Failure<Never>> {
    let mut tx = gate.by_job(workspace).await?;
    let mut announced = 0;
    for id in due {
        let Some(mut invitation) = store::find(tx.reader(), workspace, id).await? else { continue };
        let Some(member) = members::find(tx.reader(), workspace, invitation.member).await? else { continue };
        if note(&mut tx, &mut invitation, &member) {
            store::save(&tx, &invitation).await?;
            super::answer::tell_person(&mut tx, &invitation).await?;
            announced += 1;
        }
    }
    tx.commit().await?;
    Ok(announced)
}
