//! Deactivating: the person rests, out on every server when the answer arrives, and comes back through ordinary ways
//! (DEA-1, REV-1).
//!
//! Never touches role, assignments or what the person owns and shares: all of it waits for them (DEA-3).

use super::act::{self, MemberRefusal};
use super::block::Changed;
use super::events;
use super::lifecycle::{Operation, Request};
use super::member::{Departure, MemberState, ReasonCategory};
use super::{notes, seats, store};
use crate::access::{Failure, Gate, WorkspaceProof};
use crate::primitives::actor::EndCause;
use crate::primitives::ids::MemberId;
use crate::primitives::rights::Permission;

/// Who is to rest, and why.
#[derive(Clone, Debug)]
pub struct DeactivateMember {
    pub member: MemberId,
    pub category: Option<ReasonCategory>,
    pub note: Option<String>,
}

pub async fn deactivate(
    gate: &Gate,
    proof: &WorkspaceProof,
    request: DeactivateMember,
) -> Result<Changed, Failure<MemberRefusal>> {
    let wish = Request::Plain(Operation::Deactivate);
    let act::Act { mut tx, mut member, was, .. } =
        act::open(gate, proof, Permission::DeactivateMembers, request.member, wish).await?;
    act::keep_an_admin(&tx, &member).await?;
    seats::give_up(&mut tx, &member).await?;
    notes::add(&tx, member.id, Operation::Deactivate, request.note.as_deref()).await?;
    let now = tx.now();
    member.state = MemberState::Deactivated;
    member.departure =
        Some(Departure { at: now, by: tx.actor(), category: request.category, note: request.note });
    member.generation += 1;
    store::save(&tx, &mut member, Some(EndCause::Deactivated)).await?;
    let deactivated = events::member_deactivated(&member, request.category, now);
    tx.announce(events::coming_from(Some(was), deactivated));
    events::tell_person(&mut tx, "MembershipDeactivated", &member);
    let committed = tx.commit().await.map_err(Failure::widen)?;
    Ok(Changed { member, committed })
}
