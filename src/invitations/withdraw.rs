//! Withdrawing an invitation: the link is dead and the person is what they were before (INV-3).
//!
//! Never takes back what was accepted; that is removing a member.

use super::answer::{put_back, tell_person};
use super::change::{self, ChangedInvitation};
use super::invitation::{Invitation, InvitationOutcome};
use super::refusal::InvitationRefusal;
use super::{events, expire, store};
use crate::access::{Failure, Gate, WorkspaceProof, WorkspaceTx};
use crate::members::Member;
use crate::members::lifecycle::Operation;
use crate::platform::database::DatabaseError;
use crate::primitives::ids::InvitationId;

pub async fn withdraw(
    gate: &Gate,
    proof: &WorkspaceProof,
    id: InvitationId,
) -> Result<ChangedInvitation, Failure<InvitationRefusal>> {
    let change = change::open(gate, proof, id, Operation::Withdraw).await?;
    let mut tx = change.tx;
    let (invitation, member) = take_back(&mut tx, change.invitation, change.member).await?;
    let committed = tx.commit().await.map_err(Failure::widen)?;
    Ok(ChangedInvitation { invitation, member, committed })
}

/// Takes one back that the table allows it for.
pub(super) async fn take_back(
    tx: &mut WorkspaceTx,
    mut invitation: Invitation,
    member: Member,
) -> Result<(Invitation, Option<Member>), DatabaseError> {
    let now = tx.now();
    let before = change::before(&invitation, &member, now);
    expire::note(tx, &mut invitation, &member);
    invitation.end(InvitationOutcome::Withdrawn, now);
    store::save(tx, &invitation).await?;
    let member = put_back(tx, &invitation, member).await?;
    let ended = events::ended("InvitationWithdrawn", &invitation, member.as_ref(), now);
    tx.announce(ended.with_before(before));
    tell_person(tx, &invitation).await?;
    Ok((invitation, member))
}
