//! What the database knows of a credential, in one statement and so in one snapshot.
//!
//! Never decides whether it holds; that is `judge`.

use std::collections::HashMap;

use sea_orm::{ConnectionTrait, DbBackend, DbErr, QueryResult, Value};
use uuid::Uuid;

use crate::platform::database::{placeholders, query_all};
use crate::primitives::actor::{AssetScope, EndCause};
use crate::primitives::ids::{
    AccountId, AccountSessionId, ApiKeyId, MemberId, RoleId, WorkspaceId, WorkspaceSessionId,
};
use crate::primitives::rights::Rights;
use crate::primitives::secret::{SecretHash, SecretKind};
use crate::primitives::time::Timestamp;

/// A session of either kind, next to the generation that it has to match.
#[derive(Clone, Debug)]
pub(super) struct SessionRow {
    pub generation: i64,
    pub wanted_generation: i64,
    pub generation_cause: Option<EndCause>,
    pub ended: bool,
    pub end_cause: Option<EndCause>,
    pub expires_at: Timestamp,
    pub last_used_at: Timestamp,
}

#[derive(Clone, Debug)]
pub(super) struct AccountRow {
    pub id: AccountSessionId,
    pub account: AccountId,
    pub session: SessionRow,
    pub email_verified: bool,
    pub head: i64,
    pub epoch_id: Uuid,
}

#[derive(Clone, Debug)]
pub(super) struct MemberRow {
    pub workspace: WorkspaceId,
    pub member: MemberId,
    pub account: AccountId,
    pub state: String,
    pub blocked: bool,
    pub generation: i64,
    pub rights: Rights,
    pub joined_seq: i64,
    pub workspace_deleted: bool,
    pub head: i64,
    pub account_head: i64,
    pub epoch_id: Uuid,
}

/// A credential that exists.
#[derive(Clone, Debug)]
pub(super) enum Found {
    Account(AccountRow),
    Workspace {
        id: WorkspaceSessionId,
        session: SessionRow,
        parent: AccountRow,
        member: MemberRow,
    },
    Key {
        id: ApiKeyId,
        revoked: bool,
        /// Its maker's membership is another spell than the one it was made in (API-2).
        outlived: bool,
        /// The account of its maker has come to its end; what is left to do in the workspace, a job does (SES-7).
        account_ended: bool,
        member: MemberRow,
    },
    /// A key whose maker's membership leads to no account any more.
    KeyOfNobody {
        workspace: WorkspaceId,
    },
    /// It says something that this release can't read.
    Unreadable,
}

const ACCOUNT_COLUMNS: &str = "s.id AS s_id, s.account_id AS s_account_id, s.generation AS s_generation, \
    a.generation AS s_wanted, a.generation_cause AS s_generation_cause, s.ended_at AS s_ended_at, \
    s.end_cause AS s_end_cause, s.expires_at AS s_expires_at, s.last_used_at AS s_last_used_at, \
    a.verified_email_key IS NOT NULL AS email_verified, ah.seq AS account_head";

/// Whose membership it is, the credential says: where an account is at its end, the member's row has none any more.
const MEMBER_COLUMNS: &str = "m.workspace_id, m.id AS member_id, m.state, \
    m.blocked_at IS NOT NULL AS blocked, m.generation AS member_generation, \
    m.generation_cause AS member_generation_cause, COALESCE(m.joined_seq, 0) AS joined_seq, r.id AS role_id, \
    r.is_admin, r.asset_scope, r.permissions, w.deleted_at IS NOT NULL AS workspace_deleted, wh.seq AS head";

const MEMBER_JOINS: &str = "LEFT JOIN roles r ON r.workspace_id = m.workspace_id AND r.id = m.role_id \
    LEFT JOIN workspaces w ON w.id = m.workspace_id LEFT JOIN streams wh ON wh.id = m.workspace_id";

const ACCOUNT_JOINS: &str =
    "LEFT JOIN accounts a ON a.id = s.account_id LEFT JOIN streams ah ON ah.id = a.id";

/// One row, and to a planner too: of a table that nobody ever analysed it expects a thousand, and would read the others whole.
const BASE: &str = "(SELECT (SELECT epoch FROM installation) AS epoch_id) b";

/// Begins with what is there whatever becomes of the tokens, so that a standby is known for one also where it hasn't heard
/// of any of them yet. The epoch is read in the same snapshot: a cursor of another history is known by it, also before
/// this server has noticed that another has begun.
fn sql(kind: SecretKind, backend: DbBackend, count: usize) -> String {
    let tokens = placeholders(1, count);
    let standby = if backend == DbBackend::Postgres { "pg_is_in_recovery()" } else { "FALSE" };
    let base = format!("{standby} AS standby, b.epoch_id");
    match kind {
        SecretKind::WorkspaceSession => format!(
            "SELECT x.token_hash, {base}, x.id, x.generation, x.ended_at, x.end_cause, x.expires_at, x.last_used_at, \
             {ACCOUNT_COLUMNS}, {MEMBER_COLUMNS} FROM {BASE} \
             LEFT JOIN workspace_sessions x ON x.token_hash IN ({tokens}) \
             LEFT JOIN members m ON m.workspace_id = x.workspace_id AND m.id = x.member_id {MEMBER_JOINS} \
             LEFT JOIN account_sessions s ON s.id = x.account_session_id {ACCOUNT_JOINS}"
        ),
        SecretKind::ApiKey => format!(
            "SELECT x.token_hash, {base}, x.id, x.revoked_at, \
             x.maker_joined_seq <> COALESCE(m.joined_seq, 0) AS outlived, m.account_id AS s_account_id, \
             COALESCE(a.ending = 'ENDING', a.id IS NULL) AS account_ended, ah.seq AS account_head, {MEMBER_COLUMNS} \
             FROM {BASE} LEFT JOIN api_keys x ON x.token_hash IN ({tokens}) \
             LEFT JOIN members m ON m.workspace_id = x.workspace_id AND m.id = x.member_id {MEMBER_JOINS} \
             LEFT JOIN accounts a ON a.id = m.account_id LEFT JOIN streams ah ON ah.id = m.account_id"
        ),
        _ => format!(
            "SELECT s.token_hash, {base}, {ACCOUNT_COLUMNS} FROM {BASE} \
             LEFT JOIN account_sessions s ON s.token_hash IN ({tokens}) {ACCOUNT_JOINS}"
        ),
    }
}

/// Finds credentials by their hashes. Those that don't exist are not in the answer. A standby may lag behind, so nothing
/// that it says counts, and least that a credential doesn't exist (REV-2).
pub(super) async fn find<C: ConnectionTrait>(
    connection: &C,
    kind: SecretKind,
    tokens: &[SecretHash],
) -> Result<HashMap<SecretHash, Found>, DbErr> {
    let backend = connection.get_database_backend();
    // Filled up to a power of two with the last one, so that few forms of the statement are ever prepared.
    let count = tokens.len().next_power_of_two();
    let padded = tokens.iter().chain(std::iter::repeat(&tokens[tokens.len() - 1])).take(count);
    let values: Vec<Value> = padded.map(|token| (*token).into()).collect();
    let rows = query_all(connection, &sql(kind, backend, count), values).await?;
    let Some(any) = rows.first() else { return Err(DbErr::Custom("a check without an answer".into())) };
    if any.try_get("", "standby")? {
        return Err(DbErr::Custom("the server that answered is a standby".into()));
    }
    let mut all = HashMap::new();
    for row in &rows {
        if let Some(token) = row.try_get("", "token_hash")? {
            all.insert(token, readable(found(kind, row)));
        }
    }
    Ok(all)
}

/// One row that can't be read, as a later release may write it, refuses its own credential and no other of the batch.
fn readable(found: Result<Found, DbErr>) -> Found {
    found.unwrap_or_else(|error| {
        tracing::error!(%error, "a credential's row can't be read");
        Found::Unreadable
    })
}

/// The same for one, holding the row of its workspace's stream from here on.
#[cfg(feature = "planted-bugs")]
pub(super) async fn find_locking<C: ConnectionTrait>(
    connection: &C,
    kind: SecretKind,
    token: SecretHash,
) -> Result<HashMap<SecretHash, Found>, DbErr> {
    let backend = connection.get_database_backend();
    // The condition makes the join an inner one: what may be missing can't be locked.
    let sql = format!("{} WHERE wh.id IS NOT NULL FOR UPDATE OF wh", sql(kind, backend, 1));
    let rows = query_all(connection, &sql, vec![token.into()]).await?;
    rows.iter().map(|row| Ok((row.try_get("", "token_hash")?, found(kind, row)?))).collect()
}

fn found(kind: SecretKind, row: &QueryResult) -> Result<Found, DbErr> {
    Ok(match kind {
        SecretKind::WorkspaceSession => Found::Workspace {
            id: row.try_get("", "id")?,
            session: SessionRow {
                generation: row.try_get("", "generation")?,
                wanted_generation: row.try_get("", "member_generation")?,
                generation_cause: row.try_get("", "member_generation_cause")?,
                ended: row.try_get::<Option<i64>>("", "ended_at")?.is_some(),
                end_cause: row.try_get("", "end_cause")?,
                expires_at: row.try_get("", "expires_at")?,
                last_used_at: row.try_get("", "last_used_at")?,
            },
            parent: account(row)?,
            member: member(row)?,
        },
        SecretKind::ApiKey if row.try_get::<Option<AccountId>>("", "s_account_id")?.is_none() => {
            Found::KeyOfNobody { workspace: row.try_get("", "workspace_id")? }
        }
        SecretKind::ApiKey => Found::Key {
            id: row.try_get("", "id")?,
            revoked: row.try_get::<Option<i64>>("", "revoked_at")?.is_some(),
            outlived: row.try_get("", "outlived")?,
            account_ended: row.try_get("", "account_ended")?,
            member: member(row)?,
        },
        _ => Found::Account(account(row)?),
    })
}

fn account(row: &QueryResult) -> Result<AccountRow, DbErr> {
    Ok(AccountRow {
        id: row.try_get("", "s_id")?,
        account: row.try_get("", "s_account_id")?,
        session: SessionRow {
            generation: row.try_get("", "s_generation")?,
            wanted_generation: row.try_get("", "s_wanted")?,
            generation_cause: row.try_get("", "s_generation_cause")?,
            ended: row.try_get::<Option<i64>>("", "s_ended_at")?.is_some(),
            end_cause: row.try_get("", "s_end_cause")?,
            expires_at: row.try_get("", "s_expires_at")?,
            last_used_at: row.try_get("", "s_last_used_at")?,
        },
        email_verified: row.try_get("", "email_verified")?,
        head: row.try_get("", "account_head")?,
        epoch_id: row.try_get("", "epoch_id")?,
    })
}

fn member(row: &QueryResult) -> Result<MemberRow, DbErr> {
    Ok(MemberRow {
        workspace: row.try_get("", "workspace_id")?,
        member: row.try_get("", "member_id")?,
        account: row.try_get("", "s_account_id")?,
        state: row.try_get("", "state")?,
        blocked: row.try_get("", "blocked")?,
        generation: row.try_get("", "member_generation")?,
        rights: rights(row)?,
        joined_seq: row.try_get("", "joined_seq")?,
        workspace_deleted: row.try_get("", "workspace_deleted")?,
        head: row.try_get("", "head")?,
        account_head: row.try_get("", "account_head")?,
        epoch_id: row.try_get("", "epoch_id")?,
    })
}

fn rights(row: &QueryResult) -> Result<Rights, DbErr> {
    let permissions: String = row.try_get("", "permissions")?;
    Ok(Rights {
        role: row.try_get::<RoleId>("", "role_id")?,
        admin: row.try_get("", "is_admin")?,
        scope: row.try_get::<AssetScope>("", "asset_scope")?,
        granted: serde_json::from_str(&permissions).map_err(|error| DbErr::Json(error.to_string()))?,
    })
}
