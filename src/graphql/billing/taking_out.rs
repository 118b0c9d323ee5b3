//! Taking credit out.

use async_graphql::{Context, InputObject, Object, Result, SimpleObject};

use super::ledger::LedgerEntry;
use crate::billing::{self, Currency, TakeOutCredit, TakeOutRefusal};
use crate::graphql::caller::Asking;
use crate::graphql::connection::Edge;
use crate::graphql::directives::{Permission, SessionKind, requires};
use crate::graphql::outcome::outcome;
use crate::graphql::scalars::{EventCursor, MinorUnits};
use crate::graphql::user_errors::{ErrorCode, UserError};

/// How much credit to take out.
#[derive(InputObject)]
struct TakeOutCreditInput {
    /// In the currency's minor unit, at least 1 and at most what there is.
    amount: MinorUnits,
    /// By its code of ISO 4217.
    currency: String,
}

/// What taking credit out came to.
#[derive(SimpleObject, Default)]
struct TakeOutCreditPayload {
    /// What was booked; null when it was refused.
    entry: Option<LedgerEntry>,
    /// The same with its place in the ledger; null when it was refused.
    entry_edge: Option<Edge<LedgerEntry>>,
    /// What you can put right.
    user_errors: Vec<UserError>,
    /// The workspace's stream after the change; null when it was refused.
    event_cursor: Option<EventCursor>,
}

fn read(input: &TakeOutCreditInput) -> Result<TakeOutCredit, UserError> {
    let amount = input.amount.get();
    if amount < 1 {
        return Err(UserError::invalid("input.amount", "must be at least 1, in the currency's minor unit"));
    }
    Ok(TakeOutCredit { amount, currency: currency_at("input.currency", &input.currency)? })
}

/// Reads a currency; the error names the field.
pub(super) fn currency_at(field: &str, text: &str) -> Result<Currency, UserError> {
    let read = Currency::parse(text);
    read.ok_or_else(|| UserError::invalid(field, "write the code of ISO 4217 in capitals, such as EUR"))
}

/// The mutation on credit.
#[derive(Default)]
pub struct CreditMutation;

#[Object]
impl CreditMutation {
    /// Puts on record that the host has taken credit out of the workspace's balance, having paid it back or used it
    /// elsewhere. For admins in their own session, never for an API key.
    #[graphql(directive = requires::apply(SessionKind::Workspace, Some(Permission::ManageSeats)))]
    async fn take_out_credit(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How much credit to take out.")] input: TakeOutCreditInput,
    ) -> Result<TakeOutCreditPayload> {
        let view = ctx.workspace_view()?;
        let request = match read(&input) {
            Ok(request) => request,
            Err(error) => return Ok(TakeOutCreditPayload { user_errors: vec![error], ..Default::default() }),
        };
        let taken = billing::take_out_credit(ctx.gate()?, ctx.workspace_proof()?, request).await;
        Ok(match outcome(taken)? {
            Ok(taken) => TakeOutCreditPayload {
                entry: Some(LedgerEntry::new(taken.entry.clone(), view.clone())),
                entry_edge: Some(Edge::new(taken.entry.place(), LedgerEntry::new(taken.entry, view))),
                user_errors: Vec::new(),
                event_cursor: Some(taken.committed.cursor.into()),
            },
            Err(user_errors) => TakeOutCreditPayload { user_errors, ..Default::default() },
        })
    }
}

impl From<TakeOutRefusal> for UserError {
    fn from(refusal: TakeOutRefusal) -> Self {
        let TakeOutRefusal::TooMuch(left) = refusal;
        let message =
            format!("there is a credit of {} {} alone; take out that or less", left.amount, left.currency);
        Self::at("input.amount", ErrorCode::CreditTooLow, message)
    }
}
