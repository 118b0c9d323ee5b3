//! The SQL of lists of members, a part of the store: conditions, places and orders, all served by an index (keyset
//! paging, no offset).
//!
//! Never puts a value into the text of a statement.

use std::collections::HashMap;

use sea_orm::{DbErr, Value};

use super::member::{DisplayStatus, Member, MemberState};
use super::rare;
use super::read::{MemberFilter, MemberOrder, MemberOrderField};
use super::search::Search;
use super::store;
use crate::access::WorkspaceView;
use crate::platform::database::{query_all, query_one};
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
        let (condition, found) = search.listed(way, &mut conditions.values);
        conditions.parts.push(condition);
        conditions.found = found;
    }
    conditions.begin_with_rare(view, filter).await?;
    let end = conditions.place(order, request);
    let select = store::SELECT.replacen("FROM members m", &conditions.from(), 1);
    let sql = format!("{select} WHERE {}{end}", conditions.sql());
    let rows = query_all(view.reader(), &sql, conditions.values).await?;
    rows.iter().map(store::member).collect()
}

pub(super) async fn count(view: &WorkspaceView, filter: &MemberFilter) -> Result<i64, DbErr> {
    if filter.role.is_none() && filter.asset.is_none() && filter.search.is_none() {
        let counts = count_each(view, &wanted_statuses(view, filter)).await?;
        return Ok(counts.into_iter().map(|(_, count)| count).sum());
    }
    let mut conditions = Conditions::of(view, filter);
    if let Some(search) = searched(view, filter) {
        let way = search.way(view).await?;
        let (condition, found) = search.counted(way, &mut conditions.values);
        conditions.parts.push(condition);
        conditions.found = found;
    }
    conditions.begin_with_rare(view, filter).await?;
    let sql = format!("SELECT COUNT(*) AS it {} WHERE {}", conditions.from(), conditions.sql());
    let row = query_one(view.reader(), &sql, conditions.values).await?;
    row.map_or(Ok(0), |row| row.try_get("", "it"))
}

/// Only admins find by address (WSP-3).
fn searched(view: &WorkspaceView, filter: &MemberFilter) -> Option<Search> {
    filter.search.as_ref().map(|text| Search::new(text, view.allows(Permission::ManageMembers)))
}

/// How many members stand where.
pub(super) async fn counts(view: &WorkspaceView) -> Result<Vec<(MemberStatus, i64)>, DbErr> {
    count_each(view, MemberStatus::ALL).await
}

/// How many have each of these statuses. Each part is counted within an index: the rows themselves, a million of them in a
/// large workspace, are left alone but for the few who are blocked.
async fn count_each(
    view: &WorkspaceView,
    wanted: &[MemberStatus],
) -> Result<Vec<(MemberStatus, i64)>, DbErr> {
    let (sql, values) = counting(wanted, view);
    let rows = query_all(view.reader(), &sql, values).await?;
    let mut parts: HashMap<(String, String), i64> = HashMap::new();
    for row in &rows {
        parts.insert((row.try_get("", "part")?, row.try_get("", "place")?), row.try_get("", "it")?);
    }
    let count = |part: &str, state: MemberState| {
        parts.get(&(part.to_owned(), state.as_str().to_owned())).copied().unwrap_or_default()
    };
    // Whoever is blocked was in or at rest; an invitation can't be blocked (LIF-1).
    let free = |state| count("IN_STATE", state) - count("BLOCKED", state);
    let expired = count("EXPIRED", MemberState::Invited);
    let each = wanted.iter().map(|status| {
        let it = match status {
            MemberStatus::Active => free(MemberState::Active),
            MemberStatus::Deactivated => free(MemberState::Deactivated),
            MemberStatus::Removed => free(MemberState::Removed),
            MemberStatus::Blocked => MemberState::ALL.iter().map(|state| count("BLOCKED", *state)).sum(),
            MemberStatus::InvitationExpired => expired,
            MemberStatus::InvitationSent => free(MemberState::Invited) - expired,
        };
        (*status, it)
    });
    Ok(each.collect())
}

/// The statement that counts the parts that these statuses are made of.
fn counting(wanted: &[MemberStatus], view: &WorkspaceView) -> (String, Vec<Value>) {
    let states = [
        (MemberStatus::Active, MemberState::Active),
        (MemberStatus::Deactivated, MemberState::Deactivated),
        (MemberStatus::InvitationSent, MemberState::Invited),
        (MemberStatus::Removed, MemberState::Removed),
    ];
    let states = states.iter().filter(|(status, _)| wanted.contains(status));
    let states: Vec<String> = states.map(|(_, state)| format!("'{}'", state.as_str())).collect();
    let mut values: Vec<Value> = vec![view.workspace().into()];
    // Grouped by something that no index is in the order of: SQLite would go by that index, through all the rows.
    let mut sql = "SELECT 'BLOCKED' AS part, state || '' AS place, COUNT(*) AS it FROM members \
                   WHERE workspace_id = $1 AND blocked_at IS NOT NULL GROUP BY state || ''"
        .to_owned();
    if !states.is_empty() {
        let states = states.join(", ");
        sql += &format!(
            " UNION ALL SELECT 'IN_STATE', state, COUNT(*) FROM members WHERE workspace_id = $1 \
             AND state IN ({states}) GROUP BY state"
        );
    }
    if wanted.contains(&MemberStatus::InvitationSent) || wanted.contains(&MemberStatus::InvitationExpired) {
        values.push(view.now().into());
        sql += " UNION ALL SELECT 'EXPIRED', 'INVITED', COUNT(*) FROM members WHERE workspace_id = $1 \
                AND state = 'INVITED' AND invitation_expires_at <= $2";
    }
    (sql, values)
}

/// Active admins. All are counted: told to stop at the second, a planner would look for them among all members.
pub(super) async fn count_active_admins(view: &WorkspaceView) -> Result<i64, DbErr> {
    let sql = "SELECT COUNT(*) AS it FROM members m JOIN roles r ON r.workspace_id = m.workspace_id \
               AND r.id = m.role_id WHERE m.workspace_id = $1 AND m.state = 'ACTIVE' AND m.blocked_at IS NULL \
               AND r.is_admin";
    let row = query_one(view.reader(), sql, vec![view.workspace().into()]).await?;
    row.map_or(Ok(0), |row| row.try_get("", "it"))
}

/// A growing WHERE clause and its values; the workspace is the first of them.
struct Conditions {
    parts: Vec<String>,
    values: Vec<Value>,
    /// What finds the ids of the few to begin with, each once.
    found: Option<String>,
}

impl Conditions {
    fn of(view: &WorkspaceView, filter: &MemberFilter) -> Self {
        let mut conditions = Self { parts: Vec::new(), values: Vec::new(), found: None };
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

    /// Begins with the few who have what the filter asks for, unless a search has found others to begin with.
    async fn begin_with_rare(&mut self, view: &WorkspaceView, filter: &MemberFilter) -> Result<(), DbErr> {
        if self.found.is_none() {
            self.found = rare::find(view, filter, &mut self.values).await?;
        }
        Ok(())
    }

    /// Where the rows come from. The few are gone through, and each looked up: CROSS JOIN keeps SQLite to that order.
    fn from(&self) -> String {
        match &self.found {
            Some(found) => format!("FROM ({found}) f CROSS JOIN members m"),
            None => "FROM members m".into(),
        }
    }

    fn add_statuses(&mut self, view: &WorkspaceView, filter: &MemberFilter) {
        if filter.statuses.is_empty() && filter.display_statuses.is_empty() {
            return self.parts.push("m.state <> 'REMOVED'".into());
        }
        let wanted = named_statuses(filter);
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
        let keyset = Order { descending: order.descending, ..Order::ascending(column(order.field), "m.id") };
        let numeric = matches!(order.field, MemberOrderField::JoinedAt | MemberOrderField::LastActiveAt);
        let keyset = if numeric { keyset.numeric() } else { keyset }.page(request, self.values.len() + 1);
        self.values.extend(keyset.values);
        keyset.conditions + &keyset.order
    }

    fn sql(&self) -> String {
        let found = self.found.iter().map(|_| "m.id = f.id");
        self.parts.iter().map(String::as_str).chain(found).collect::<Vec<_>>().join(" AND ")
    }
}

/// The statuses that a filter names, each once.
fn named_statuses(filter: &MemberFilter) -> Vec<MemberStatus> {
    let displayed = filter.display_statuses.iter().flat_map(|status| behind(*status)).copied();
    let mut named: Vec<MemberStatus> = match (filter.statuses.is_empty(), filter.display_statuses.is_empty())
    {
        (_, true) => filter.statuses.clone(),
        (true, false) => displayed.collect(),
        (false, false) => displayed.filter(|status| filter.statuses.contains(status)).collect(),
    };
    named.sort_unstable();
    named.dedup();
    named
}

/// The statuses that a filter means for whoever asks: all but the removed where it names none (LIF-5).
fn wanted_statuses(view: &WorkspaceView, filter: &MemberFilter) -> Vec<MemberStatus> {
    let mut wanted = named_statuses(filter);
    if filter.statuses.is_empty() && filter.display_statuses.is_empty() {
        wanted = MemberStatus::ALL.iter().copied().filter(|it| *it != MemberStatus::Removed).collect();
    }
    wanted.retain(|it| view.allows(Permission::ManageMembers) || *it == MemberStatus::Active);
    wanted
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

const fn column(field: MemberOrderField) -> &'static str {
    match field {
        MemberOrderField::Name => "m.name_key",
        MemberOrderField::Email => "m.email_key",
        MemberOrderField::JoinedAt => "COALESCE(m.joined_at, 0)",
        MemberOrderField::LastActiveAt => "COALESCE(m.last_active_at, 0)",
    }
}
