//! What may be asked about members: one, a page, counts, and what may be done with each (LIF-3, LIF-5).
//!
//! Never shows a non-admin more than the active members' names and roles (WSP-3): the condition is in the SQL.

use super::addresses;
use super::attempts::{self, RefusedAttempt};
use super::lifecycle::{Asker, Asking, LifecycleRefusal, Operation, Outcome, available};
use super::listing;
use super::member::{DisplayStatus, Member};
use super::notes::{self, Note};
use super::requests::{self, ContactRequest};
use super::seats::{self, Seats, SeatsTaken};
use super::store;
use crate::access::{Failure, Never, WorkspaceView};
use crate::policy::{self, Policy};
use crate::primitives::actor::{MemberStatus, Origin};
use crate::primitives::cursor::{Key, PageCursor};
use crate::primitives::email::EmailKey;
use crate::primitives::ids::{AssetId, MemberId, RoleId};
use crate::primitives::name::name_key;
use crate::primitives::page::{Page, PageRequest};
use crate::primitives::rights::Permission;
use crate::primitives::time::Timestamp;
use crate::words;

/// Rows shown of what is on record about one member.
const RECORD_ROWS_MAX: i64 = 50;

words! {
    /// How a list of members is ordered.
    pub enum MemberOrderField {
        Name = "NAME",
        Email = "EMAIL",
        JoinedAt = "JOINED_AT",
        LastActiveAt = "LAST_ACTIVE_AT",
    }
}

/// How a list of members is ordered.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct MemberOrder {
    pub field: MemberOrderField,
    pub descending: bool,
}

impl MemberOrder {
    pub const BY_NAME: Self = Self { field: MemberOrderField::Name, descending: false };

    /// What a cursor into the list knows it by: a place in one direction is none in the other.
    pub fn name(self) -> String {
        let way = if self.descending { "_DESCENDING" } else { "" };
        format!("{}{way}", self.field.as_str())
    }
}

/// Which members a list shows. Nothing given: everyone but `REMOVED` (LIF-5).
#[derive(Clone, Debug, Default)]
pub struct MemberFilter {
    /// The beginning of the e-mail, or of words of the name.
    pub search: Option<String>,
    pub statuses: Vec<MemberStatus>,
    pub display_statuses: Vec<DisplayStatus>,
    pub role: Option<RoleId>,
    /// Members that are assigned to this asset.
    pub asset: Option<AssetId>,
}

/// What may be done with a member now, or why not.
#[derive(Clone, Debug)]
pub struct AvailableAction {
    pub operation: Operation,
    pub refusal: Option<ActionRefusal>,
}

/// Why an operation would be refused.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ActionRefusal {
    Lifecycle(LifecycleRefusal),
    /// WSP-6.
    LastAdmin,
    /// SEAT-2, SEAT-3.
    SeatsTaken(SeatsTaken),
}

/// A page of members, in an order.
pub async fn list(
    view: &WorkspaceView,
    filter: &MemberFilter,
    order: MemberOrder,
    request: &PageRequest,
) -> Result<Page<Member>, Failure<Never>> {
    Ok(request.page(listing::list(view, filter, order, request).await?))
}

/// A member's place in an order.
pub fn place(member: &Member, order: MemberOrder) -> PageCursor {
    let number = |time: Option<Timestamp>| Key::Number(time.map_or(0, Timestamp::as_micros));
    let key = match order.field {
        MemberOrderField::Name => Key::Text(name_key(&member.name)),
        MemberOrderField::Email => Key::Text(member.email_key.as_str().to_owned()),
        MemberOrderField::JoinedAt => number(member.joined_at),
        MemberOrderField::LastActiveAt => number(member.last_active_at),
    };
    PageCursor { order: order.name(), key, id: member.id.as_uuid() }
}

/// How many members a filter finds.
pub async fn count(view: &WorkspaceView, filter: &MemberFilter) -> Result<i64, Failure<Never>> {
    Ok(listing::count(view, filter).await?)
}

/// How many members stand where; for admins.
pub async fn counts(view: &WorkspaceView) -> Result<Vec<(MemberStatus, i64)>, Failure<Never>> {
    view.require(Permission::ManageMembers)?;
    Ok(listing::counts(view).await?)
}

/// One member, as far as the asker may see them: active ones, oneself, and everyone for admins.
pub async fn find_visible(view: &WorkspaceView, id: MemberId) -> Result<Option<Member>, Failure<Never>> {
    let found = store::find(view.reader(), view.workspace(), id).await?;
    Ok(found.filter(|member| is_visible(view, member)))
}

/// Members by id, as far as the asker may see them, in one statement; others are not in the answer.
pub async fn load_many_visible(
    view: &WorkspaceView,
    ids: &[MemberId],
) -> Result<Vec<Member>, Failure<Never>> {
    let mut found = store::load_many(view.reader(), view.workspace(), ids).await?;
    found.retain(|member| is_visible(view, member));
    Ok(found)
}

/// The member whom an address means, the one that an invitation of it would be refused for before all others; for admins.
pub async fn find_by_email(view: &WorkspaceView, email: &EmailKey) -> Result<Option<Member>, Failure<Never>> {
    view.require(Permission::ManageMembers)?;
    let holders = addresses::find_by_address(view.reader(), view.workspace(), email).await?;
    Ok(holders.meant().cloned())
}

fn is_visible(view: &WorkspaceView, member: &Member) -> bool {
    view.allows(Permission::ManageMembers)
        || member.id == view.proof().member
        || member.status(view.now()) == MemberStatus::Active
}

/// Who or what tried to bring these members back (BLK-10), newest first of each; for admins.
pub async fn load_many_attempts(
    view: &WorkspaceView,
    ids: &[MemberId],
) -> Result<Vec<(MemberId, RefusedAttempt)>, Failure<Never>> {
    view.require(Permission::ManageMembers)?;
    Ok(attempts::load_many(view.reader(), view.workspace(), ids, RECORD_ROWS_MAX).await?)
}

/// Who or what tried to invite somebody who was deleted for ever after having been removed while blocked (BLK-10), newest
/// first; for admins.
pub async fn list_barred_attempts(view: &WorkspaceView) -> Result<Vec<RefusedAttempt>, Failure<Never>> {
    view.require(Permission::ManageMembers)?;
    Ok(attempts::list_barred(view.reader(), view.workspace(), RECORD_ROWS_MAX).await?)
}

/// What admins wrote about these members, newest first of each; for admins.
pub async fn load_many_notes(
    view: &WorkspaceView,
    ids: &[MemberId],
) -> Result<Vec<(MemberId, Note)>, Failure<Never>> {
    view.require(Permission::ManageMembers)?;
    Ok(notes::load_many(view.reader(), view.workspace(), ids, RECORD_ROWS_MAX).await?)
}

/// What these members wrote to the admins, newest first of each; for admins.
pub async fn load_many_requests(
    view: &WorkspaceView,
    ids: &[MemberId],
) -> Result<Vec<(MemberId, ContactRequest)>, Failure<Never>> {
    view.require(Permission::ManageMembers)?;
    Ok(requests::load_many(view.reader(), view.workspace(), ids, RECORD_ROWS_MAX).await?)
}

/// What every member's available actions depend on, read once for a whole list.
#[derive(Clone, Debug)]
pub struct Sight {
    policy: Policy,
    active_admins: i64,
    seats: Seats,
}

impl Sight {
    pub async fn load(view: &WorkspaceView) -> Result<Self, Failure<Never>> {
        let policy = policy::load(view.reader(), view.workspace()).await?;
        let active_admins = listing::count_active_admins(view).await?;
        Ok(Self { policy, active_admins, seats: seats::of(view, &policy).await? })
    }

    /// Every operation with allowed or refused, for this asker and credential (LIF-3).
    pub fn available_actions(&self, view: &WorkspaceView, member: &Member) -> Vec<AvailableAction> {
        let is_self = view.proof().member == member.id;
        let asker = if view.allows(Permission::ManageMembers) {
            Asker::Admin
        } else if is_self {
            Asker::Member
        } else {
            Asker::Nobody
        };
        let origin = if view.proof().is_key() { Origin::Automation } else { Origin::AdminDirect };
        let standing = member.standing(view.now(), is_self);
        let answers = available(&standing, Asking::new(asker, origin), &self.policy.lifecycle(), view.now());
        answers
            .into_iter()
            .map(|(operation, answer)| AvailableAction {
                operation,
                refusal: self.refusal((member, view.now()), operation, answer),
            })
            .collect()
    }

    fn refusal(
        &self,
        (member, now): (&Member, Timestamp),
        operation: Operation,
        answer: Result<Outcome, LifecycleRefusal>,
    ) -> Option<ActionRefusal> {
        let takes_an_admin_away = matches!(
            operation,
            Operation::Block | Operation::Deactivate | Operation::Remove | Operation::Leave
        );
        match answer {
            Err(refusal) => Some(ActionRefusal::Lifecycle(refusal)),
            Ok(_) if takes_an_admin_away && member.is_active_admin() && self.active_admins < 2 => {
                Some(ActionRefusal::LastAdmin)
            }
            Ok(outcome) => self.lacks_seat(member.status(now), outcome).map(ActionRefusal::SeatsTaken),
        }
    }

    /// Whether a seat is wanted and none is free; an open invitation has what it reserved.
    fn lacks_seat(&self, status: MemberStatus, outcome: Outcome) -> Option<SeatsTaken> {
        let reserving = self.policy.invitations_reserve_seats;
        let wanted = match outcome {
            Outcome::Becomes(MemberStatus::Active) => true,
            Outcome::Becomes(MemberStatus::InvitationSent) => reserving,
            _ => false,
        };
        let own = reserving && status == MemberStatus::InvitationSent;
        if wanted && !own { self.seats.one_more().err() } else { None }
    }
}
