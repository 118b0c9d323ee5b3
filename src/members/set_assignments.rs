//! Setting what a member works on (WSP-2, AST-2).
//!
//! Never empties the assignments of a role that needs them.

use super::act::{self, MemberRefusal};
use super::assignments::Assignment;
use super::block::Changed;
use super::events;
use super::lifecycle::{Operation, Request};
use super::member::Member;
use super::round::Round;
use super::works::Works;
use crate::access::{Failure, Gate, WorkspaceProof};
use crate::primitives::ids::MemberId;
use crate::primitives::rights::Permission;

/// All that a member is to work on from now on.
#[derive(Clone, Debug)]
pub struct SetMemberAssignments {
    pub member: MemberId,
    pub assignments: Vec<Assignment>,
}

pub async fn set_assignments(
    gate: &Gate,
    proof: &WorkspaceProof,
    request: SetMemberAssignments,
) -> Result<Changed, Failure<MemberRefusal>> {
    let wish = Request::Plain(Operation::SetAssignments);
    let act = act::open(gate, proof, Permission::SetMemberAssignments, request.member, wish).await?;
    let (mut round, mut member) = Round::of(act);
    let works = Works::load(&round.tx, &[member.id], &request.assignments).await?;
    set(&mut round, &mut member, &request.assignments, &works)?;
    Ok(Changed { member, committed: round.commit().await? })
}

/// Sets what a member works on whom the table allows it for. Where they do already, nothing happens.
pub(super) fn set(
    round: &mut Round,
    member: &mut Member,
    wanted: &[Assignment],
    works: &Works,
) -> Result<(), Failure<MemberRefusal>> {
    if !member.works_on_assigned_assets() {
        return Err(Failure::Refused(MemberRefusal::AssetsNotAllowed));
    }
    works.check(member.id, wanted).map_err(Failure::Refused)?;
    if works.stands(member.id, wanted) {
        return Ok(());
    }
    round.assign(member.id, wanted.to_vec());
    round.save(member, None);
    let now = round.tx.now();
    round.tx.announce(events::member_assignments_set(member, (works.of(member.id), wanted), now));
    Ok(())
}
