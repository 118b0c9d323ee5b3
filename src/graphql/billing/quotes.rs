//! What an operation will cost or give back, asked before it (SEAT-6), for all members of an answer at once.
//!
//! Never mixes workspaces: the key carries the view that was proven.

use std::collections::HashMap;

use async_graphql::dataloader::{DataLoader, Loader};
use async_graphql::{Context, Result, SimpleObject};

use super::money::Money;
use crate::access::{Failure, Never, WorkspaceView};
use crate::billing;
use crate::graphql::members::loaders::{LoadFailure, OfMember, not_loaded};
use crate::graphql::scalars::DateTime;
use crate::primitives::ids::MemberId;

/// What a member's seat will cost from now to the end of the period, as of this answer.
#[derive(SimpleObject)]
pub struct SeatQuote {
    /// What will be charged; nothing where the days are paid for already.
    amount: Money,
    /// How much of it credit will pay.
    paid_by_credit: Money,
    /// What is left to be paid.
    due: Money,
    /// The first moment that it is for; null where the days are paid for already.
    covers_from: Option<DateTime>,
    /// The first moment after; null where the days are paid for already.
    covers_until: Option<DateTime>,
    /// How many days these are.
    days: i64,
    /// How many days the whole period has; null where the days are paid for already.
    whole_days: Option<i64>,
}

impl From<billing::SeatQuote> for SeatQuote {
    fn from(quote: billing::SeatQuote) -> Self {
        let money = |amount| Money::new(amount, quote.currency);
        Self {
            amount: money(quote.amount),
            paid_by_credit: money(quote.from_credit),
            due: money(quote.amount - quote.from_credit),
            covers_from: quote.covers.map(|covers| covers.from.start().into()),
            covers_until: quote.covers.map(|covers| covers.until.start().into()),
            days: quote.covers.map_or(0, billing::Span::days),
            whole_days: quote.whole_days,
        }
    }
}

/// What will come back as credit when a member is deleted for ever, as of this answer.
#[derive(SimpleObject)]
pub struct DeletionQuote {
    /// How much.
    credit: Money,
    /// The first moment that is given back: the beginning of tomorrow in UTC.
    covers_from: DateTime,
    /// The first moment after.
    covers_until: DateTime,
    /// How many days these are.
    days: i64,
    /// How many days the charge was for that they come from.
    whole_days: i64,
}

impl From<billing::DeletionQuote> for DeletionQuote {
    fn from(quote: billing::DeletionQuote) -> Self {
        Self {
            credit: Money::new(quote.amount, quote.currency),
            covers_from: quote.covers.from.start().into(),
            covers_until: quote.covers.until.start().into(),
            days: quote.covers.days(),
            whole_days: quote.whole_days,
        }
    }
}

/// Loads what seats will cost. One lives as long as its request.
#[derive(Default)]
pub struct SeatQuotes;

impl Loader<OfMember> for SeatQuotes {
    type Value = billing::SeatQuote;
    type Error = LoadFailure;

    async fn load(&self, keys: &[OfMember]) -> Loaded<billing::SeatQuote> {
        let Some(first) = keys.first() else { return Ok(HashMap::new()) };
        of_members(keys, billing::quote_seats(first.view(), &OfMember::ids(keys)).await)
    }
}

/// Loads what will come back. One lives as long as its request.
#[derive(Default)]
pub struct DeletionQuotes;

impl Loader<OfMember> for DeletionQuotes {
    type Value = billing::DeletionQuote;
    type Error = LoadFailure;

    async fn load(&self, keys: &[OfMember]) -> Loaded<billing::DeletionQuote> {
        let Some(first) = keys.first() else { return Ok(HashMap::new()) };
        of_members(keys, billing::quote_deletions(first.view(), &OfMember::ids(keys)).await)
    }
}

type Loaded<T> = std::result::Result<HashMap<OfMember, T>, LoadFailure>;

fn of_members<T>(
    keys: &[OfMember],
    found: std::result::Result<HashMap<MemberId, T>, Failure<Never>>,
) -> Loaded<T> {
    let mut found = found.map_err(LoadFailure::new)?;
    Ok(keys.iter().filter_map(|key| Some((key.clone(), found.remove(&key.member())?))).collect())
}

/// What it costs if this member takes a seat now.
pub async fn seat_quote(
    ctx: &Context<'_>,
    view: &WorkspaceView,
    member: MemberId,
) -> Result<Option<SeatQuote>> {
    let loader = ctx.data::<DataLoader<SeatQuotes>>()?;
    let quote = loader.load_one(OfMember::new(view, member)).await.map_err(not_loaded)?;
    Ok(quote.map(Into::into))
}

/// What comes back if this member is deleted for ever now.
pub async fn deletion_quote(
    ctx: &Context<'_>,
    view: &WorkspaceView,
    member: MemberId,
) -> Result<Option<DeletionQuote>> {
    let loader = ctx.data::<DataLoader<DeletionQuotes>>()?;
    let quote = loader.load_one(OfMember::new(view, member)).await.map_err(not_loaded)?;
    Ok(quote.map(Into::into))
}
