//! Giving a member another role, with the assets that the role works on (WSP-2).
//!
//! Never leaves a role that works on assigned assets without one, nor one that works on all with any.

use serde_json::json;

use super::act::{self, MemberRefusal};
use super::assignments::Assignment;
use super::block::Changed;
use super::events;
use super::lifecycle::{Operation, Request};
use super::member::Member;
use super::round::Round;
use super::works::Works;
use crate::access::{Failure, Gate, WorkspaceProof};
use crate::primitives::actor::AssetScope;
use crate::primitives::ids::{MemberId, RoleId};
use crate::primitives::rights::Permission;
use crate::roles::{self, Role};

/// The role that a member is to have.
#[derive(Clone, Debug)]
pub struct SetMemberRole {
    pub member: MemberId,
    pub role: RoleId,
    /// What they are to work on; left out, what they have stays.
    pub assignments: Option<Vec<Assignment>>,
}

pub async fn set_role(
    gate: &Gate,
    proof: &WorkspaceProof,
    request: SetMemberRole,
) -> Result<Changed, Failure<MemberRefusal>> {
    let wish = Request::Plain(Operation::SetRole);
    let act = act::open(gate, proof, Permission::SetMemberRoles, request.member, wish).await?;
    let (mut round, mut member) = Round::of(act);
    let role = roles::find(round.tx.reader(), round.tx.workspace(), request.role).await?;
    let role = role.ok_or(Failure::NotFound { field: "input.roleId" })?;
    if role.is_admin && round.tx.proof()?.is_key() {
        return Err(Failure::Refused(MemberRefusal::AdminRoleByKey));
    }
    let wanted = request.assignments.as_deref();
    let works = Works::load(&round.tx, &[member.id], wanted.unwrap_or_default()).await?;
    give(&mut round, &mut member, &role, (wanted, &works)).await?;
    Ok(Changed { member, committed: round.commit().await? })
}

/// Gives a role to a member whom the table allows it for, with what they are to work on. Where they have both already,
/// nothing happens.
pub(super) async fn give(
    round: &mut Round,
    member: &mut Member,
    role: &Role,
    (wanted, works): (Option<&[Assignment]>, &Works),
) -> Result<(), Failure<MemberRefusal>> {
    if !role.is_admin {
        round.keep_an_admin(member).await?;
    }
    let wanted = wanted_assignments(works, member, role, wanted).map_err(Failure::Refused)?;
    if member.role.id == role.id && works.stands(member.id, &wanted) {
        return Ok(());
    }
    let before = json!({ "id": member.role.id, "name": member.role.name, "admin": member.role.is_admin });
    member.role = role.clone();
    round.save(member, None);
    let now = round.tx.now();
    let assignments = (works.of(member.id), wanted.as_slice());
    round.tx.announce(events::member_role_set(member, &before, assignments, now));
    events::tell_person(&mut round.tx, "MembershipRoleSet", member);
    round.assign(member.id, wanted);
    Ok(())
}

fn wanted_assignments(
    works: &Works,
    member: &Member,
    role: &Role,
    given: Option<&[Assignment]>,
) -> Result<Vec<Assignment>, MemberRefusal> {
    if role.scope == AssetScope::All {
        // Moving to all assets drops the assignments (WSP-2); naming some beside it is a mistake.
        let named = given.is_some_and(|given| !given.is_empty());
        return if named { Err(MemberRefusal::AssetsNotAllowed) } else { Ok(Vec::new()) };
    }
    let wanted = given.unwrap_or_else(|| works.of(member.id));
    works.check(member.id, wanted)?;
    Ok(wanted.to_vec())
}
