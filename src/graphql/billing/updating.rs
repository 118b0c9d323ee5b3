//! Changing the seat plan.

use async_graphql::{Context, InputObject, MaybeUndefined, Object, Result, SimpleObject};

use super::seats::seat_limit_reached;
use crate::billing::{self, SEATS_MAX};
use crate::graphql::caller::Asking;
use crate::graphql::directives::{Permission, SessionKind, requires};
use crate::graphql::outcome::outcome;
use crate::graphql::scalars::EventCursor;
use crate::graphql::user_errors::UserError;
use crate::members::{self, SeatPlanRefusal, UpdateSeatPlan};

/// What seats are limited to.
#[derive(SimpleObject)]
pub(super) struct SeatPlan {
    /// How many seats there are; null: as many as there are people.
    limit: Option<i64>,
    /// Grows with each change; 0 while nobody has set anything.
    revision: i64,
}

impl From<billing::SeatPlan> for SeatPlan {
    fn from(plan: billing::SeatPlan) -> Self {
        Self { limit: plan.limit, revision: plan.revision }
    }
}

/// What of the seat plan is to be other; what is left out stays.
#[derive(InputObject)]
struct UpdateSeatPlanInput {
    /// How many seats there are, from 1 to 10,000,000, and not below those that are taken and reserved; null: as many as
    /// there are people.
    limit: MaybeUndefined<i64>,
}

/// What changing the seat plan came to.
#[derive(SimpleObject, Default)]
struct UpdateSeatPlanPayload {
    /// The plan after the change; null when it was refused.
    plan: Option<SeatPlan>,
    /// What you can put right.
    user_errors: Vec<UserError>,
    /// The workspace's stream after the change; null when it was refused.
    event_cursor: Option<EventCursor>,
}

impl UpdateSeatPlanPayload {
    fn refused(error: UserError) -> Self {
        Self { user_errors: vec![error], ..Self::default() }
    }
}

fn read(input: UpdateSeatPlanInput) -> Result<UpdateSeatPlan, UserError> {
    let limit = match input.limit {
        MaybeUndefined::Undefined => {
            return Err(UserError::invalid("input", "say what is to be other"));
        }
        MaybeUndefined::Null => Some(None),
        MaybeUndefined::Value(limit) if (1..=SEATS_MAX).contains(&limit) => Some(Some(limit)),
        MaybeUndefined::Value(_) => {
            let message = format!("must be from 1 to {SEATS_MAX}; null for no limit");
            return Err(UserError::invalid("input.limit", message));
        }
    };
    Ok(UpdateSeatPlan { limit })
}

/// The mutation on the seat plan.
#[derive(Default)]
pub struct SeatPlanMutation;

#[Object]
impl SeatPlanMutation {
    /// Changes how many seats there are. For admins in their own session, never for an API key.
    #[graphql(directive = requires::apply(SessionKind::Workspace, Some(Permission::ManageSeats)))]
    async fn update_seat_plan(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be other.")] input: UpdateSeatPlanInput,
    ) -> Result<UpdateSeatPlanPayload> {
        let proof = ctx.workspace_proof()?;
        let request = match read(input) {
            Ok(request) => request,
            Err(error) => return Ok(UpdateSeatPlanPayload::refused(error)),
        };
        Ok(match outcome(members::update_seat_plan(ctx.gate()?, proof, request).await)? {
            Ok(updated) => UpdateSeatPlanPayload {
                plan: Some(updated.plan.into()),
                user_errors: Vec::new(),
                event_cursor: Some(updated.committed.cursor.into()),
            },
            Err(user_errors) => UpdateSeatPlanPayload { user_errors, ..Default::default() },
        })
    }
}

impl From<SeatPlanRefusal> for UserError {
    fn from(refusal: SeatPlanRefusal) -> Self {
        match refusal {
            SeatPlanRefusal::LimitTooLow(taken) => {
                let way_out = "name a limit that holds them, or free seats first";
                seat_limit_reached(taken, "input.limit", way_out)
            }
        }
    }
}
