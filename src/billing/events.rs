//! What the room announces, to admins alone.

use serde_json::{Value, json};

use super::SeatPlan;
use crate::platform::journal::{NewEvent, Subject};
use crate::primitives::actor::Audience;

fn event(kind: &'static str, subject: Option<Subject>, payload: Value) -> NewEvent {
    NewEvent {
        kind,
        version: 1,
        audience: Audience::Admins,
        subject,
        effect: None,
        payload,
        occurred_at: None,
    }
}

/// Seats are limited otherwise from here on.
pub(super) fn seat_plan_updated(plan: &SeatPlan) -> NewEvent {
    event("SeatPlanUpdated", None, json!({ "plan": { "limit": plan.limit, "revision": plan.revision } }))
}
