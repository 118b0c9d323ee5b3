//! The SQL of workspaces that are deleted, brought back and purged (WSP-10).

use sea_orm::{ConnectionTrait, DbErr};

use crate::access::WorkspaceTx;
use crate::platform::database::{execute, query_all};
use crate::primitives::ids::{MemberId, WorkspaceId};
use crate::primitives::time::Timestamp;

/// What it is called, deleted or not; none where it has been purged.
pub async fn get_name(tx: &WorkspaceTx) -> Result<Option<String>, DbErr> {
    let sql = "SELECT name FROM workspaces WHERE id = $1 AND purged_at IS NULL";
    let rows = query_all(tx.reader(), sql, vec![tx.workspace().into()]).await?;
    rows.first().map(|row| row.try_get("", "name")).transpose()
}

/// Since when it is deleted; none where it isn't, or has been purged.
pub async fn find_deletion(tx: &WorkspaceTx) -> Result<Option<Timestamp>, DbErr> {
    let sql =
        "SELECT deleted_at FROM workspaces WHERE id = $1 AND deleted_at IS NOT NULL AND purged_at IS NULL";
    let rows = query_all(tx.reader(), sql, vec![tx.workspace().into()]).await?;
    rows.first().map(|row| row.try_get("", "deleted_at")).transpose()
}

/// Out of everybody's reach from here on.
pub async fn mark_deleted(tx: &WorkspaceTx) -> Result<(), DbErr> {
    let sql = "UPDATE workspaces SET deleted_at = $2, told = FALSE, told_up_to = NULL, revision = revision + 1 WHERE id = $1";
    execute(tx.writer(), sql, vec![tx.workspace().into(), tx.now().into()]).await.map(|_| ())
}

/// In reach again.
pub async fn unmark_deleted(tx: &WorkspaceTx) -> Result<(), DbErr> {
    let sql = "UPDATE workspaces SET deleted_at = NULL, revision = revision + 1 WHERE id = $1";
    execute(tx.writer(), sql, vec![tx.workspace().into()]).await.map(|_| ())
}

/// The last member whose person was told of the deletion; none where all have been, or where there is nothing to tell.
pub async fn find_untold(tx: &WorkspaceTx) -> Result<Option<Option<MemberId>>, DbErr> {
    let sql = "SELECT told_up_to FROM workspaces WHERE id = $1 AND deleted_at IS NOT NULL AND NOT told";
    let rows = query_all(tx.reader(), sql, vec![tx.workspace().into()]).await?;
    rows.first().map(|row| row.try_get("", "told_up_to")).transpose()
}

/// Everybody up to this member has been told, or everybody at all.
pub async fn mark_told(tx: &WorkspaceTx, up_to: MemberId, all: bool) -> Result<(), DbErr> {
    let sql = "UPDATE workspaces SET told_up_to = $2, told = $3 WHERE id = $1";
    execute(tx.writer(), sql, vec![tx.workspace().into(), up_to.into(), all.into()]).await.map(|_| ())
}

/// Deleted ones of which not everybody has been told.
pub async fn list_untold<C: ConnectionTrait>(db: &C) -> Result<Vec<WorkspaceId>, DbErr> {
    let sql = "SELECT id FROM workspaces WHERE deleted_at IS NOT NULL AND purged_at IS NULL AND NOT told \
               ORDER BY deleted_at, id";
    query_all(db, sql, vec![]).await?.iter().map(|row| row.try_get("", "id")).collect()
}

/// Those that were deleted by then and not purged yet, the longest ago first.
pub async fn list_deleted_before<C: ConnectionTrait>(
    db: &C,
    before: Timestamp,
) -> Result<Vec<WorkspaceId>, DbErr> {
    let sql =
        "SELECT id FROM workspaces WHERE deleted_at <= $1 AND purged_at IS NULL ORDER BY deleted_at, id";
    query_all(db, sql, vec![before.into()]).await?.iter().map(|row| row.try_get("", "id")).collect()
}

/// All deleted ones that can still be brought back, with their names.
pub async fn list_deleted<C: ConnectionTrait>(
    db: &C,
) -> Result<Vec<(WorkspaceId, String, Timestamp)>, DbErr> {
    let sql = "SELECT id, name, deleted_at FROM workspaces WHERE deleted_at IS NOT NULL AND purged_at IS NULL \
               ORDER BY deleted_at, id";
    let rows = query_all(db, sql, vec![]).await?;
    rows.iter()
        .map(|row| Ok((row.try_get("", "id")?, row.try_get("", "name")?, row.try_get("", "deleted_at")?)))
        .collect()
}

/// The workspace itself goes, once nothing is in it. Where persons still hold what they took with them, a row without name
/// and settings stays for as long.
pub async fn purge(tx: &WorkspaceTx) -> Result<(), DbErr> {
    let sql = "UPDATE workspaces SET name = '', policy = '{}', contact_text = NULL, contact_email = NULL, \
               purged_at = $2, revision = revision + 1 WHERE id = $1";
    execute(tx.writer(), sql, vec![tx.workspace().into(), tx.now().into()]).await?;
    delete_purged(tx).await
}

/// What is left of a purged workspace goes with the last thing that a person held.
pub async fn delete_purged(tx: &WorkspaceTx) -> Result<(), DbErr> {
    let sql = "DELETE FROM workspaces WHERE id = $1 AND purged_at IS NOT NULL \
               AND NOT EXISTS (SELECT 1 FROM assets a WHERE a.workspace_id = workspaces.id)";
    execute(tx.writer(), sql, vec![tx.workspace().into()]).await.map(|_| ())
}
