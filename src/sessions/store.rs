//! The SQL of sessions: making them, ending them. Listing them stands in `store/list.rs`.
//!
//! Never makes a session but by one statement that reads, in its own snapshot, all that it rests on.

mod list;

use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait, Value,
};

pub(super) use self::list::{
    count_of_member, count_own, find_many_of_members, find_many_own, list_of_member, list_own,
};
use super::session::{AccountSession, Footprint, WorkspaceSession};
use super::touches::Used;
use crate::access::WorkspaceTx;
use crate::access::check::SessionAges;
use crate::accounts::Account;
use crate::entities::account_sessions;
use crate::platform::database::{Database, execute, placeholders, query_all};
use crate::primitives::actor::EndCause;
use crate::primitives::ids::{AccountId, AccountSessionId, MemberId, WorkspaceId, WorkspaceSessionId};
use crate::primitives::secret::SecretHash;
use crate::primitives::time::Timestamp;

/// A session before it stands.
pub(super) struct NewSession<'a, Id> {
    pub(super) id: Id,
    pub(super) token: SecretHash,
    pub(super) footprint: &'a Footprint,
}

/// The times that tell a session that holds from one that has expired: used after the bound of its kind, and not past
/// its absolute end.
#[derive(Clone, Copy, Debug)]
pub(super) struct Liveness {
    pub(super) now: Timestamp,
    account_used_after: Timestamp,
    workspace_used_after: Timestamp,
}

impl Liveness {
    pub(super) const fn at(now: Timestamp, ages: SessionAges) -> Self {
        Self {
            now,
            account_used_after: now.plus_seconds(-ages.account_idle_seconds),
            workspace_used_after: now.plus_seconds(-ages.workspace_idle_seconds),
        }
    }
}

/// `false` where the account's generation is another by now.
pub(super) async fn insert_account_session(
    database: &Database,
    new: &NewSession<'_, AccountSessionId>,
    account: &Account,
) -> Result<bool, DbErr> {
    let sql = "INSERT INTO account_sessions (id, account_id, token_hash, generation, device, address, created_at, \
               last_used_at, expires_at) SELECT $1, a.id, $2, a.generation, $3, $4, $5, $5, $6 FROM accounts a \
               WHERE a.id = $7 AND a.generation = $8";
    let mut values = row(new);
    values.extend([account.id.into(), account.generation.into()]);
    let tx = database.begin().await?;
    let inserted = execute(&tx, sql, values).await?;
    tx.commit().await?;
    Ok(inserted == 1)
}

/// `None` where the account session or the membership doesn't hold. The session ends with its parent at the latest.
pub(super) async fn insert_workspace_session(
    database: &Database,
    new: &NewSession<'_, WorkspaceSessionId>,
    (parent, workspace): (AccountSessionId, WorkspaceId),
    liveness: Liveness,
) -> Result<Option<WorkspaceSession>, DbErr> {
    let sql = "INSERT INTO workspace_sessions (id, workspace_id, member_id, account_session_id, token_hash, generation, \
               device, address, created_at, last_used_at, expires_at) \
               SELECT $1, m.workspace_id, m.id, s.id, $2, m.generation, $3, $4, $5, $5, \
               CASE WHEN s.expires_at < $6 THEN s.expires_at ELSE $6 END \
               FROM account_sessions s JOIN accounts a ON a.id = s.account_id \
               JOIN members m ON m.account_id = s.account_id JOIN workspaces w ON w.id = m.workspace_id \
               WHERE s.id = $7 AND m.workspace_id = $8 AND s.ended_at IS NULL AND s.generation = a.generation \
               AND s.expires_at > $5 AND s.last_used_at > $9 AND m.state = 'ACTIVE' AND m.blocked_at IS NULL \
               AND w.deleted_at IS NULL RETURNING member_id, expires_at";
    let mut values = row(new);
    values.extend([parent.into(), workspace.into(), liveness.account_used_after.into()]);
    let tx = database.begin().await?;
    let Some(inserted) = query_all(&tx, sql, values).await?.pop() else { return Ok(None) };
    let named = query_all(&tx, "SELECT name FROM workspaces WHERE id = $1", vec![workspace.into()]).await?;
    tx.commit().await?;
    let footprint = Footprint { expires_at: inserted.try_get("", "expires_at")?, ..new.footprint.clone() };
    Ok(Some(WorkspaceSession {
        id: new.id,
        workspace,
        workspace_name: named.first().map(|row| row.try_get("", "name")).transpose()?.unwrap_or_default(),
        member: inserted.try_get("", "member_id")?,
        account_session: parent,
        footprint,
    }))
}

fn row<Id: Copy + Into<Value>>(new: &NewSession<'_, Id>) -> Vec<Value> {
    let Footprint { device, address, created_at, expires_at, .. } = new.footprint.clone();
    vec![new.id.into(), new.token.into(), device.into(), address.into(), created_at.into(), expires_at.into()]
}

/// Where somebody stands in a workspace, as far as entering goes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Standing {
    Active,
    Blocked,
    Deactivated,
    /// No member: never, not yet, or no longer; or no such workspace.
    Nobody,
}

pub(super) async fn find_standing<C: ConnectionTrait>(
    connection: &C,
    account: AccountId,
    workspace: WorkspaceId,
) -> Result<Standing, DbErr> {
    let sql = "SELECT m.state, m.blocked_at IS NOT NULL AS blocked FROM members m \
               JOIN workspaces w ON w.id = m.workspace_id \
               WHERE m.workspace_id = $1 AND m.account_id = $2 AND w.deleted_at IS NULL";
    let Some(row) = query_all(connection, sql, vec![workspace.into(), account.into()]).await?.pop() else {
        return Ok(Standing::Nobody);
    };
    let state: String = row.try_get("", "state")?;
    Ok(match (state.as_str(), row.try_get("", "blocked")?) {
        ("ACTIVE" | "DEACTIVATED", true) => Standing::Blocked,
        ("ACTIVE", false) => Standing::Active,
        ("DEACTIVATED", false) => Standing::Deactivated,
        _ => Standing::Nobody,
    })
}

/// Why an account session no longer holds; `None` where it does, or never was.
pub(super) async fn find_end<C: ConnectionTrait>(
    connection: &C,
    session: AccountSessionId,
    liveness: Liveness,
) -> Result<Option<EndCause>, DbErr> {
    let sql = "SELECT s.ended_at IS NOT NULL AS ended, s.end_cause, s.generation <> a.generation AS outdated, \
               a.generation_cause, (s.expires_at <= $2 OR s.last_used_at <= $3) AS expired \
               FROM account_sessions s JOIN accounts a ON a.id = s.account_id WHERE s.id = $1";
    let values = vec![session.into(), liveness.now.into(), liveness.account_used_after.into()];
    let Some(row) = query_all(connection, sql, values).await?.pop() else { return Ok(None) };
    let cause =
        |column| Ok::<_, DbErr>(row.try_get::<Option<EndCause>>("", column)?.unwrap_or(EndCause::Ended));
    Ok(if row.try_get("", "ended")? {
        Some(cause("end_cause")?)
    } else if row.try_get("", "outdated")? {
        Some(cause("generation_cause")?)
    } else {
        row.try_get::<bool>("", "expired")?.then_some(EndCause::Expired)
    })
}

pub(super) async fn find_account_session<C: ConnectionTrait>(
    connection: &C,
    id: AccountSessionId,
) -> Result<Option<AccountSession>, DbErr> {
    let found = account_sessions::Entity::find_by_id(id).one(connection).await?;
    Ok(found.map(|model| AccountSession {
        id,
        footprint: Footprint {
            device: model.device,
            address: model.address,
            created_at: model.created_at,
            last_used_at: model.last_used_at,
            expires_at: model.expires_at,
        },
    }))
}

/// A person's account sessions that have not been ended.
pub(super) async fn list_open_account_sessions<C: ConnectionTrait>(
    connection: &C,
    account: AccountId,
    now: Timestamp,
) -> Result<Vec<AccountSessionId>, DbErr> {
    let sql = "SELECT s.id FROM account_sessions s JOIN accounts a ON a.id = s.account_id \
               WHERE s.account_id = $1 AND s.ended_at IS NULL AND s.generation = a.generation AND s.expires_at > $2";
    let rows = query_all(connection, sql, vec![account.into(), now.into()]).await?;
    rows.iter().map(|row| row.try_get("", "id")).collect()
}

/// Ends account sessions; the job finishes what this process may not live to do.
pub(super) async fn end_account_sessions(
    tx: &DatabaseTransaction,
    sessions: &[AccountSessionId],
    cause: EndCause,
    now: Timestamp,
) -> Result<(), DbErr> {
    let sql = format!(
        "UPDATE account_sessions SET ended_at = $1, end_cause = $2, unfinished = TRUE WHERE id IN ({})",
        placeholders(3, sessions.len())
    );
    let mut values: Vec<Value> = vec![now.into(), cause.into()];
    values.extend(sessions.iter().map(|id| Value::from(*id)));
    execute(tx, &sql, values).await.map(|_| ())
}

/// Takes a session along to the generation that its account was just raised to; one that has ended stays so.
pub(super) async fn carry_over(
    tx: &DatabaseTransaction,
    session: AccountSessionId,
    account: &Account,
) -> Result<(), DbErr> {
    let sql = "UPDATE account_sessions SET generation = $3 \
               WHERE id = $1 AND account_id = $2 AND generation = $3 - 1 AND ended_at IS NULL";
    let values = vec![session.into(), account.id.into(), account.generation.into()];
    execute(tx, sql, values).await.map(|_| ())
}

/// Marks what the account's generation has ended, and gives all of its sessions that not every workspace tells of yet.
pub(super) async fn end_outdated(
    database: &Database,
    account: AccountId,
    now: Timestamp,
) -> Result<Vec<AccountSessionId>, DbErr> {
    let sql = "UPDATE account_sessions SET ended_at = $2, unfinished = TRUE, \
               end_cause = (SELECT generation_cause FROM accounts WHERE id = $1) \
               WHERE account_id = $1 AND ended_at IS NULL AND expires_at > $2 \
               AND generation < (SELECT generation FROM accounts WHERE id = $1)";
    let tx = database.begin().await?;
    execute(&tx, sql, vec![account.into(), now.into()]).await?;
    let sql = "SELECT id FROM account_sessions WHERE account_id = $1 AND unfinished";
    let rows = query_all(&tx, sql, vec![account.into()]).await?;
    tx.commit().await?;
    rows.iter().map(|row| row.try_get("", "id")).collect()
}

/// Account sessions that have ended, and not every workspace tells of it yet.
pub(super) async fn list_unfinished<C: ConnectionTrait>(
    connection: &C,
    after: Option<AccountSessionId>,
    limit: u64,
) -> Result<Vec<AccountSessionId>, DbErr> {
    account_sessions::Entity::find()
        .select_only()
        .column(account_sessions::Column::Id)
        .filter(account_sessions::Column::Unfinished.eq(true))
        .apply_if(after, |query, after| query.filter(account_sessions::Column::Id.gt(after)))
        .order_by_asc(account_sessions::Column::Id)
        .limit(limit)
        .into_tuple()
        .all(connection)
        .await
}

pub(super) async fn mark_finished(database: &Database, session: AccountSessionId) -> Result<(), DbErr> {
    let tx = database.begin().await?;
    account_sessions::Entity::update_many()
        .set(account_sessions::ActiveModel { unfinished: Set(false), ..Default::default() })
        .filter(account_sessions::Column::Id.eq(session))
        .exec(&tx)
        .await?;
    tx.commit().await
}

/// Takes sessions away whose absolute age ended before: account sessions with all that hangs on them, then workspace
/// sessions. Says how many, at most `limit` of each.
pub(super) async fn delete_expired(database: &Database, before: Timestamp, limit: u64) -> Result<u64, DbErr> {
    let accounts = format!(
        "DELETE FROM account_sessions WHERE id IN (SELECT id FROM account_sessions \
         WHERE expires_at < $1 AND NOT unfinished ORDER BY expires_at LIMIT {limit})"
    );
    let workspaces = format!(
        "DELETE FROM workspace_sessions WHERE id IN (SELECT id FROM workspace_sessions \
         WHERE expires_at < $1 ORDER BY expires_at LIMIT {limit})"
    );
    let tx = database.begin().await?;
    let mut gone = 0;
    for sql in [accounts, workspaces] {
        gone = gone.max(execute(&tx, &sql, vec![before.into()]).await?);
    }
    tx.commit().await?;
    Ok(gone)
}

/// The workspaces in which an account session still has sessions that were not ended.
pub(super) async fn list_open_workspaces<C: ConnectionTrait>(
    connection: &C,
    session: AccountSessionId,
    now: Timestamp,
) -> Result<Vec<WorkspaceId>, DbErr> {
    let sql = "SELECT DISTINCT x.workspace_id FROM workspace_sessions x \
               JOIN members m ON m.workspace_id = x.workspace_id AND m.id = x.member_id \
               WHERE x.account_session_id = $1 AND x.ended_at IS NULL AND x.generation = m.generation \
               AND x.expires_at > $2";
    let rows = query_all(connection, sql, vec![session.into(), now.into()]).await?;
    rows.iter().map(|row| row.try_get("", "workspace_id")).collect()
}

const STILL_OPEN: &str = "ended_at IS NULL AND expires_at > $2 AND generation = (SELECT m.generation FROM members m \
    WHERE m.workspace_id = workspace_sessions.workspace_id AND m.id = workspace_sessions.member_id)";

/// Ends the sessions under an account session in this workspace; whose they were, if there were any.
pub(super) async fn end_under(
    tx: &WorkspaceTx,
    session: AccountSessionId,
    cause: EndCause,
) -> Result<Option<MemberId>, DbErr> {
    end_where(tx, "account_session_id = $4", cause, session.into()).await
}

/// Ends one session of this workspace; whose it was, if it was open.
pub(super) async fn end_workspace_session(
    tx: &WorkspaceTx,
    id: WorkspaceSessionId,
    cause: EndCause,
) -> Result<Option<MemberId>, DbErr> {
    end_where(tx, "id = $4", cause, id.into()).await
}

async fn end_where(
    tx: &WorkspaceTx,
    condition: &str,
    cause: EndCause,
    value: Value,
) -> Result<Option<MemberId>, DbErr> {
    let sql = format!(
        "UPDATE workspace_sessions SET ended_at = $2, end_cause = $3 \
         WHERE workspace_id = $1 AND {condition} AND {STILL_OPEN} RETURNING member_id"
    );
    let values = vec![tx.workspace().into(), tx.now().into(), cause.into(), value];
    let rows = query_all(tx.writer(), &sql, values).await?;
    rows.first().map(|row| row.try_get("", "member_id")).transpose()
}

/// The workspace of a session of one's own.
pub(super) async fn find_own_workspace<C: ConnectionTrait>(
    connection: &C,
    account: AccountId,
    id: WorkspaceSessionId,
) -> Result<Option<WorkspaceId>, DbErr> {
    let sql = "SELECT x.workspace_id FROM workspace_sessions x JOIN account_sessions s ON s.id = x.account_session_id \
               WHERE x.id = $1 AND s.account_id = $2";
    let rows = query_all(connection, sql, vec![id.into(), account.into()]).await?;
    rows.first().map(|row| row.try_get("", "workspace_id")).transpose()
}

/// Writes uses in one commit; never one that is older than what stands.
pub(super) async fn write_uses(database: &Database, uses: &[(Used, Timestamp)]) -> Result<(), DbErr> {
    const ACCOUNT: &str = "UPDATE account_sessions SET last_used_at = $2 WHERE id = $1 AND last_used_at < $2";
    const WORKSPACE: &str =
        "UPDATE workspace_sessions SET last_used_at = $2 WHERE id = $1 AND last_used_at < $2";
    let tx = database.begin().await?;
    for (used, at) in uses {
        match used {
            Used::AccountSession(id) => {
                execute(&tx, ACCOUNT, vec![(*id).into(), (*at).into()]).await?;
            }
            Used::WorkspaceSession(id) => {
                execute(&tx, WORKSPACE, vec![(*id).into(), (*at).into()]).await?;
            }
            Used::Member(workspace, member) => {
                crate::members::note_activity(&tx, *workspace, *member, *at).await?;
            }
        }
    }
    tx.commit().await
}
