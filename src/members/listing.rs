//! The SQL of lists of members, a part of the store: conditions, places and orders, all served by an index (keyset
//! paging, no offset).
//!
//! Never puts a value into the text of a statement.

use sea_orm::{ConnectionTrait, DbErr, Value};

use super::member::{DisplayStatus, Member};
use super::read::{MemberFilter, MemberOrder};
use super::search::Search;
use super::store::{self, statement};
use crate::access::WorkspaceView;
use crate::platform::keyset::Order;
use crate::primitives::actor::MemberStatus;
use crate::primitives::page::PageRequest;
use crate::primitives::rights::Permission;

/// The members that a filter finds, from the request's place on.
pub(super) async fn list(
    view: &WorkspaceView,
    filter: &MemberFilter,
    order: MemberOrder,
    request: &PageRequest,
) -> Result<Vec<Member>, DbErr> {
    let mut conditions = Conditions::of(view, filter);
    if let Some(search) = searched(view, filter) {
        let way = search.way(view).await?;
        let condition = search.listed(way, &mut conditions.values);
        conditions.parts.push(condition);
    }
    let end = conditions.place(order, request);
    let sql = format!("{} WHERE {}{end}", store::SELECT, conditions.sql());
    let rows = view.reader().query_all_raw(statement(view.reader(), &sql, conditions.values)).await?;
    rows.iter().map(store::member).collect()
}

pub(super) async fn count(view: &WorkspaceView, filter: &MemberFilter) -> Result<i64, DbErr> {
    let mut conditions = Conditions::of(view, filter);
    if let Some(search) = searched(view, filter) {
        let way = search.way(view).await?;
        let condition = search.counted(way, &mut conditions.values);
        conditions.parts.push(condition);
    }
    let sql = format!("SELECT COUNT(*) AS it FROM members m WHERE {}", conditions.sql());
    let row = view.reader().query_one_raw(statement(view.reader(), &sql, conditions.values)).await?;
    row.map_or(Ok(0), |row| row.try_get("", "it"))
}

/// Only admins find by address (WSP-3).
fn searched(view: &WorkspaceView, filter: &MemberFilter) -> Option<Search> {
    filter.search.as_ref().map(|text| Search::new(text, view.allows(Permission::ManageMembers)))
}

/// How many members stand where.
pub(super) async fn counts(view: &WorkspaceView) -> Result<Vec<(MemberStatus, i64)>, DbErr> {
    let sql = "SELECT CASE WHEN blocked_at IS NOT NULL THEN 'BLOCKED' \
               WHEN state = 'INVITED' AND invitation_expires_at <= $2 THEN 'INVITATION_EXPIRED' \
               WHEN state = 'INVITED' THEN 'INVITATION_SENT' ELSE state END AS status, COUNT(*) AS it \
               FROM members WHERE workspace_id = $1 GROUP BY 1";
    let values = vec![view.workspace().into(), view.now().into()];
    let rows = view.reader().query_all_raw(statement(view.reader(), sql, values)).await?;
    rows.iter().map(|row| Ok((row.try_get("", "status")?, row.try_get("", "it")?))).collect()
}

/// Active admins. All are counted: told to stop at the second, a planner would look for them among all members.
pub(super) async fn count_active_admins(view: &WorkspaceView) -> Result<i64, DbErr> {
    let sql = "SELECT COUNT(*) AS it FROM members m JOIN roles r ON r.workspace_id = m.workspace_id \
               AND r.id = m.role_id WHERE m.workspace_id = $1 AND m.state = 'ACTIVE' AND m.blocked_at IS NULL \
               AND r.is_admin";
    let row =
        view.reader().query_one_raw(statement(view.reader(), sql, vec![view.workspace().into()])).await?;
    row.map_or(Ok(0), |row| row.try_get("", "it"))
}

/// A growing WHERE clause and its values.
struct Conditions {
    parts: Vec<String>,
    values: Vec<Value>,
}

impl Conditions {
    fn of(view: &WorkspaceView, filter: &MemberFilter) -> Self {
        let mut conditions = Self { parts: Vec::new(), values: Vec::new() };
        conditions.add("m.workspace_id = {}", [view.workspace().into()]);
        if !view.allows(Permission::ManageMembers) {
            conditions.parts.push("m.state = 'ACTIVE' AND m.blocked_at IS NULL".into());
        }
        conditions.add_statuses(view, filter);
        if let Some(role) = filter.role {
            conditions.add("m.role_id = {}", [role.into()]);
        }
        if let Some(asset) = filter.asset {
            conditions.add(
                "EXISTS (SELECT 1 FROM assignments g WHERE g.workspace_id = m.workspace_id AND g.member_id = m.id \
                 AND g.asset_id = {})",
                [asset.into()],
            );
        }
        conditions
    }

    /// Adds a condition; each `{}` takes the next value.
    fn add<const N: usize>(&mut self, condition: &str, values: [Value; N]) {
        let mut text = condition.to_owned();
        for value in values {
            self.values.push(value);
            text = text.replacen("{}", &format!("${}", self.values.len()), 1);
        }
        self.parts.push(text);
    }

    fn add_statuses(&mut self, view: &WorkspaceView, filter: &MemberFilter) {
        let displayed = filter.display_statuses.iter().flat_map(|status| behind(*status)).copied();
        let mut wanted: Vec<MemberStatus> =
            match (filter.statuses.is_empty(), filter.display_statuses.is_empty()) {
                (true, true) => return self.parts.push("m.state <> 'REMOVED'".into()),
                (false, true) => filter.statuses.clone(),
                (true, false) => displayed.collect(),
                (false, false) => displayed.filter(|status| filter.statuses.contains(status)).collect(),
            };
        wanted.sort_unstable();
        wanted.dedup();
        if wanted.is_empty() {
            return self.parts.push("FALSE".into());
        }
        let by_time = [MemberStatus::InvitationSent, MemberStatus::InvitationExpired];
        if wanted.iter().any(|status| by_time.contains(status)) {
            self.values.push(view.now().into());
        }
        let now = self.values.len();
        let parts: Vec<String> = wanted.into_iter().map(|status| status_condition(status, now)).collect();
        self.parts.push(format!("({})", parts.join(" OR ")));
    }

    /// Starts and ends the list at the request's cursors; gives what follows the conditions.
    fn place(&mut self, order: MemberOrder, request: &PageRequest) -> String {
        let keyset = Order::ascending(column(order), "m.id");
        let numeric = matches!(order, MemberOrder::JoinedAt | MemberOrder::LastActiveAt);
        let keyset = if numeric { keyset.numeric() } else { keyset }.page(request, self.values.len() + 1);
        self.values.extend(keyset.values);
        keyset.conditions + &keyset.order
    }

    fn sql(&self) -> String {
        self.parts.join(" AND ")
    }
}

const fn behind(status: DisplayStatus) -> &'static [MemberStatus] {
    match status {
        DisplayStatus::InvitationSent => &[MemberStatus::InvitationSent],
        DisplayStatus::InvitationExpired => &[MemberStatus::InvitationExpired],
        DisplayStatus::Active => &[MemberStatus::Active],
        DisplayStatus::Inactive => &[MemberStatus::Deactivated, MemberStatus::Blocked],
        DisplayStatus::Removed => &[MemberStatus::Removed],
    }
}

/// A status as it follows from the columns; `$now` is the number of the value that holds the time.
fn status_condition(status: MemberStatus, now: usize) -> String {
    match status {
        MemberStatus::InvitationSent => format!("(m.state = 'INVITED' AND m.invitation_expires_at > ${now})"),
        MemberStatus::InvitationExpired => {
            format!("(m.state = 'INVITED' AND m.invitation_expires_at <= ${now})")
        }
        MemberStatus::Active => "(m.state = 'ACTIVE' AND m.blocked_at IS NULL)".into(),
        MemberStatus::Deactivated => "(m.state = 'DEACTIVATED' AND m.blocked_at IS NULL)".into(),
        MemberStatus::Blocked => "m.blocked_at IS NOT NULL".into(),
        MemberStatus::Removed => "(m.state = 'REMOVED' AND m.blocked_at IS NULL)".into(),
    }
}

const fn column(order: MemberOrder) -> &'static str {
    match order {
        MemberOrder::Name => "m.name_key",
        MemberOrder::Email => "m.email_key",
        MemberOrder::JoinedAt => "COALESCE(m.joined_at, 0)",
        MemberOrder::LastActiveAt => "COALESCE(m.last_active_at, 0)",
    }
}
