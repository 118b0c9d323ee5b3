//! Withdrawing an invitation: the link is dead and the person is what they were before (INV-3).
//!
//! Never takes back what was accepted; that is removing a member.

use super::change::{self, ChangedInvitation};
use super::invitation::{Invitation, InvitationOutcome};
use super::persons::Persons;
use super::putting_back::PuttingBack;
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
    let taken = take_back(&mut tx, vec![(change.invitation, change.member)]).await?.pop();
    let (invitation, member) = taken.ok_or_else(|| Failure::Internal("an invitation got lost".into()))?;
    let committed = tx.commit().await.map_err(Failure::widen)?;
    Ok(ChangedInvitation { invitation, member, committed })
}

/// Takes those back that the table allows it for, in their order.
pub(super) async fn take_back(
    tx: &mut WorkspaceTx,
    open: Vec<(Invitation, Member)>,
) -> Result<Vec<(Invitation, Option<Member>)>, DatabaseError> {
    let now = tx.now();
    let all: Vec<&Invitation> = open.iter().map(|(invitation, _)| invitation).collect();
    let persons = Persons::find(tx, &all).await?;
    let mut putting_back = PuttingBack::begin(tx, &all).await?;
    let (mut taken, mut ended) = (Vec::with_capacity(open.len()), Vec::with_capacity(open.len()));
    for (mut invitation, member) in open {
        let before = change::before(&invitation, &member, now);
        expire::note(tx, &mut invitation, &member);
        invitation.end(InvitationOutcome::Withdrawn, now);
        let member = putting_back.put_back(&invitation, member);
        let withdrawn = events::ended("InvitationWithdrawn", &invitation, member.as_ref(), now);
        tx.announce(withdrawn.with_before(before));
        persons.tell(tx, &invitation);
        ended.push(invitation.clone());
        taken.push((invitation, member));
    }
    store::save_all(tx, &ended).await?;
    putting_back.write(tx).await?;
    Ok(taken)
}

/// A door for the operator's command: the open invitation of somebody who comes in by another way is taken back. What they
/// are once nothing is open: as they were, or nobody.
pub async fn withdraw_open(tx: &mut WorkspaceTx, member: Member) -> Result<Option<Member>, DatabaseError> {
    let open = store::find_open(tx.reader(), tx.workspace(), &[member.id]).await?;
    let Some(invitation) = open.into_iter().next() else { return Ok(Some(member)) };
    let taken = take_back(tx, vec![(invitation, member)]).await?;
    Ok(taken.into_iter().next().and_then(|(_, member)| member))
}
