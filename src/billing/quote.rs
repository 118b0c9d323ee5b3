//! What an operation will cost, or give back, asked before it (SEAT-6).
//!
//! Never calculates by itself: the rules that book also quote. Each is asked of many members at once, and each as if it
//! were the only one: credit is offered to all of them.

use std::collections::HashMap;

use super::calendar::{Day, Span};
use super::credit::credit_of;
use super::entry::LedgerEntry;
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

/// What it costs if one of these takes a seat now, for each. Nobody is in the answer where seats cost nothing.
pub async fn quote_seats<R>(
    view: &WorkspaceView,
    members: &[MemberId],
) -> Result<HashMap<MemberId, SeatQuote>, Failure<R>> {
    view.require(Permission::ManageSeats)?;
    let (db, workspace, today) = (view.reader(), view.workspace(), Day::of(view.now()));
    let plan = store::load_plan(db, workspace).await?;
    let Some((price, terms)) = store::terms(db, workspace, &plan).await? else { return Ok(HashMap::new()) };
    let covered = store::load_many_covered(db, workspace, members).await?;
    let balance = store::balance(db, workspace, price.currency).await?;
    let quote = |member: &MemberId| {
        let charge = terms.on_taking(covered.get(member).copied(), today);
        let amount = charge.map_or(0, |charge| charge.amount);
        let Payment { from_credit, .. } = pay(balance, amount);
        let (covers, whole_days) = (charge.map(|it| it.covers), charge.map(|it| it.whole_days));
        (*member, SeatQuote { currency: price.currency, amount, from_credit, covers, whole_days })
    };
    Ok(members.iter().map(quote).collect())
}

/// What comes back if one of these is deleted for ever now, for each to whom anything does.
pub async fn quote_deletions<R>(
    view: &WorkspaceView,
    members: &[MemberId],
) -> Result<HashMap<MemberId, DeletionQuote>, Failure<R>> {
    view.require(Permission::ManageSeats)?;
    let today = Day::of(view.now());
    let charges = store::load_many_uncredited_charges(view.reader(), view.workspace(), members).await?;
    let quote = |(member, charge): (MemberId, LedgerEntry)| {
        let credit = credit_of(&charge, today)?;
        let (currency, amount) = (charge.currency, credit.amount);
        let quote = DeletionQuote { currency, amount, covers: credit.covers, whole_days: credit.whole_days };
        Some((member, quote))
    };
    Ok(charges.into_iter().filter_map(quote).collect())
}
