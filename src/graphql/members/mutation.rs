//! The mutations on members: parse, call the room, map.

use async_graphql::{Context, ID, InputObject, Object, Result};

use super::payload::{member_payloads, note};
use super::words::{ReasonCategory, UnblockCategory};
use crate::graphql::caller::Asking;
use crate::graphql::directives::{Permission, SessionKind, requires};
use crate::graphql::outcome::outcome;
use crate::graphql::scalars::{DateTime, parse_id};
use crate::graphql::user_errors::UserError;
use crate::members::{self, BlockMember, SetMemberAssignments, SetMemberRole, UnblockMember};
use crate::primitives::ids::{AssetId, MemberId, RoleId};

/// Most assignments of one member in one call.
const ASSIGNMENTS_MAX: usize = 200;
/// Longest role of the host's on an asset, in characters.
const ASSIGNMENT_ROLE_CHARS_MAX: usize = 100;

/// Whom to block, and why.
#[derive(InputObject)]
struct BlockMemberInput {
    /// The member.
    member_id: ID,
    /// Why, by category.
    category: Option<ReasonCategory>,
    /// Why, in your words; for admins alone, at most 2,000 characters.
    note: Option<String>,
    /// When the block is to be looked at again: the admins are told then, and the member stays blocked.
    review_at: Option<DateTime>,
}

/// Whose block to lift, and why.
#[derive(InputObject)]
struct UnblockMemberInput {
    /// The member.
    member_id: ID,
    /// Why, by category.
    category: Option<UnblockCategory>,
    /// Why, in your words; for admins alone, at most 2,000 characters.
    note: Option<String>,
    /// Lift the block, but let the member rest as deactivated.
    #[graphql(default)]
    into_deactivated: bool,
}

/// Access to one asset.
#[derive(InputObject)]
pub(super) struct AssignmentInput {
    /// The asset.
    asset_id: ID,
    /// The host's own role on it, at most 100 characters.
    role: Option<String>,
}

/// Which role a member is to have.
#[derive(InputObject)]
struct SetMemberRoleInput {
    /// The member.
    member_id: ID,
    /// The role.
    role_id: ID,
    /// What the member is to work on, where the role has the scope `ASSIGNED`; left out, what they have stays.
    assignments: Option<Vec<AssignmentInput>>,
}

/// What a member is to work on.
#[derive(InputObject)]
struct SetMemberAssignmentsInput {
    /// The member.
    member_id: ID,
    /// All of it: what isn't here is taken away. At most 200.
    assignments: Vec<AssignmentInput>,
}

/// Whose sessions to end.
#[derive(InputObject)]
struct EndMemberSessionsInput {
    /// The member.
    member_id: ID,
}

member_payloads! {
    /// What blocking came to.
    BlockMemberPayload;
    /// What unblocking came to.
    UnblockMemberPayload;
    /// What setting the role came to.
    SetMemberRolePayload;
    /// What setting the assignments came to.
    SetMemberAssignmentsPayload;
    /// What ending the sessions came to.
    EndMemberSessionsPayload;
}

/// The mutations on members.
#[derive(Default)]
pub struct MembersMutation;

pub(super) fn assignments(
    field: &str,
    given: Vec<AssignmentInput>,
) -> Result<Result<Vec<members::Assignment>, UserError>> {
    if given.len() > ASSIGNMENTS_MAX {
        return Ok(Err(UserError::invalid(field, format!("at most {ASSIGNMENTS_MAX} in one call"))));
    }
    let mut read = Vec::with_capacity(given.len());
    for (index, assignment) in given.into_iter().enumerate() {
        let asset = parse_id(&format!("{field}.{index}.assetId"), &assignment.asset_id, AssetId::parse)?;
        let role = assignment.role.filter(|role| !role.trim().is_empty());
        let bad = |role: &String| {
            role.chars().count() > ASSIGNMENT_ROLE_CHARS_MAX || role.contains(char::is_control)
        };
        if role.as_ref().is_some_and(bad) {
            let message =
                format!("at most {ASSIGNMENT_ROLE_CHARS_MAX} characters, and no control characters");
            return Ok(Err(UserError::invalid(&format!("{field}.{index}.role"), message)));
        }
        read.push(members::Assignment { asset, role });
    }
    Ok(Ok(read))
}

#[Object]
impl MembersMutation {
    /// Puts a member out at once: when the answer arrives, no server lets them in, and their windows are told. Nothing
    /// but an admin's own hand brings them back.
    #[graphql(directive = requires::apply(SessionKind::Workspace, Some(Permission::BlockMembers)))]
    async fn block_member(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whom to block, and why.")] input: BlockMemberInput,
    ) -> Result<BlockMemberPayload> {
        let member = parse_id("input.memberId", &input.member_id, MemberId::parse)?;
        let proof = ctx.workspace_proof()?;
        let note = match note(input.note) {
            Ok(note) => note,
            Err(error) => return BlockMemberPayload::of(ctx, Err(vec![error])),
        };
        let (category, review_at) = (input.category.map(Into::into), input.review_at.map(|at| at.0));
        let request = BlockMember { member, category, note, review_at };
        BlockMemberPayload::of(ctx, outcome(members::block(ctx.gate()?, proof, request).await)?)
    }

    /// Lifts a block: role, assignments and permissions show again at once. Sessions that the block ended stay dead;
    /// the person signs in with the credentials they have. An API key is refused, and that is on record.
    #[graphql(directive = requires::apply(SessionKind::Workspace, Some(Permission::UnblockMembers)))]
    async fn unblock_member(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose block to lift, and why.")] input: UnblockMemberInput,
    ) -> Result<UnblockMemberPayload> {
        let member = parse_id("input.memberId", &input.member_id, MemberId::parse)?;
        let proof = ctx.workspace_proof()?;
        let note = match note(input.note) {
            Ok(note) => note,
            Err(error) => return UnblockMemberPayload::of(ctx, Err(vec![error])),
        };
        let category = input.category.map(Into::into);
        let request = UnblockMember { member, category, note, into_deactivated: input.into_deactivated };
        UnblockMemberPayload::of(ctx, outcome(members::unblock(ctx.gate()?, proof, request).await)?)
    }

    /// Gives a member another role. Moving to a role for all assets drops the assignments.
    #[graphql(directive = requires::apply(SessionKind::Workspace, Some(Permission::SetMemberRoles)))]
    async fn set_member_role(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which role a member is to have.")] input: SetMemberRoleInput,
    ) -> Result<SetMemberRolePayload> {
        let member = parse_id("input.memberId", &input.member_id, MemberId::parse)?;
        let role = parse_id("input.roleId", &input.role_id, RoleId::parse)?;
        let proof = ctx.workspace_proof()?;
        let wanted = input.assignments.map(|given| assignments("input.assignments", given)).transpose()?;
        let assignments = match wanted.transpose() {
            Ok(assignments) => assignments,
            Err(error) => return SetMemberRolePayload::of(ctx, Err(vec![error])),
        };
        let request = SetMemberRole { member, role, assignments };
        SetMemberRolePayload::of(ctx, outcome(members::set_role(ctx.gate()?, proof, request).await)?)
    }

    /// Sets all that a member works on, where the role has the scope `ASSIGNED`. It can't be emptied.
    #[graphql(directive = requires::apply(SessionKind::Workspace, Some(Permission::SetMemberAssignments)))]
    async fn set_member_assignments(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What a member is to work on.")] input: SetMemberAssignmentsInput,
    ) -> Result<SetMemberAssignmentsPayload> {
        let member = parse_id("input.memberId", &input.member_id, MemberId::parse)?;
        let proof = ctx.workspace_proof()?;
        let assignments = match assignments("input.assignments", input.assignments)? {
            Ok(assignments) => assignments,
            Err(error) => return SetMemberAssignmentsPayload::of(ctx, Err(vec![error])),
        };
        let request = SetMemberAssignments { member, assignments };
        SetMemberAssignmentsPayload::of(
            ctx,
            outcome(members::set_assignments(ctx.gate()?, proof, request).await)?,
        )
    }

    /// Ends every workspace session of a member, on every server. They may sign in again.
    #[graphql(directive = requires::apply(SessionKind::Workspace, Some(Permission::EndMemberSessions)))]
    async fn end_member_sessions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose sessions to end.")] input: EndMemberSessionsInput,
    ) -> Result<EndMemberSessionsPayload> {
        let member = parse_id("input.memberId", &input.member_id, MemberId::parse)?;
        let proof = ctx.workspace_proof()?;
        EndMemberSessionsPayload::of(ctx, outcome(members::end_sessions(ctx.gate()?, proof, member).await)?)
    }
}
