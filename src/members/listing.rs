//! The SQL of lists of members, a part of the store: conditions, places and orders, all served by an index (keyset
//! paging, no offset).
//!
//! Never puts a value into the text of a statement.

use sea_orm::{ConnectionTrait, DbErr, Value};

use super::member::{DisplayStatus, Member};
use super::read::{MemberFilter, MemberOrder};
use super::store::{self, statement};
use crate::access::WorkspaceView;
use crate::platform::keyset::Order;
use crate::primitives::actor::MemberStatus;
use crate::primitives::email::EmailKey;
use crate::primitives::name::name_words;
use crate::primitives::page::PageRequest;
use crate::primitives::rights::Permission;

/// Sorts after every text that begins with what stands before it.
const AFTER_ALL: char = '\u{10FFFF}';

/// The members that a filter finds, from the request's place on.
pub(super) async fn list(
    view: &WorkspaceView,
    filter: &MemberFilter,
    order: MemberOrder,
    request: &PageRequest,
) -> Result<Vec<Member>, DbErr> {
    let mut conditions = Conditions::of(view, filter);
    let end = conditions.place(order, request);
    let sql = format!("{} WHERE {}{end}", store::SELECT, conditions.sql());
    let rows = view.reader().query_all_raw(statement(view.reader(), &sql, conditions.values)).await?;
    rows.iter().map(store::member).collect()
}

pub(super) async fn count(view: &WorkspaceView, filter: &MemberFilter) -> Result<i64, DbErr> {
    let conditions = Conditions::of(view, filter);
    let sql = format!("SELECT COUNT(*) AS it FROM members m WHERE {}", conditions.sql());
    let row = view.reader().query_one_raw(statement(view.reader(), &sql, conditions.values)).await?;
    row.map_or(Ok(0), |row| row.try_get("", "it"))
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

/// Active admins, counted as far as `most`.
pub(super) async fn count_active_admins(view: &WorkspaceView, most: i64) -> Result<usize, DbErr> {
    let sql = "SELECT m.id FROM members m JOIN roles r ON r.workspace_id = m.workspace_id AND r.id = m.role_id \
               WHERE m.workspace_id = $1 AND m.state = 'ACTIVE' AND m.blocked_at IS NULL AND r.is_admin LIMIT $2";
    let values = vec![view.workspace().into(), most.into()];
    Ok(view.reader().query_all_raw(statement(view.reader(), sql, values)).await?.len())
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
        let admin = view.allows(Permission::ManageMembers);
        if !admin {
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
        if let Some(search) = &filter.search {
            conditions.add_search(search, admin);
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
        self.values.push(view.now().into());
        let now = self.values.len();
        let parts: Vec<String> = wanted.into_iter().map(|status| status_condition(status, now)).collect();
        // The time stands in every one of these lists, so that its number is always used.
        self.parts.push(format!(
            "(${now} IS NULL OR {})",
            if parts.is_empty() { "FALSE".into() } else { parts.join(" OR ") }
        ));
    }

    /// The beginning of the e-mail (for admins), or of each given word in the name.
    fn add_search(&mut self, search: &str, admin: bool) {
        let words = name_words(search);
        let mut by_name = Vec::new();
        for word in words {
            self.values.push(word.clone().into());
            self.values.push(format!("{word}{AFTER_ALL}").into());
            let (from, to) = (self.values.len() - 1, self.values.len());
            by_name.push(format!(
                "m.id IN (SELECT w.member_id FROM member_words w WHERE w.workspace_id = $1 AND w.word >= ${from} \
                 AND w.word < ${to})"
            ));
        }
        let mut ways = Vec::new();
        if !by_name.is_empty() {
            ways.push(format!("({})", by_name.join(" AND ")));
        }
        let prefix = EmailKey::of_prefix(search);
        if admin && !prefix.is_empty() {
            self.values.push(prefix.clone().into());
            self.values.push(format!("{prefix}{AFTER_ALL}").into());
            let (from, to) = (self.values.len() - 1, self.values.len());
            ways.push(format!("(m.email_key >= ${from} AND m.email_key < ${to})"));
        }
        self.parts.push(if ways.is_empty() { "FALSE".into() } else { format!("({})", ways.join(" OR ")) });
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
