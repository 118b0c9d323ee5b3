//! What `workspace` answers about billing: the plan, the credit and the ledger.

use async_graphql::{Context, ID, Object, Result};

use super::money::{LedgerEntryKind, Money, SeatPlan};
use crate::access::{Never, WorkspaceView};
use crate::billing;
use crate::graphql::caller::Asking;
use crate::graphql::connection::{Connection, page_request};
use crate::graphql::member_loader::find_member;
use crate::graphql::members::Member;
use crate::graphql::outcome::answer;
use crate::graphql::scalars::{DateTime, EventCursor};
use crate::primitives::page::PageArguments;
use crate::primitives::rights::Permission;

/// A line of the ledger, as an admin sees it.
pub struct LedgerEntry {
    entry: billing::LedgerEntry,
    view: WorkspaceView,
}

impl LedgerEntry {
    pub const fn new(entry: billing::LedgerEntry, view: WorkspaceView) -> Self {
        Self { entry, view }
    }

    fn money(&self, amount: i64) -> Money {
        Money::new(amount, self.entry.currency)
    }
}

/// A line of the workspace's ledger. It never changes.
#[Object]
impl LedgerEntry {
    /// Its id.
    pub async fn id(&self) -> ID {
        ID(self.entry.id.to_string())
    }

    /// 1, 2, 3 … within the workspace.
    async fn number(&self) -> i64 {
        self.entry.number
    }

    /// What it is.
    async fn kind(&self) -> LedgerEntryKind {
        self.entry.kind.into()
    }

    /// The member that it is about; null when it is about the workspace.
    async fn member_id(&self) -> Option<ID> {
        self.entry.member.map(|member| ID(member.to_string()))
    }

    /// The same; null when they were deleted for ever.
    async fn member(&self, ctx: &Context<'_>) -> Result<Option<Member>> {
        match self.entry.member {
            Some(member) => find_member(ctx, &self.view, member).await,
            None => Ok(None),
        }
    }

    /// How much; the kind says which way.
    async fn amount(&self) -> Money {
        self.money(self.entry.amount)
    }

    /// How much of a charge credit has paid.
    async fn paid_by_credit(&self) -> Money {
        self.money(self.entry.from_credit)
    }

    /// What of a charge is left for the host to collect.
    async fn due(&self) -> Money {
        let charged = matches!(self.entry.kind, billing::EntryKind::Charge);
        self.money(if charged { self.entry.amount - self.entry.from_credit } else { 0 })
    }

    /// The credit in this currency after the entry.
    async fn balance_after(&self) -> Money {
        self.money(self.entry.balance)
    }

    /// The first moment that is charged, or given back; null where it is about none.
    async fn covers_from(&self) -> Option<DateTime> {
        self.entry.covers.map(|covers| covers.from.start().into())
    }

    /// The first moment after; null where it is about none.
    async fn covers_until(&self) -> Option<DateTime> {
        self.entry.covers.map(|covers| covers.until.start().into())
    }

    /// How many days these are.
    async fn days(&self) -> Option<i64> {
        self.entry.covers.map(billing::Span::days)
    }

    /// What its days are a share of: of a charge, the days of the whole period; of a credit, those of its charge.
    async fn whole_days(&self) -> Option<i64> {
        self.entry.whole_days
    }

    /// The number of the charge that a credit comes from.
    async fn credits_number(&self) -> Option<i64> {
        self.entry.credits
    }

    /// The place of the event that it was booked with, in the workspace's stream.
    async fn event_cursor(&self, ctx: &Context<'_>) -> Result<EventCursor> {
        Ok(ctx.gate()?.cursor(self.view.proof().stream(), self.entry.event_seq).into())
    }

    /// When it was booked.
    async fn booked_at(&self) -> DateTime {
        self.entry.created_at.into()
    }
}

/// What the seats of the workspace cost and have cost: a record for the host's payment system. No money passes through
/// here.
pub struct Billing(WorkspaceView);

/// What the seats of the workspace cost and have cost: a record for the host's payment system. No money passes through
/// here.
#[Object]
impl Billing {
    /// Limit and price.
    async fn plan(&self) -> Result<SeatPlan> {
        Ok(answer(billing::plan::<Never>(&self.0).await)?.into())
    }

    /// The credit in the currency of the price: it pays later charges first. Null where seats cost nothing.
    async fn balance(&self) -> Result<Option<Money>> {
        let plan = answer(billing::plan::<Never>(&self.0).await)?;
        let Some(price) = plan.price else { return Ok(None) };
        let all = answer(billing::balances::<Never>(&self.0).await)?;
        let own = all.iter().find(|balance| balance.currency == price.currency);
        Ok(Some(Money::new(own.map_or(0, |balance| balance.amount), price.currency)))
    }

    /// The credit in each currency that the ledger knows; one never pays for another.
    async fn balances(&self) -> Result<Vec<Money>> {
        let all = answer(billing::balances::<Never>(&self.0).await)?;
        Ok(all.into_iter().map(|balance| Money::new(balance.amount, balance.currency)).collect())
    }

    /// The ledger, the newest first, a page at a time.
    #[allow(clippy::too_many_arguments, reason = "the four of a connection")]
    async fn ledger(
        &self,
        #[graphql(desc = "How many from the start, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Only those after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only those before this cursor.")] before: Option<String>,
    ) -> Result<Connection<LedgerEntry>> {
        let arguments = PageArguments { first, last, after: after.as_deref(), before: before.as_deref() };
        let request = page_request(&arguments, billing::LedgerEntry::ORDER)?;
        let view = self.0.clone();
        let page = answer(billing::list_entries::<Never>(&view, &request).await)?;
        let page = page.map(|entry| (entry.place(), LedgerEntry::new(entry, view.clone())));
        Ok(Connection::new(page, move || {
            let view = view.clone();
            async move { answer(billing::count_entries::<Never>(&view).await) }
        }))
    }
}

/// What `workspace` answers about billing.
pub struct WorkspaceBilling(pub WorkspaceView);

#[Object]
impl WorkspaceBilling {
    /// What seats cost and have cost. For admins in their own session; an error for others.
    async fn billing(&self) -> Result<Option<Billing>> {
        answer(self.0.require::<Never>(Permission::ManageSeats))?;
        Ok(Some(Billing(self.0.clone())))
    }
}
