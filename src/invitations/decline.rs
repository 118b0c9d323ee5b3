//! Declining: the person is what they were before, and the admins see it (INV-9).
//!
//! Never needs an account: whoever holds the link may say no.

use super::answer::{self, Answer};
use super::invitation::{Invitation, InvitationOutcome};
use super::persons::tell_person;
use super::putting_back::put_back;
use super::refusal::AnswerRefusal;
use super::{change, events, store};
use crate::access::{AccountProof, Committed, Failure, Gate};
use crate::members::lifecycle::Operation;
use crate::primitives::actor::Actor;
use crate::primitives::ids::InvitationId;
use crate::primitives::secret::Secret;

/// A declined invitation.
#[derive(Clone, Debug)]
pub struct Declined {
    pub invitation: Invitation,
    pub committed: Committed,
}

pub async fn decline_by_link(gate: &Gate, secret: &Secret) -> Result<Declined, Failure<AnswerRefusal>> {
    let link = answer::find_link(gate, secret).await?;
    let mut answer = answer::open_by_link(gate, link, Operation::Decline).await?;
    // There may be no account: it is the invited membership that speaks.
    answer.tx.act_as(Actor::Member(answer.member.id));
    decline(answer).await
}

pub async fn decline_by_account(
    gate: &Gate,
    proof: &AccountProof,
    id: InvitationId,
) -> Result<Declined, Failure<AnswerRefusal>> {
    let (answer, _) = answer::open_by_account(gate, proof, id, Operation::Decline).await?;
    decline(answer).await
}

async fn decline(answer: Answer) -> Result<Declined, Failure<AnswerRefusal>> {
    let Answer { mut tx, mut invitation, member } = answer;
    let now = tx.now();
    let before = change::before(&invitation, &member, now);
    invitation.end(InvitationOutcome::Declined, now);
    store::save(&tx, &invitation).await?;
    let member = put_back(&tx, &invitation, member).await?;
    let ended = events::ended("InvitationDeclined", &invitation, member.as_ref(), now);
    tx.announce(ended.with_before(before));
    tell_person(&mut tx, &invitation).await?;
    let committed = tx.commit().await.map_err(Failure::widen)?;
    Ok(Declined { invitation, committed })
}
