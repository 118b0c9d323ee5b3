//! Giving a member another role, with the assets that the role works on (WSP-2).
//!
//! Never leaves a role that works on assigned assets without one, nor one that works on all with any.

use serde_json::json;

use super::act::{self, MemberRefusal};
use super::assignments::{self, Assignment};
use super::block::Changed;
use super::events;
use super::lifecycle::{Operation, Request};
use super::member::Member;
use super::store;
use crate::access::{Failure, Gate, WorkspaceProof, WorkspaceTx};
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
    let act::Act { mut tx, mut member, .. } =
        act::open(gate, proof, Permission::SetMemberRoles, request.member, wish).await?;
    let role = roles::find(tx.reader(), tx.workspace(), request.role).await?;
    let role = role.ok_or(Failure::NotFound { field: "input.roleId" })?;
    if role.is_admin && tx.proof()?.is_key() {
        return Err(Failure::Refused(MemberRefusal::AdminRoleByKey));
    }
    if !role.is_admin {
        act::keep_an_admin(&tx, &member).await?;
    }
    let wanted = wanted_assignments(&tx, &member, &role, request.assignments).await?;
    let before = json!({ "id": member.role.id, "name": member.role.name, "admin": member.role.is_admin });
    member.role = role;
    store::save(&tx, &mut member, None).await?;
    let standing = assignments::list(tx.reader(), tx.workspace(), member.id).await?;
    assignments::replace(&tx, member.id, &wanted).await?;
    let now = tx.now();
    tx.announce(events::member_role_set(&member, &before, (&standing, &wanted), now));
    events::tell_person(&mut tx, "MembershipRoleSet", &member);
    let committed = tx.commit().await.map_err(Failure::widen)?;
    Ok(Changed { member, committed })
}

async fn wanted_assignments(
    tx: &WorkspaceTx,
    member: &Member,
    role: &Role,
    given: Option<Vec<Assignment>>,
) -> Result<Vec<Assignment>, Failure<MemberRefusal>> {
    if role.scope == AssetScope::All {
        // Moving to all assets drops the assignments (WSP-2); naming some beside it is a mistake.
        let named = given.is_some_and(|given| !given.is_empty());
        return if named { Err(Failure::Refused(MemberRefusal::AssetsNotAllowed)) } else { Ok(Vec::new()) };
    }
    let wanted = match given {
        Some(given) => given,
        None => assignments::list(tx.reader(), tx.workspace(), member.id).await?,
    };
    check_assignments(tx, member.id, &wanted).await?;
    Ok(wanted)
}

/// At least one, none twice, all of this workspace.
pub(super) async fn check_assignments(
    tx: &WorkspaceTx,
    member: MemberId,
    wanted: &[Assignment],
) -> Result<(), Failure<MemberRefusal>> {
    if wanted.is_empty() {
        return Err(Failure::Refused(MemberRefusal::AssetsRequired));
    }
    let assets: Vec<_> = wanted.iter().map(|assignment| assignment.asset).collect();
    if let Some(index) = (1..assets.len()).find(|index| assets[..*index].contains(&assets[*index])) {
        return Err(Failure::Refused(MemberRefusal::AssetTwice { index }));
    }
    let unknown = assignments::unknown_assets(tx, member, &assets).await?;
    match assets.iter().position(|asset| unknown.contains(asset)) {
        Some(index) => Err(Failure::Refused(MemberRefusal::AssetUnknown { index })),
        None => Ok(()),
    }
}
