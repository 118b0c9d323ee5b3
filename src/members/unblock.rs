//! Unblocking: an admin's own hand, and nothing else (BLK-6, BLK-7).
//!
//! Never lowers the generation: sessions that the block ended stay dead.

use super::act::{self, MemberRefusal};
use super::block::Changed;
use super::events;
use super::lifecycle::{Operation, Outcome, Request};
use super::member::{Departure, MemberState, UnblockCategory};
use super::{notes, seats, store};
use crate::access::{Failure, Gate, WorkspaceProof};
use crate::primitives::actor::MemberStatus;
use crate::primitives::ids::MemberId;
use crate::primitives::rights::Permission;

/// Whose block is to be lifted, and why.
#[derive(Clone, Debug)]
pub struct UnblockMember {
    pub member: MemberId,
    pub category: Option<UnblockCategory>,
    pub note: Option<String>,
    /// Lift the block, but let the member rest as deactivated.
    pub into_deactivated: bool,
}

pub async fn unblock(
    gate: &Gate,
    proof: &WorkspaceProof,
    request: UnblockMember,
) -> Result<Changed, Failure<MemberRefusal>> {
    let wish = if request.into_deactivated {
        Request::UnblockIntoDeactivated
    } else {
        Request::Plain(Operation::Unblock)
    };
    let act::Act { mut tx, mut member, outcome, was, .. } =
        act::open(gate, proof, Permission::UnblockMembers, request.member, wish).await?;
    if outcome == Outcome::Becomes(MemberStatus::Deactivated) {
        let rest = Departure { at: tx.now(), by: tx.actor(), category: None, note: None };
        let standing = member.standing(tx.now(), false);
        member.removed_while_blocked = standing.marked_after(outcome);
        member.block = None;
        member.state = MemberState::Deactivated;
        // Where it lay under the block already, it keeps since when and why.
        member.departure.get_or_insert(rest);
    } else {
        let taken = seats::take(&mut tx, &mut member).await;
        taken.map_err(|failure| failure.map(MemberRefusal::from))?;
    }
    store::save(&tx, &mut member, None).await?;
    notes::add(&tx, member.id, Operation::Unblock, request.note.as_deref()).await?;
    let now = tx.now();
    let unblocked = events::member_unblocked(&member, request.category, now);
    tx.announce(events::coming_from(Some(was), unblocked));
    events::tell_person(&mut tx, "MembershipUnblocked", &member);
    let committed = tx.commit().await.map_err(Failure::widen)?;
    Ok(Changed { member, committed })
}
