//! Deactivating: the person rests, out on every server when the answer arrives, and comes back through ordinary ways
//! (DEA-1, REV-1).
//!
//! Never touches role, assignments or what the person owns and shares: all of it waits for them (DEA-3).

use super::act::{self, MemberRefusal};
use super::block::Changed;
use super::events;
use super::lifecycle::{Operation, Request};
use super::member::{Departure, Member, MemberState, Reason, ReasonCategory};
use super::round::Round;
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
    let act = act::open(gate, proof, Permission::DeactivateMembers, request.member, wish).await?;
    let (mut round, mut member) = Round::of(act);
    lay_down(&mut round, &mut member, &Reason { category: request.category, note: request.note }).await?;
    Ok(Changed { member, committed: round.commit().await? })
}

/// Puts a member to rest whom the table allows it for.
pub(super) async fn lay_down(
    round: &mut Round,
    member: &mut Member,
    reason: &Reason,
) -> Result<(), Failure<MemberRefusal>> {
    round.keep_an_admin(member).await?;
    round.give_up_seat(member).await?;
    round.note(member.id, Operation::Deactivate, reason.note.as_deref());
    let now = round.tx.now();
    let was = member.status(now);
    member.state = MemberState::Deactivated;
    member.departure = Some(Departure::new(&round.tx, reason));
    member.generation += 1;
    round.save(member, Some(EndCause::Deactivated));
    let deactivated = events::member_deactivated(member, reason.category, now);
    round.tx.announce(events::coming_from(Some(was), deactivated));
    events::tell_person(&mut round.tx, "MembershipDeactivated", member);
    Ok(())
}
