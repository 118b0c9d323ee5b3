//! Withdrawing an invitation: the link is dead and the person is what they were before (INV-3).
//!
//! Never takes back what was accepted; that is removing a member.

use super::answer::{put_back, tell_person};
use super::change::{self, ChangedInvitation};
use super::invitation::InvitationOutcome;
use super::refusal::InvitationRefusal;
use super::{events, expire, store};
use crate::access::{Failure, Gate, WorkspaceProof};
use crate::members::lifecycle::Operation;
use crate::primitives::ids::InvitationId;

pub async fn withdraw(
    gate: &Gate,
    proof: &WorkspaceProof,
    id: InvitationId,
) -> Result<ChangedInvitation, Failure<InvitationRefusal>> {
    let change = change::open(gate, proof, id, Operation::Withdraw).await?;
    let (mut tx, mut invitation, member) = (change.tx, change.invitation, change.member);
    let before = change.before;
    expire::note(&mut tx, &mut invitation, &member);
    let now = tx.now();
    invitation.end(InvitationOutcome::Withdrawn, now);
    store::save(&tx, &invitation).await?;
    let member = put_back(&tx, &invitation, member).await?;
    let ended = events::ended("InvitationWithdrawn", &invitation, member.as_ref(), now);
    tx.announce(ended.with_before(before));
    tell_person(&mut tx, &invitation).await?;
    let committed = tx.commit().await.map_err(Failure::widen)?;
    Ok(ChangedInvitation { invitation, member, committed })
}
