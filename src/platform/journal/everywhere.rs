//! What concerns the whole installation: one event on every stream at once, and another history.
//!
//! Never one stream after the other: so many statements as there are workspaces would keep an operator waiting who has
//! just brought a backup back.

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr};
use uuid::Uuid;

use super::envelope::Effect;
use super::write::json;
use crate::platform::database::{execute, query_one};
use crate::primitives::ids::OperationId;
use crate::primitives::time::Timestamp;

/// Every stream of the installation, held until the transaction ends: nobody else writes anything.
#[derive(Clone, Copy, Debug)]
pub struct LockedInstallation {
    pub workspaces: i64,
    pub accounts: i64,
}

/// An event of the installation's own: every stream gets it.
#[derive(Clone, Debug)]
pub struct InstallationEvent {
    pub kind: &'static str,
    pub version: i16,
    pub operation: OperationId,
    pub effect: Effect,
    pub now: Timestamp,
}

fn is_postgres(tx: &DatabaseTransaction) -> bool {
    tx.get_database_backend() == DbBackend::Postgres
}

/// Locks every stream, in the order that all writers keep: workspaces before accounts, each in ascending order.
pub async fn lock_installation(tx: &DatabaseTransaction) -> Result<LockedInstallation, DbErr> {
    // SQLite's write transactions are alone from their beginning.
    if is_postgres(tx) {
        // As long as writers take: nobody tries this again for the operator.
        tx.execute_unprepared("SET LOCAL lock_timeout = 0").await?;
        tx.execute_unprepared("SELECT 1 FROM streams ORDER BY kind DESC, id FOR UPDATE").await?;
    }
    let sql = "SELECT COUNT(CASE kind WHEN 'WORKSPACE' THEN 1 END) AS workspaces, \
               COUNT(CASE kind WHEN 'ACCOUNT' THEN 1 END) AS accounts FROM streams";
    let row = query_one(tx, sql, Vec::new()).await?;
    let row = row.ok_or_else(|| DbErr::RecordNotFound("streams".into()))?;
    Ok(LockedInstallation {
        workspaces: row.try_get("", "workspaces")?,
        accounts: row.try_get("", "accounts")?,
    })
}

/// Writes the event to every stream under its next number: to the members of a workspace, and to each person.
pub async fn append_everywhere(
    tx: &DatabaseTransaction,
    _held: LockedInstallation,
    event: &InstallationEvent,
) -> Result<(), DbErr> {
    let (uuid, latest) =
        if is_postgres(tx) { ("gen_random_uuid()", "GREATEST") } else { ("randomblob(16)", "MAX") };
    let sql = format!(
        "INSERT INTO events (stream_id, seq, id, stream_kind, type, version, operation_id, occurred_at, actor_kind, \
         origin, audience, subject_kind, subject_id, effect, payload) \
         SELECT s.id, s.seq + 1, {uuid}, s.kind, $1, $2, $3, {latest}(s.last_at, $4), 'SYSTEM', 'SYSTEM', \
         CASE s.kind WHEN 'ACCOUNT' THEN 'SUBJECT' ELSE 'MEMBERS' END, \
         CASE s.kind WHEN 'ACCOUNT' THEN 'ACCOUNT' END, CASE s.kind WHEN 'ACCOUNT' THEN s.id END, $5, '{{}}' \
         FROM streams s"
    );
    let values = vec![
        event.kind.into(),
        event.version.into(),
        event.operation.as_uuid().into(),
        event.now.as_micros().into(),
        json(&event.effect).into(),
    ];
    execute(tx, &sql, values).await?;
    let sql = format!("UPDATE streams SET seq = seq + 1, last_at = {latest}(last_at, $1)");
    execute(tx, &sql, vec![event.now.as_micros().into()]).await?;
    Ok(())
}

/// Starts another history: what clients and servers remember of the old one counts no more. False where the database
/// has no installation in it.
pub async fn renew_epoch(tx: &DatabaseTransaction) -> Result<bool, DbErr> {
    let epoch: Uuid = OperationId::new().as_uuid();
    let sql = "UPDATE installation SET epoch = $1 WHERE id = 1";
    Ok(execute(tx, sql, vec![epoch.into()]).await? == 1)
}
