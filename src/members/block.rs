//! Blocking: the person is out on every server when the answer arrives (BLK-1, BLK-2, REV-1).
//!
//! Never touches what lies under the block: role, assignments and data stay as they are.

use super::act::{self, MemberRefusal};
use super::events;
use super::lifecycle::{Operation, Request};
use super::member::{Block, Member, Reason, ReasonCategory};
use super::round::Round;
use super::set_review::{ReviewRefusal, is_ahead};
use crate::access::{Committed, Failure, Gate, WorkspaceProof};
use crate::primitives::actor::EndCause;
use crate::primitives::ids::MemberId;
use crate::primitives::rights::Permission;
use crate::primitives::time::Timestamp;

/// Who is to be blocked, and why.
#[derive(Clone, Debug)]
pub struct BlockMember {
    pub member: MemberId,
    pub category: Option<ReasonCategory>,
    pub note: Option<String>,
    /// When the block is to be looked at again (BLK-11).
    pub review_at: Option<Timestamp>,
}

/// The member after the change, and the place in the stream.
#[derive(Clone, Debug)]
pub struct Changed {
    pub member: Member,
    pub committed: Committed,
}

pub async fn block(
    gate: &Gate,
    proof: &WorkspaceProof,
    request: BlockMember,
) -> Result<Changed, Failure<ReviewRefusal>> {
    let wish = Request::Plain(Operation::Block);
    let of_member = |failure: Failure<_>| failure.map(ReviewRefusal::Member);
    let opened = act::open(gate, proof, Permission::BlockMembers, request.member, wish).await;
    let (mut round, mut member) = Round::of(opened.map_err(of_member)?);
    if !is_ahead(request.review_at, round.tx.now()) {
        return Err(Failure::Refused(ReviewRefusal::NotAhead));
    }
    let reason = Reason { category: request.category, note: request.note };
    lay(&mut round, &mut member, &reason, request.review_at).await.map_err(of_member)?;
    Ok(Changed { member, committed: round.commit().await? })
}

/// Lays a block on a member whom the table allows it for.
pub(super) async fn lay(
    round: &mut Round,
    member: &mut Member,
    reason: &Reason,
    review_at: Option<Timestamp>,
) -> Result<(), Failure<MemberRefusal>> {
    round.keep_an_admin(member).await?;
    round.give_up_seat(member).await?;
    round.note(member.id, Operation::Block, reason.note.as_deref());
    let (now, by, Reason { category, note }) = (round.tx.now(), round.tx.actor(), reason.clone());
    let was = member.status(now);
    member.block = Some(Block { at: now, by, category, note, review_at, review_told: false });
    // One row, however many sessions: every one of a lower generation is over.
    member.generation += 1;
    round.save(member, Some(EndCause::Blocked));
    let blocked = events::member_blocked(member, category, now);
    round.tx.announce(events::coming_from(Some(was), blocked));
    events::tell_person(&mut round.tx, "MembershipBlocked", member);
    Ok(())
}
