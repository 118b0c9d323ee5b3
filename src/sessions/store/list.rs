//! The SQL of lists of sessions: those that hold, the newest first.

use sea_orm::{ConnectionTrait, DbErr, QueryResult, Value};

use super::super::end::SessionId;
use super::super::session::{AccountSession, Footprint, Session, WorkspaceSession};
use super::{Liveness, query_all};
use crate::platform::database::placeholders;
use crate::platform::keyset::Order;
use crate::primitives::ids::{AccountId, MemberId, WorkspaceId, WorkspaceSessionId};
use crate::primitives::page::PageRequest;

const ORDER: Order<'static> = Order::descending("created_at", "id").numeric();

/// Sessions in workspaces that hold. `$1` to `$3` are the bounds of [`Liveness`].
const WORKSPACE_SESSIONS: &str = "SELECT x.id, x.workspace_id, w.name AS workspace_name, x.member_id, \
    x.account_session_id, x.device, x.address, x.created_at, x.last_used_at, x.expires_at \
    FROM workspace_sessions x JOIN account_sessions s ON s.id = x.account_session_id \
    JOIN accounts a ON a.id = s.account_id JOIN members m ON m.workspace_id = x.workspace_id AND m.id = x.member_id \
    JOIN workspaces w ON w.id = x.workspace_id \
    WHERE x.ended_at IS NULL AND x.generation = m.generation AND x.expires_at > $1 AND x.last_used_at > $3 \
    AND m.state = 'ACTIVE' AND m.blocked_at IS NULL AND w.deleted_at IS NULL \
    AND s.ended_at IS NULL AND s.generation = a.generation AND s.expires_at > $1 AND s.last_used_at > $2";

/// The same columns for account sessions.
const ACCOUNT_SESSIONS: &str = "SELECT s.id, NULL, NULL, NULL, NULL, s.device, s.address, s.created_at, \
    s.last_used_at, s.expires_at FROM account_sessions s JOIN accounts a ON a.id = s.account_id \
    WHERE s.ended_at IS NULL AND s.generation = a.generation AND s.expires_at > $1 AND s.last_used_at > $2";

fn own() -> String {
    format!("{WORKSPACE_SESSIONS} AND s.account_id = $4 UNION ALL {ACCOUNT_SESSIONS} AND s.account_id = $4")
}

fn of_member() -> String {
    format!("{WORKSPACE_SESSIONS} AND x.workspace_id = $4 AND x.member_id = $5")
}

fn bounds(liveness: Liveness) -> Vec<Value> {
    vec![liveness.now.into(), liveness.account_used_after.into(), liveness.workspace_used_after.into()]
}

pub(in crate::sessions) async fn list_own<C: ConnectionTrait>(
    connection: &C,
    account: AccountId,
    liveness: Liveness,
    request: &PageRequest,
) -> Result<Vec<Session>, DbErr> {
    let mut values = bounds(liveness);
    values.push(account.into());
    let rows = page(connection, &own(), values, request).await?;
    rows.iter().map(session).collect()
}

pub(in crate::sessions) async fn count_own<C: ConnectionTrait>(
    connection: &C,
    account: AccountId,
    liveness: Liveness,
) -> Result<u64, DbErr> {
    let mut values = bounds(liveness);
    values.push(account.into());
    count(connection, &own(), values).await
}

pub(in crate::sessions) async fn list_of_member<C: ConnectionTrait>(
    connection: &C,
    (workspace, member): (WorkspaceId, MemberId),
    liveness: Liveness,
    request: &PageRequest,
) -> Result<Vec<WorkspaceSession>, DbErr> {
    let mut values = bounds(liveness);
    values.extend([workspace.into(), member.into()]);
    let rows = page(connection, &of_member(), values, request).await?;
    rows.iter().map(workspace_session).collect()
}

pub(in crate::sessions) async fn count_of_member<C: ConnectionTrait>(
    connection: &C,
    (workspace, member): (WorkspaceId, MemberId),
    liveness: Liveness,
) -> Result<u64, DbErr> {
    let mut values = bounds(liveness);
    values.extend([workspace.into(), member.into()]);
    count(connection, &of_member(), values).await
}

pub(in crate::sessions) async fn find_many_own<C: ConnectionTrait>(
    connection: &C,
    account: AccountId,
    liveness: Liveness,
    ids: &[SessionId],
) -> Result<Vec<Session>, DbErr> {
    let mut values = bounds(liveness);
    values.push(account.into());
    let ids = ids.iter().map(|id| match id {
        SessionId::Account(id) => (*id).into(),
        SessionId::Workspace(id) => (*id).into(),
    });
    let rows = by_ids(connection, &own(), values, ids.collect()).await?;
    rows.iter().map(session).collect()
}

pub(in crate::sessions) async fn find_many_of_members<C: ConnectionTrait>(
    connection: &C,
    workspace: WorkspaceId,
    liveness: Liveness,
    ids: &[WorkspaceSessionId],
) -> Result<Vec<WorkspaceSession>, DbErr> {
    let mut values = bounds(liveness);
    values.push(workspace.into());
    let select = format!("{WORKSPACE_SESSIONS} AND x.workspace_id = $4");
    let rows = by_ids(connection, &select, values, ids.iter().map(|id| (*id).into()).collect()).await?;
    rows.iter().map(workspace_session).collect()
}

async fn by_ids<C: ConnectionTrait>(
    connection: &C,
    select: &str,
    mut values: Vec<Value>,
    ids: Vec<Value>,
) -> Result<Vec<QueryResult>, DbErr> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let list = placeholders(values.len() + 1, ids.len());
    values.extend(ids);
    query_all(connection, &format!("SELECT * FROM ({select}) listed WHERE id IN ({list})"), values).await
}

async fn page<C: ConnectionTrait>(
    connection: &C,
    select: &str,
    mut values: Vec<Value>,
    request: &PageRequest,
) -> Result<Vec<QueryResult>, DbErr> {
    let page = ORDER.page(request, values.len() + 1);
    let sql = format!("SELECT * FROM ({select}) listed WHERE TRUE{}{}", page.conditions, page.order);
    values.extend(page.values);
    query_all(connection, &sql, values).await
}

async fn count<C: ConnectionTrait>(connection: &C, select: &str, values: Vec<Value>) -> Result<u64, DbErr> {
    let sql = format!("SELECT COUNT(*) AS it FROM ({select}) listed");
    let rows = query_all(connection, &sql, values).await?;
    let counted = rows.first().map(|row| row.try_get::<i64>("", "it")).transpose()?.unwrap_or(0);
    Ok(counted.unsigned_abs())
}

fn session(row: &QueryResult) -> Result<Session, DbErr> {
    if row.try_get::<Option<WorkspaceId>>("", "workspace_id")?.is_some() {
        return workspace_session(row).map(Session::Workspace);
    }
    Ok(Session::Account(AccountSession { id: row.try_get("", "id")?, footprint: footprint(row)? }))
}

fn workspace_session(row: &QueryResult) -> Result<WorkspaceSession, DbErr> {
    Ok(WorkspaceSession {
        id: row.try_get("", "id")?,
        workspace: row.try_get("", "workspace_id")?,
        workspace_name: row.try_get("", "workspace_name")?,
        member: row.try_get("", "member_id")?,
        account_session: row.try_get("", "account_session_id")?,
        footprint: footprint(row)?,
    })
}

fn footprint(row: &QueryResult) -> Result<Footprint, DbErr> {
    Ok(Footprint {
        device: row.try_get("", "device")?,
        address: row.try_get("", "address")?,
        created_at: row.try_get("", "created_at")?,
        last_used_at: row.try_get("", "last_used_at")?,
        expires_at: row.try_get("", "expires_at")?,
    })
}
