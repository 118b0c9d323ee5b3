//! Reactivating: everything that waited shows again at once (DEA-3).
//!
//! Never lowers the generation: sessions that the deactivation ended stay dead.

use super::act::{self, MemberRefusal};
use super::block::Changed;
use super::events;
use super::lifecycle::{Operation, Request};
use super::member::Member;
use super::round::Round;
use crate::access::{Failure, Gate, WorkspaceProof};
use crate::primitives::ids::MemberId;
use crate::primitives::rights::Permission;

pub async fn reactivate(
    gate: &Gate,
    proof: &WorkspaceProof,
    id: MemberId,
) -> Result<Changed, Failure<MemberRefusal>> {
    let wish = Request::Plain(Operation::Reactivate);
    let act = act::open(gate, proof, Permission::ReactivateMembers, id, wish).await?;
    let (mut round, mut member) = Round::of(act);
    bring_in(&mut round, &mut member).await?;
    Ok(Changed { member, committed: round.commit().await? })
}

/// Brings a member back whom the table allows it for, and tells of it.
pub(super) async fn bring_in(round: &mut Round, member: &mut Member) -> Result<(), Failure<MemberRefusal>> {
    bring_back(round, member, "MemberReactivated").await
}

/// The person is active again, by whoever's hand. The seat is theirs from here on.
pub(super) async fn bring_back(
    round: &mut Round,
    member: &mut Member,
    kind: &'static str,
) -> Result<(), Failure<MemberRefusal>> {
    let now = round.tx.now();
    let was = member.status(now);
    round.take_seat(member).await?;
    round.save(member, None);
    round.tx.announce(events::coming_from(Some(was), events::member_back(kind, member, now)));
    events::tell_person(&mut round.tx, "MembershipReactivated", member);
    Ok(())
}
