//! What an operation will cost, or give back, asked before it (SEAT-6).
//!
//! Never calculates by itself: the rules that book also quote.

use super::calendar::{Day, Span};
use super::credit::credit_of;
use super::plan::Currency;
use super::rules::{Payment, pay};
use super::store;
use crate::access::{Failure, WorkspaceView};
use crate::primitives::ids::MemberId;
use crate::primitives::rights::Permission;

/// What somebody's seat costs from now to the end of the period.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SeatQuote {
    pub currency: Currency,
    pub amount: i64,
    /// How much of it credit would pay.
    pub from_credit: i64,
    /// The days to pay for; none where they are paid for already.
    pub covers: Option<Span>,
    pub whole_days: Option<i64>,
}

/// What comes back for the days that nobody will use.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct DeletionQuote {
    pub currency: Currency,
    pub amount: i64,
    pub covers: Span,
    /// The days of the charge that it comes from.
    pub whole_days: i64,
}

/// What it costs if this member takes a seat now. None: seats cost nothing here.
pub async fn quote_seat<R>(view: &WorkspaceView, member: MemberId) -> Result<Option<SeatQuote>, Failure<R>> {
    view.require(Permission::ManageSeats)?;
    let (db, workspace) = (view.reader(), view.workspace());
    let plan = store::load_plan(db, workspace).await?;
    let Some((price, terms)) = store::terms(db, workspace, &plan).await? else { return Ok(None) };
    let covered = store::covered_until(db, workspace, member).await?;
    let charge = terms.on_taking(covered, Day::of(view.now()));
    let amount = charge.map_or(0, |charge| charge.amount);
    let Payment { from_credit, .. } = pay(store::balance(db, workspace, price.currency).await?, amount);
    Ok(Some(SeatQuote {
        currency: price.currency,
        amount,
        from_credit,
        covers: charge.map(|charge| charge.covers),
        whole_days: charge.map(|charge| charge.whole_days),
    }))
}

/// What comes back if this member is deleted for ever now. None: nothing.
pub async fn quote_deletion<R>(
    view: &WorkspaceView,
    member: MemberId,
) -> Result<Option<DeletionQuote>, Failure<R>> {
    view.require(Permission::ManageSeats)?;
    let charge = store::last_uncredited_charge(view.reader(), view.workspace(), member).await?;
    Ok(charge.and_then(|charge| {
        let credit = credit_of(&charge, Day::of(view.now()))?;
        let (currency, amount) = (charge.currency, credit.amount);
        Some(DeletionQuote { currency, amount, covers: credit.covers, whole_days: credit.whole_days })
    }))
}
