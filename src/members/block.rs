//! Blocking: the person is out on every server when the answer arrives (BLK-1, BLK-2, REV-1).
//!
//! Never touches what lies under the block: role, assignments and data stay as they are.

use super::act;
use super::events;
use super::lifecycle::{Operation, Request};
use super::member::{Block, Member, ReasonCategory};
use super::set_review::{ReviewRefusal, is_ahead};
use super::{notes, seats, store};
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
    let act::Act { mut tx, mut member, was, .. } = opened.map_err(of_member)?;
    act::keep_an_admin(&tx, &member).await.map_err(of_member)?;
    if !is_ahead(request.review_at, tx.now()) {
        return Err(Failure::Refused(ReviewRefusal::NotAhead));
    }
    seats::give_up(&mut tx, &member).await?;
    notes::add(&tx, member.id, Operation::Block, request.note.as_deref()).await?;
    member.block = Some(Block {
        at: tx.now(),
        by: tx.actor(),
        category: request.category,
        note: request.note,
        review_at: request.review_at,
        review_told: false,
    });
    // One row, however many sessions: every one of a lower generation is over.
    member.generation += 1;
    store::save(&tx, &mut member, Some(EndCause::Blocked)).await?;
    let now = tx.now();
    let blocked = events::member_blocked(&member, request.category, now);
    tx.announce(events::coming_from(Some(was), blocked));
    events::tell_person(&mut tx, "MembershipBlocked", &member);
    let committed = tx.commit().await.map_err(Failure::widen)?;
    Ok(Changed { member, committed })
}
