//! Putting a member to rest, and bringing them back.

use async_graphql::{Context, ID, InputObject, Object, Result};

use super::payload::{member_payloads, note};
use super::words::ReasonCategory;
use crate::graphql::caller::Asking;
use crate::graphql::directives::{Permission, SessionKind, requires};
use crate::graphql::outcome::outcome;
use crate::graphql::scalars::parse_id;
use crate::members::{self, DeactivateMember};
use crate::primitives::ids::MemberId;

/// Whom to put to rest, and why.
#[derive(InputObject)]
struct DeactivateMemberInput {
    /// The member.
    member_id: ID,
    /// Why, by category.
    category: Option<ReasonCategory>,
    /// Why, in your words; for admins alone, at most 2,000 characters.
    note: Option<String>,
}

/// Whom to bring back.
#[derive(InputObject)]
struct ReactivateMemberInput {
    /// The member.
    member_id: ID,
}

member_payloads! {
    /// What deactivating came to.
    DeactivateMemberPayload;
    /// What reactivating came to.
    ReactivateMemberPayload;
}

/// The mutations that put members to rest and bring them back.
#[derive(Default)]
pub struct RestingMutation;

#[Object]
impl RestingMutation {
    /// Puts a member to rest: when the answer arrives, no server lets them in, and their windows are told. Everything
    /// of theirs stays; `reactivateMember` brings it back.
    #[graphql(directive = requires::apply(SessionKind::Workspace, Some(Permission::DeactivateMembers)))]
    async fn deactivate_member(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whom to put to rest, and why.")] input: DeactivateMemberInput,
    ) -> Result<DeactivateMemberPayload> {
        let member = parse_id("input.memberId", &input.member_id, MemberId::parse)?;
        let proof = ctx.workspace_proof()?;
        let note = match note(input.note) {
            Ok(note) => note,
            Err(error) => return DeactivateMemberPayload::of(ctx, Err(vec![error])),
        };
        let request = DeactivateMember { member, category: input.category.map(Into::into), note };
        DeactivateMemberPayload::of(ctx, outcome(members::deactivate(ctx.gate()?, proof, request).await)?)
    }

    /// Brings a deactivated member back: role, assignments, what they own and share show again at once. Sessions that
    /// the deactivation ended stay dead; the person signs in with the credentials they have.
    #[graphql(directive = requires::apply(SessionKind::Workspace, Some(Permission::ReactivateMembers)))]
    async fn reactivate_member(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whom to bring back.")] input: ReactivateMemberInput,
    ) -> Result<ReactivateMemberPayload> {
        let member = parse_id("input.memberId", &input.member_id, MemberId::parse)?;
        let proof = ctx.workspace_proof()?;
        ReactivateMemberPayload::of(ctx, outcome(members::reactivate(ctx.gate()?, proof, member).await)?)
    }
}
