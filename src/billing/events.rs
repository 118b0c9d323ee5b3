//! What the room announces, to admins alone.

use serde_json::{Value, json};

use super::entry::LedgerEntry;
use super::plan::{Currency, SeatPlan};
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

/// Seats are limited or priced otherwise from here on.
pub(super) fn seat_plan_updated(plan: &SeatPlan, before: &SeatPlan) -> NewEvent {
    event("SeatPlanUpdated", None, json!({ "plan": state(plan) }))
        .with_before(json!({ "plan": state(before) }))
}

fn state(plan: &SeatPlan) -> Value {
    let price = plan.price.map(|price| {
        json!({ "amount": price.amount, "currency": price.currency.as_str(), "period": price.period })
    });
    json!({
        "limit": plan.limit,
        "price": price,
        "nextRenewalAt": plan.next_renewal().map(|day| day.start()),
        "revision": plan.revision,
    })
}

/// Somebody who took a seat was charged for it.
pub(super) fn seat_charged(entry: &LedgerEntry) -> NewEvent {
    about("SeatCharged", entry)
}

/// Days that nobody will use came back.
pub(super) fn seat_credited(entry: &LedgerEntry) -> NewEvent {
    about("SeatCredited", entry)
}

/// The host has taken credit out.
pub(super) fn credit_taken_out(entry: &LedgerEntry) -> NewEvent {
    about("CreditTakenOut", entry)
}

/// Periods have begun: these charges were booked, maybe none. A large workspace is told of in several.
pub(super) fn seats_renewed(entries: &[LedgerEntry], currency: Currency) -> NewEvent {
    let number = |entry: Option<&LedgerEntry>| entry.map(|entry| entry.number);
    let payload = json!({
        "charges": entries.len(),
        "firstNumber": number(entries.first()),
        "lastNumber": number(entries.last()),
        "amount": entries.iter().map(|entry| entry.amount).fold(0, i64::saturating_add),
        "currency": currency.as_str(),
    });
    event("SeatsRenewed", None, payload)
}

fn about(kind: &'static str, entry: &LedgerEntry) -> NewEvent {
    let booked = json!({
        "id": entry.id,
        "number": entry.number,
        "kind": entry.kind,
        "member": entry.member,
        "amount": entry.amount,
        "fromCredit": entry.from_credit,
        "balance": entry.balance,
        "currency": entry.currency.as_str(),
        "from": entry.covers.map(|covers| covers.from.start()),
        "until": entry.covers.map(|covers| covers.until.start()),
    });
    event(kind, entry.member.map(Subject::Member), json!({ "entry": booked }))
}
