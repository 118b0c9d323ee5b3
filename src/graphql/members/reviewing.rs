//! Naming the date at which a block is to be looked at again.

use async_graphql::{Context, ID, InputObject, Object, Result};

use super::member_error;
use super::payload::member_payloads;
use crate::graphql::caller::Asking;
use crate::graphql::directives::{Permission, SessionKind, requires};
use crate::graphql::outcome::outcome;
use crate::graphql::scalars::{DateTime, parse_id};
use crate::graphql::user_errors::UserError;
use crate::members::{self, ReviewRefusal, SetBlockReview};
use crate::primitives::ids::MemberId;

/// Whose block, and when to look at it again.
#[derive(InputObject)]
struct SetBlockReviewInput {
    /// The member, a blocked one.
    member_id: ID,
    /// When the admins are to be told; null, or left out, clears the date.
    review_at: Option<DateTime>,
}

member_payloads! {
    /// What setting the date came to.
    SetBlockReviewPayload;
}

/// The mutation on the date of a block.
#[derive(Default)]
pub struct ReviewingMutation;

#[Object]
impl ReviewingMutation {
    /// Names, moves or clears the date at which a block is to be looked at again. When it comes the admins are told, once;
    /// the member stays blocked.
    #[graphql(directive = requires::apply(SessionKind::Workspace, Some(Permission::BlockMembers)))]
    async fn set_block_review(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose block, and when to look at it again.")] input: SetBlockReviewInput,
    ) -> Result<SetBlockReviewPayload> {
        let member = parse_id("input.memberId", &input.member_id, MemberId::parse)?;
        let proof = ctx.workspace_proof()?;
        let request = SetBlockReview { member, at: input.review_at.map(|at| at.0) };
        SetBlockReviewPayload::of(ctx, outcome(members::set_review(ctx.gate()?, proof, request).await)?)
    }
}

impl From<ReviewRefusal> for UserError {
    fn from(refusal: ReviewRefusal) -> Self {
        match refusal {
            ReviewRefusal::Member(refusal) => member_error(refusal, "input.memberId"),
            ReviewRefusal::NotAhead => {
                Self::invalid("input.reviewAt", "this time is over; name one that is to come, or none")
            }
        }
    }
}
