//! Blocking: the person is out on every server when the answer arrives (BLK-1, BLK-2, REV-1).
//!
//! Never touches what lies under the block: role, assignments and data stay as they are.

use super::act::{self, MemberRefusal};
use super::events;
use super::lifecycle::{Operation, Request};
use super::member::{Block, Member, ReasonCategory};
use super::{notes, seats, store};
use crate::access::{Committed, Failure, Gate, WorkspaceProof};
use crate::primitives::actor::EndCause;
use crate::primitives::ids::MemberId;
use crate::primitives::rights::Permission;

/// Who is to be blocked, and why.
#[derive(Clone, Debug)]
pub struct BlockMember {
    pub member: MemberId,
    pub category: Option<ReasonCategory>,
    pub note: Option<String>,
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
) -> Result<Changed, Failure<MemberRefusal>> {
    let wish = Request::Plain(Operation::Block);
    let act::Act { mut tx, mut member, was, .. } =
        act::open(gate, proof, Permission::BlockMembers, request.member, wish).await?;
    act::keep_an_admin(&tx, &member).await?;
    seats::give_up(&mut tx, &member).await?;
    notes::add(&tx, member.id, Operation::Block, request.note.as_deref()).await?;
    member.block =
        Some(Block { at: tx.now(), by: tx.actor(), category: request.category, note: request.note });
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
