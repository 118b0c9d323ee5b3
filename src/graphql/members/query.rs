//! What `workspace` answers about its members.

use async_graphql::{ID, InputObject, Object, Result, SimpleObject};

use super::member::{Member, MemberSight};
use super::record::RefusedAttempt;
use super::words::{MemberDisplayStatus, MemberOrderField, MemberStatus, OrderDirection};
use crate::access::WorkspaceView;
use crate::graphql::connection::{Connection, page_request};
use crate::graphql::errors::TopLevelError;
use crate::graphql::outcome::answer;
use crate::graphql::scalars::parse_id;
use crate::members::{self, MemberFilter};
use crate::primitives::actor;
use crate::primitives::email::Email;
use crate::primitives::ids::{AssetId, MemberId, RoleId};
use crate::primitives::page::PageArguments;
use crate::primitives::rights::Permission;

/// Longest search text, in characters.
const SEARCH_CHARS_MAX: usize = 100;

/// The members of a workspace, as fields of `workspace`.
pub struct WorkspaceMembers(pub WorkspaceView);

/// Which members a list shows. Nothing given: everyone but the removed.
#[derive(InputObject, Default)]
pub struct MembersFilter {
    /// The beginning of the e-mail (for admins), or of each word in the name; at most 100 characters.
    search: Option<String>,
    /// Only these statuses.
    statuses: Option<Vec<MemberStatus>>,
    /// Only these display statuses.
    display_statuses: Option<Vec<MemberDisplayStatus>>,
    /// Only members in this role.
    role_id: Option<ID>,
    /// Only members that are assigned to this asset.
    asset_id: Option<ID>,
}

/// How a list of members is ordered.
#[derive(InputObject, Clone, Copy)]
pub struct MemberOrder {
    /// What by.
    field: MemberOrderField,
    /// Which way.
    #[graphql(default_with = "OrderDirection::Ascending")]
    direction: OrderDirection,
}

impl Default for MemberOrder {
    fn default() -> Self {
        Self { field: MemberOrderField::Name, direction: OrderDirection::Ascending }
    }
}

impl From<MemberOrder> for members::MemberOrder {
    fn from(order: MemberOrder) -> Self {
        let descending = order.direction == OrderDirection::Descending;
        Self { field: order.field.into(), descending }
    }
}

/// How many members stand where.
#[derive(SimpleObject, Default)]
pub struct MemberCounts {
    /// Invited; the link still works.
    invitation_sent: i64,
    /// Invited; the link has expired.
    invitation_expired: i64,
    /// In.
    active: i64,
    /// Put to rest.
    deactivated: i64,
    /// Out until an admin lifts it.
    blocked: i64,
    /// Out of the workspace.
    removed: i64,
}

impl MembersFilter {
    fn read(self) -> Result<MemberFilter> {
        let bad =
            |search: &String| search.chars().count() > SEARCH_CHARS_MAX || search.contains(char::is_control);
        if self.search.as_ref().is_some_and(bad) {
            let message = format!("at most {SEARCH_CHARS_MAX} characters, and no control characters");
            return Err(TopLevelError::bad_input("filter.search", &message).into());
        }
        let role = self.role_id.map(|id| parse_id("filter.roleId", &id, RoleId::parse)).transpose()?;
        let asset = self.asset_id.map(|id| parse_id("filter.assetId", &id, AssetId::parse)).transpose()?;
        Ok(MemberFilter {
            search: self.search.filter(|search| !search.trim().is_empty()),
            statuses: self.statuses.unwrap_or_default().into_iter().map(Into::into).collect(),
            display_statuses: self.display_statuses.unwrap_or_default().into_iter().map(Into::into).collect(),
            role,
            asset,
        })
    }
}

#[Object]
impl WorkspaceMembers {
    /// The members, a page at a time. Whoever isn't an admin sees the active ones.
    #[allow(clippy::too_many_arguments, reason = "the four of a connection, the filter and the order")]
    async fn members(
        &self,
        #[graphql(desc = "Which members; nothing given: everyone but the removed.")] filter: Option<
            MembersFilter,
        >,
        #[graphql(desc = "How they are ordered; nothing given: by name.")] order_by: Option<MemberOrder>,
        #[graphql(desc = "How many from the start, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Only those after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only those before this cursor.")] before: Option<String>,
    ) -> Result<Connection<Member>> {
        let order_by = order_by.unwrap_or_default();
        let order = members::MemberOrder::from(order_by);
        let filter = filter.unwrap_or_default().read()?;
        let tells = matches!(order_by.field, MemberOrderField::Email | MemberOrderField::LastActiveAt);
        if (tells || filter.asset.is_some()) && !self.0.allows(Permission::ManageMembers) {
            let message = "only admins order members by e-mail or last use, or find them by asset";
            return Err(TopLevelError::forbidden(message).into());
        }
        let arguments = PageArguments { first, last, after: after.as_deref(), before: before.as_deref() };
        let request = page_request(&arguments, &order.name())?;
        let page = answer(members::list(&self.0, &filter, order, &request).await)?;
        let sight = MemberSight::new(self.0.clone());
        let page = page.map(|member| (members::place(&member, order), sight.member(member)));
        let view = self.0.clone();
        Ok(Connection::new(page, move || {
            let (view, filter) = (view.clone(), filter.clone());
            async move { Ok(answer(members::count(&view, &filter).await)?.unsigned_abs()) }
        }))
    }

    /// One member; null when there is none in your sight.
    async fn member(&self, #[graphql(desc = "The member's id.")] id: ID) -> Result<Option<Member>> {
        let id = parse_id("id", &id, MemberId::parse)?;
        let found = answer(members::find_visible(&self.0, id).await)?;
        Ok(found.map(|member| MemberSight::new(self.0.clone()).member(member)))
    }

    /// The asker's own membership; for an API key, its maker's.
    async fn viewer_member(&self) -> Result<Option<Member>> {
        let found = answer(members::find_visible(&self.0, self.0.proof().member).await)?;
        Ok(found.map(|member| MemberSight::new(self.0.clone()).member(member)))
    }

    /// The member that an e-mail belongs to, by any address that the membership has had. For admins.
    async fn member_by_email(
        &self,
        #[graphql(desc = "The e-mail, in any spelling.")] email: String,
    ) -> Result<Option<Member>> {
        let email =
            Email::parse(&email).map_err(|error| TopLevelError::bad_input("email", &error.to_string()))?;
        let found = answer(members::find_by_email(&self.0, email.key()).await)?;
        Ok(found.map(|member| MemberSight::new(self.0.clone()).member(member)))
    }

    /// Who or what tried to invite somebody who had been removed while blocked and was then deleted for ever, newest first,
    /// at most 50. It doesn't say whom: nothing here knows them any more. For admins.
    async fn barred_attempts(&self) -> Result<Vec<RefusedAttempt>> {
        let attempts = answer(members::list_barred_attempts(&self.0).await)?;
        Ok(attempts.into_iter().map(Into::into).collect())
    }

    /// How many members stand where. For admins.
    async fn member_counts(&self) -> Result<Option<MemberCounts>> {
        let mut counts = MemberCounts::default();
        for (status, count) in answer(members::counts(&self.0).await)? {
            match status {
                actor::MemberStatus::InvitationSent => counts.invitation_sent = count,
                actor::MemberStatus::InvitationExpired => counts.invitation_expired = count,
                actor::MemberStatus::Active => counts.active = count,
                actor::MemberStatus::Deactivated => counts.deactivated = count,
                actor::MemberStatus::Blocked => counts.blocked = count,
                actor::MemberStatus::Removed => counts.removed = count,
            }
        }
        Ok(Some(counts))
    }
}
