//! Reads what an event carries.
//!
//! Never guesses: a payload that lacks what its type promises is shown as an `OtherEvent`.

use async_graphql::ID;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::billing::{self, Currency};
use crate::graphql::accounts::Account;
use crate::graphql::billing::{BookedEntry, Money, SeatPrice};
use crate::graphql::invitations::{Invitation, ReceivedInvitation};
use crate::graphql::members::{Member, MemberInEvent, RoleInEvent};
use crate::graphql::roles::Role;
use crate::graphql::workspaces::Membership;
use crate::primitives::ids::{LedgerEntryId, MemberId};
use crate::primitives::rights::{Permission, PermissionSet};
use crate::primitives::time::Timestamp;

/// An event's payload, and what whoever listens may see of it.
pub(super) struct Payload<'a> {
    value: &'a Value,
    audits: bool,
}

#[derive(Deserialize)]
struct PriceInEvent {
    amount: i64,
    currency: String,
    period: billing::Period,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct EntryInEvent {
    id: LedgerEntryId,
    number: i64,
    kind: billing::EntryKind,
    member: Option<MemberId>,
    amount: i64,
    from_credit: i64,
    balance: i64,
    currency: String,
    from: Option<Timestamp>,
    until: Option<Timestamp>,
}

impl<'a> Payload<'a> {
    pub(super) fn new(value: &'a Value, permissions: Option<&PermissionSet>) -> Self {
        Self { value, audits: permissions.is_some_and(|own| own.allows(Permission::ReadAudit)) }
    }

    /// May whoever listens read the audit trail?
    pub(super) const fn audits(&self) -> bool {
        self.audits
    }

    /// What is for admins alone; null for others (LIF-4).
    pub(super) fn for_admins<T: DeserializeOwned>(&self, place: &str) -> Option<Option<T>> {
        if self.audits { self.read(place) } else { Some(None) }
    }

    /// What stands at a place (`/member/id`); an absent one reads like null.
    pub(super) fn read<T: DeserializeOwned>(&self, place: &str) -> Option<T> {
        let value = self.value.pointer(place).cloned().unwrap_or_default();
        serde_json::from_value(value).ok()
    }

    /// An id of a known kind, in its text form.
    pub(super) fn id<T: DeserializeOwned + ToString>(&self, place: &str) -> Option<ID> {
        Some(ID(self.read::<T>(place)?.to_string()))
    }

    pub(super) fn optional_id<T: DeserializeOwned + ToString>(&self, place: &str) -> Option<Option<ID>> {
        Some(self.read::<Option<T>>(place)?.map(|id| ID(id.to_string())))
    }

    pub(super) fn ids<T: DeserializeOwned + ToString>(&self, place: &str) -> Option<Vec<ID>> {
        Some(self.read::<Vec<T>>(place)?.iter().map(|id| ID(id.to_string())).collect())
    }

    pub(super) fn money(&self, amount: &str, currency: &str) -> Option<Money> {
        Some(Money::new(self.read(amount)?, Currency::parse(&self.read::<String>(currency)?)?))
    }

    pub(super) fn optional_price(&self, place: &str) -> Option<Option<SeatPrice>> {
        let found: Option<PriceInEvent> = self.read(place)?;
        let Some(found) = found else { return Some(None) };
        let money = Money::new(found.amount, Currency::parse(&found.currency)?);
        Some(Some(SeatPrice { money, period: found.period.into() }))
    }

    /// What was booked in the ledger.
    pub(super) fn entry(&self) -> Option<BookedEntry> {
        let found: EntryInEvent = self.read("/entry")?;
        let currency = Currency::parse(&found.currency)?;
        let money = |amount| Money::new(amount, currency);
        Some(BookedEntry {
            entry_id: ID(found.id.to_string()),
            number: found.number,
            kind: found.kind.into(),
            member_id: found.member.map(|member| ID(member.to_string())),
            amount: money(found.amount),
            paid_by_credit: money(found.from_credit),
            balance_after: money(found.balance),
            covers_from: found.from.map(Into::into),
            covers_until: found.until.map(Into::into),
        })
    }

    pub(super) fn member(&self) -> Option<Member> {
        self.read::<MemberInEvent>("/member").map(Member::from_event)
    }

    pub(super) fn optional_member(&self) -> Option<Option<Member>> {
        Some(self.read::<Option<MemberInEvent>>("/member")?.map(Member::from_event))
    }

    pub(super) fn role(&self) -> Option<Role> {
        Some(self.read::<RoleInEvent>("/role")?.to_role())
    }

    pub(super) fn invitation(&self) -> Option<Invitation> {
        self.read("/invitation").map(Invitation::from_event)
    }

    pub(super) fn received_invitation(&self) -> Option<ReceivedInvitation> {
        self.read("/invitation").map(ReceivedInvitation::from_event)
    }

    pub(super) fn membership(&self) -> Option<Membership> {
        Some(Membership::from_event(self.read("/workspace")?, self.read("/member")?))
    }

    pub(super) fn account(&self) -> Option<Account> {
        self.read("/account").map(Account::from_event)
    }
}
