//! The SQL of keys and answers.
//!
//! Never finds a key without its credential, but by its run. Never takes one away without counting it out.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, QueryResult, Value};
use uuid::Uuid;

use super::{Claim, KeyedCall, Known};
use crate::platform::database::{execute, query_all, query_one};
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

fn bytes(digest: &Digest) -> Value {
    digest.as_bytes().to_vec().into()
}

/// False: the key is known. Waits for whoever is just making it known.
pub(super) async fn insert(tx: &DatabaseTransaction, call: &KeyedCall, lease: Lease) -> Result<bool, DbErr> {
    let sql = "INSERT INTO answers (credential_id, key_hash, body_hash, run_id, account_id, workspace_id, settled, \
               sealed, held_until, expires_at, holder_id) \
               VALUES ($1, $2, $3, $4, $5, $6, FALSE, FALSE, $7, $8, $9) ON CONFLICT DO NOTHING";
    let values = vec![
        call.credential.into(),
        bytes(&call.key),
        bytes(&call.body),
        lease.run.0.into(),
        call.account.as_uuid().into(),
        call.workspace.map(WorkspaceId::as_uuid).into(),
        lease.held_until.as_micros().into(),
        lease.expires_at.as_micros().into(),
        call.holder.into(),
    ];
    Ok(execute(tx, sql, values).await? == 1)
}

/// One more of the holder's. False: that would be more than `most`.
pub(super) async fn count_in(tx: &DatabaseTransaction, holder: Uuid, most: u32) -> Result<bool, DbErr> {
    let sql = "INSERT INTO answer_holders (holder_id, held) VALUES ($1, 1) ON CONFLICT (holder_id) \
               DO UPDATE SET held = answer_holders.held + 1 WHERE answer_holders.held < $2";
    Ok(execute(tx, sql, vec![holder.into(), i64::from(most).into()]).await? == 1)
}

/// So many fewer of each; in the order of their ids, so that two who do this never wait for each other.
async fn count_out(tx: &DatabaseTransaction, gone: &[QueryResult]) -> Result<(), DbErr> {
    let mut holders: BTreeMap<Uuid, i64> = BTreeMap::new();
    for row in gone {
        *holders.entry(row.try_get("", "holder_id")?).or_default() += 1;
    }
    for (holder, count) in holders {
        let sql = "UPDATE answer_holders SET held = held - $2 WHERE holder_id = $1";
        execute(tx, sql, vec![holder.into(), count.into()]).await?;
        let sql = "DELETE FROM answer_holders WHERE holder_id = $1 AND held <= 0";
        execute(tx, sql, vec![holder.into()]).await?;
    }
    Ok(())
}

/// When the first of a holder's keys is over.
pub(super) async fn find_first_expiry(
    connection: &impl ConnectionTrait,
    holder: Uuid,
) -> Result<Option<Timestamp>, DbErr> {
    let sql = "SELECT expires_at FROM answers WHERE holder_id = $1 ORDER BY expires_at LIMIT 1";
    let row = query_one(connection, sql, vec![holder.into()]).await?;
    row.map(|row| row.try_get("", "expires_at").map(Timestamp::from_micros)).transpose()
}

pub(super) async fn get_locked(tx: &DatabaseTransaction, call: &KeyedCall) -> Result<Known, DbErr> {
    let lock = if tx.get_database_backend() == DbBackend::Postgres { " FOR UPDATE" } else { "" };
    let sql = format!(
        "SELECT body_hash, operation_id, settled, answer, held_until, expires_at FROM answers \
         WHERE credential_id = $1 AND key_hash = $2{lock}"
    );
    let values = vec![call.credential.into(), bytes(&call.key)];
    let row = query_one(tx, &sql, values).await?;
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
    let sql = "DELETE FROM answers WHERE run_id = $1 AND operation_id IS NULL RETURNING holder_id";
    count_out(tx, &query_all(tx, sql, vec![claim.0.into()]).await?).await
}

pub(super) async fn forget_in_workspace(
    tx: &DatabaseTransaction,
    workspace: WorkspaceId,
) -> Result<(), DbErr> {
    let sql = "UPDATE answers SET answer = NULL, sealed = TRUE WHERE workspace_id = $1";
    execute(tx, sql, vec![workspace.as_uuid().into()]).await?;
    let sql = "UPDATE answers SET answer = NULL, sealed = TRUE WHERE workspace_id IS NULL AND account_id IN \
               (SELECT m.account_id FROM members m WHERE m.workspace_id = $1 AND m.account_id IS NOT NULL)";
    execute(tx, sql, vec![workspace.as_uuid().into()]).await.map(|_| ())
}

pub(super) async fn forget_of_account(tx: &DatabaseTransaction, account: AccountId) -> Result<(), DbErr> {
    let sql = "UPDATE answers SET answer = NULL, sealed = TRUE WHERE account_id = $1";
    execute(tx, sql, vec![account.as_uuid().into()]).await.map(|_| ())
}

/// Takes away what is over, of one holder or of all, so many at most. Says how many.
pub(super) async fn purge(
    tx: &DatabaseTransaction,
    now: Timestamp,
    holder: Option<Uuid>,
    most: u64,
) -> Result<u64, DbErr> {
    // What another one is just taking away, or over, is left to it.
    let lock = if tx.get_database_backend() == DbBackend::Postgres { " FOR UPDATE SKIP LOCKED" } else { "" };
    let mut values: Vec<Value> = vec![now.as_micros().into()];
    let of_holder = holder.map_or("", |holder| {
        values.push(holder.into());
        " AND holder_id = $2"
    });
    let sql = format!(
        "DELETE FROM answers WHERE run_id IN (SELECT run_id FROM answers WHERE expires_at <= $1{of_holder} \
         ORDER BY expires_at LIMIT {most}{lock}) RETURNING holder_id"
    );
    let gone = query_all(tx, &sql, values).await?;
    count_out(tx, &gone).await?;
    Ok(gone.len() as u64)
}
