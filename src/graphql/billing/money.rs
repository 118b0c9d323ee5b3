//! Money, plans and entries as the schema shows them.
//!
//! Never a fraction: amounts are whole minor units, with their currency.

use async_graphql::{Enum, ID, Object, Result, SimpleObject};

use crate::billing::{self, Currency};
use crate::graphql::errors::TopLevelError;
use crate::graphql::scalars::{DateTime, MinorUnits};

/// An amount of money.
#[derive(Clone, Debug)]
pub struct Money {
    amount: i64,
    currency: Currency,
}

impl Money {
    pub const fn new(amount: i64, currency: Currency) -> Self {
        Self { amount, currency }
    }
}

/// An amount of money.
#[Object]
impl Money {
    /// In the currency's minor unit, never below zero.
    async fn amount(&self) -> Result<MinorUnits> {
        let amount = self.amount;
        let beyond =
            || TopLevelError::internal(format!("{amount} minor units are more than a client can read"));
        Ok(MinorUnits::new(amount).ok_or_else(beyond)?)
    }

    /// By its code of ISO 4217.
    async fn currency(&self) -> String {
        self.currency.to_string()
    }
}

/// How often a seat is paid for, counted from the day that the workspace was created on.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "billing::Period")]
pub enum BillingPeriod {
    /// By the month.
    Month,
    /// By the year.
    Year,
}

/// What an entry of the ledger is.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "billing::EntryKind")]
pub enum LedgerEntryKind {
    /// A member's seat for some days.
    Charge,
    /// Days that nobody will use come back, as credit.
    Credit,
    /// The host has taken credit out.
    TakenOut,
}

/// What one seat costs for one period.
#[derive(SimpleObject, Clone, Debug)]
pub struct SeatPrice {
    /// How much.
    #[graphql(flatten)]
    pub money: Money,
    /// The period that it is for.
    pub period: BillingPeriod,
}

impl From<billing::SeatPrice> for SeatPrice {
    fn from(price: billing::SeatPrice) -> Self {
        Self { money: Money::new(price.amount, price.currency), period: price.period.into() }
    }
}

/// To how many the seats of the workspace are limited, and what they cost.
#[derive(SimpleObject)]
pub struct SeatPlan {
    /// How many seats there are; null: as many as there are people.
    limit: Option<i64>,
    /// What one seat costs; null: nothing.
    price: Option<SeatPrice>,
    /// When the next period is charged, at the beginning of that day in UTC; null where seats cost nothing.
    next_renewal_at: Option<DateTime>,
    /// Grows with each change; 0 while nobody has set anything.
    revision: i64,
}

impl From<billing::SeatPlan> for SeatPlan {
    fn from(plan: billing::SeatPlan) -> Self {
        Self {
            limit: plan.limit,
            price: plan.price.map(Into::into),
            next_renewal_at: plan.next_renewal().map(|day| day.start().into()),
            revision: plan.revision,
        }
    }
}

/// What was booked, as an event tells of it.
#[derive(SimpleObject, Clone, Debug)]
pub struct BookedEntry {
    /// The entry's id.
    pub entry_id: ID,
    /// Its number in the workspace's ledger.
    pub number: i64,
    /// What it is.
    pub kind: LedgerEntryKind,
    /// The member that it is about; null when it is about the workspace.
    pub member_id: Option<ID>,
    /// How much.
    pub amount: Money,
    /// How much of a charge credit has paid.
    pub paid_by_credit: Money,
    /// The credit in this currency after it.
    pub balance_after: Money,
    /// The first moment that it is for; null where it is for none.
    pub covers_from: Option<DateTime>,
    /// The first moment after; null where it is for none.
    pub covers_until: Option<DateTime>,
}
