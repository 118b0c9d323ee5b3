//! The SQL of keys and answers.
//!
//! Never finds a key without its credential, but by its run.

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, QueryResult, Statement, Value};
use uuid::Uuid;

use super::{Claim, KeyedCall, Known};
use crate::primitives::idempotency::Digest;
use crate::primitives::ids::{AccountId, OperationId, WorkspaceId};
use crate::primitives::time::Timestamp;

/// One run's hold on a key.
#[derive(Clone, Copy)]
pub(super) struct Lease {
    pub(super) run: Claim,
    pub(super) held_until: Timestamp,
    pub(super) expires_at: Timestamp,
}

async fn execute(tx: &DatabaseTransaction, sql: &str, values: Vec<Value>) -> Result<u64, DbErr> {
    let statement = Statement::from_sql_and_values(tx.get_database_backend(), sql, values);
    Ok(tx.execute_raw(statement).await?.rows_affected())
}

fn bytes(digest: &Digest) -> Value {
    digest.as_bytes().to_vec().into()
}

/// False: the key is known. Waits for whoever is just making it known.
pub(super) async fn insert(tx: &DatabaseTransaction, call: &KeyedCall, lease: Lease) -> Result<bool, DbErr> {
    let sql = "INSERT INTO answers (credential_id, key_hash, body_hash, run_id, account_id, workspace_id, settled, \
               sealed, held_until, expires_at) VALUES ($1, $2, $3, $4, $5, $6, FALSE, FALSE, $7, $8) ON CONFLICT DO NOTHING";
    let values = vec![
        call.credential.into(),
        bytes(&call.key),
        bytes(&call.body),
        lease.run.0.into(),
        call.account.as_uuid().into(),
        call.workspace.map(WorkspaceId::as_uuid).into(),
        lease.held_until.as_micros().into(),
        lease.expires_at.as_micros().into(),
    ];
    Ok(execute(tx, sql, values).await? == 1)
}

pub(super) async fn get_locked(tx: &DatabaseTransaction, call: &KeyedCall) -> Result<Known, DbErr> {
    let lock = if tx.get_database_backend() == DbBackend::Postgres { " FOR UPDATE" } else { "" };
    let sql = format!(
        "SELECT body_hash, operation_id, settled, answer, held_until, expires_at FROM answers \
         WHERE credential_id = $1 AND key_hash = $2{lock}"
    );
    let values = vec![call.credential.into(), bytes(&call.key)];
    let statement = Statement::from_sql_and_values(tx.get_database_backend(), sql, values);
    let row = tx.query_one_raw(statement).await?;
    // The purge has just taken it away: whoever asks again finds no key.
    known(&row.ok_or_else(|| DbErr::Conn(sea_orm::RuntimeErr::Internal("the key is just going".into())))?)
}

fn known(row: &QueryResult) -> Result<Known, DbErr> {
    let body: Vec<u8> = row.try_get("", "body_hash")?;
    let body = Digest::from_bytes(&body).ok_or_else(|| DbErr::Type("an unreadable hash of a body".into()))?;
    let operation: Option<Uuid> = row.try_get("", "operation_id")?;
    Ok(Known {
        body,
        operation: operation.map(OperationId::from_uuid),
        settled: row.try_get("", "settled")?,
        answer: row.try_get("", "answer")?,
        held_until: Timestamp::from_micros(row.try_get("", "held_until")?),
        expires_at: Timestamp::from_micros(row.try_get("", "expires_at")?),
    })
}

/// The key is another run's from here on; the one before can't commit any more.
pub(super) async fn take_over(tx: &DatabaseTransaction, call: &KeyedCall, lease: Lease) -> Result<(), DbErr> {
    let sql = "UPDATE answers SET body_hash = $3, run_id = $4, account_id = $5, workspace_id = $6, operation_id = NULL, \
               settled = FALSE, sealed = FALSE, answer = NULL, held_until = $7, expires_at = $8 \
               WHERE credential_id = $1 AND key_hash = $2";
    let values = vec![
        call.credential.into(),
        bytes(&call.key),
        bytes(&call.body),
        lease.run.0.into(),
        call.account.as_uuid().into(),
        call.workspace.map(WorkspaceId::as_uuid).into(),
        lease.held_until.as_micros().into(),
        lease.expires_at.as_micros().into(),
    ];
    execute(tx, sql, values).await.map(|_| ())
}

/// False: the key is no longer this run's.
pub(super) async fn mark(
    tx: &DatabaseTransaction,
    claim: Claim,
    operation: OperationId,
) -> Result<bool, DbErr> {
    let sql = "UPDATE answers SET operation_id = $2 WHERE run_id = $1";
    Ok(execute(tx, sql, vec![claim.0.into(), operation.as_uuid().into()]).await? == 1)
}

pub(super) async fn settle(
    tx: &DatabaseTransaction,
    claim: Claim,
    answer: Option<String>,
) -> Result<(), DbErr> {
    let sql = "UPDATE answers SET settled = TRUE, answer = CASE WHEN sealed THEN NULL ELSE $2 END WHERE run_id = $1";
    execute(tx, sql, vec![claim.0.into(), answer.into()]).await.map(|_| ())
}

pub(super) async fn release(tx: &DatabaseTransaction, claim: Claim) -> Result<(), DbErr> {
    let sql = "UPDATE answers SET settled = TRUE WHERE run_id = $1 AND operation_id IS NOT NULL";
    execute(tx, sql, vec![claim.0.into()]).await?;
    let sql = "DELETE FROM answers WHERE run_id = $1 AND operation_id IS NULL";
    execute(tx, sql, vec![claim.0.into()]).await.map(|_| ())
}

pub(super) async fn forget_in_workspace(
    tx: &DatabaseTransaction,
    workspace: WorkspaceId,
) -> Result<(), DbErr> {
    let sql = "UPDATE answers SET answer = NULL, sealed = TRUE WHERE workspace_id = $1";
    execute(tx, sql, vec![workspace.as_uuid().into()]).await.map(|_| ())
}

pub(super) async fn forget_of_account(tx: &DatabaseTransaction, account: AccountId) -> Result<(), DbErr> {
    let sql = "UPDATE answers SET answer = NULL, sealed = TRUE WHERE account_id = $1";
    execute(tx, sql, vec![account.as_uuid().into()]).await.map(|_| ())
}

pub(super) async fn purge(tx: &DatabaseTransaction, now: Timestamp) -> Result<u64, DbErr> {
    execute(tx, "DELETE FROM answers WHERE expires_at <= $1", vec![now.as_micros().into()]).await
}
