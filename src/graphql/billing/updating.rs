//! Changing the seat plan.

use async_graphql::{Context, InputObject, MaybeUndefined, Object, Result, SimpleObject};

use super::money::{BillingPeriod, SeatPlan};
use super::seats::seat_limit_reached;
use super::taking_out::currency_at;
use crate::billing::{PRICE_MAX, SEATS_MAX, SeatPrice};
use crate::graphql::caller::Asking;
use crate::graphql::directives::{Permission, SessionKind, requires};
use crate::graphql::outcome::outcome;
use crate::graphql::scalars::{EventCursor, MinorUnits};
use crate::graphql::user_errors::UserError;
use crate::members::{self, SeatPlanRefusal, UpdateSeatPlan};

/// What one seat is to cost for one period.
#[derive(InputObject)]
struct SeatPriceInput {
    /// In the currency's minor unit, from 1 to 1,000,000,000.
    amount: MinorUnits,
    /// By its code of ISO 4217, such as EUR.
    currency: String,
    /// The period that it is for.
    period: BillingPeriod,
}

/// What of the seat plan is to be other; what is left out stays.
#[derive(InputObject)]
struct UpdateSeatPlanInput {
    /// How many seats there are, from 1 to 10,000,000, and not below those that are taken and reserved; null: as many as
    /// there are people.
    limit: MaybeUndefined<i64>,
    /// What one seat costs; null: nothing. It counts from each member's next charge on: this books nothing but what was
    /// due before.
    price: MaybeUndefined<SeatPriceInput>,
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
    if input.limit.is_undefined() && input.price.is_undefined() {
        return Err(UserError::invalid("input", "say what is to be other: `limit`, `price`, or both"));
    }
    Ok(UpdateSeatPlan { limit: limit(input.limit)?, price: price(input.price)? })
}

fn limit(given: MaybeUndefined<i64>) -> Result<Option<Option<i64>>, UserError> {
    match given {
        MaybeUndefined::Undefined => Ok(None),
        MaybeUndefined::Null => Ok(Some(None)),
        MaybeUndefined::Value(limit) if (1..=SEATS_MAX).contains(&limit) => Ok(Some(Some(limit))),
        MaybeUndefined::Value(_) => {
            let message = format!("must be from 1 to {SEATS_MAX}; null for no limit");
            Err(UserError::invalid("input.limit", message))
        }
    }
}

fn price(given: MaybeUndefined<SeatPriceInput>) -> Result<Option<Option<SeatPrice>>, UserError> {
    let price = match given {
        MaybeUndefined::Undefined => return Ok(None),
        MaybeUndefined::Null => return Ok(Some(None)),
        MaybeUndefined::Value(price) => price,
    };
    let amount = price.amount.get();
    if !(1..=PRICE_MAX).contains(&amount) {
        let message =
            format!("must be from 1 to {PRICE_MAX}, in the currency's minor unit; no price is null");
        return Err(UserError::invalid("input.price.amount", message));
    }
    let currency = currency_at("input.price.currency", &price.currency)?;
    Ok(Some(Some(SeatPrice { amount, currency, period: price.period.into() })))
}

/// The mutation on the seat plan.
#[derive(Default)]
pub struct SeatPlanMutation;

#[Object]
impl SeatPlanMutation {
    /// Changes how many seats there are, and what they cost. For admins in their own session, never for an API key.
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
