//! Setting what a member works on (WSP-2, AST-2).
//!
//! Never empties the assignments of a role that needs them.

use super::act::{self, MemberRefusal};
use super::assignments::{self, Assignment};
use super::block::Changed;
use super::events;
use super::lifecycle::{Operation, Request};
use super::set_role::check_assignments;
use super::store;
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
    let act::Act { mut tx, mut member, .. } =
        act::open(gate, proof, Permission::SetMemberAssignments, request.member, wish).await?;
    if !member.works_on_assigned_assets() {
        return Err(Failure::Refused(MemberRefusal::AssetsNotAllowed));
    }
    check_assignments(&tx, member.id, &request.assignments).await?;
    let before = assignments::list(tx.reader(), tx.workspace(), member.id).await?;
    assignments::replace(&tx, member.id, &request.assignments).await?;
    store::save(&tx, &mut member, None).await?;
    let now = tx.now();
    tx.announce(events::member_assignments_set(&member, (&before, &request.assignments), now));
    let committed = tx.commit().await.map_err(Failure::widen)?;
    Ok(Changed { member, committed })
}
