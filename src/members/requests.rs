//! What people wrote to the admins (WSP-9), beside the journal like notes: it goes with the member (DEL-1).

use sea_orm::{ConnectionTrait, DbErr};

use super::contact::Contact;
use crate::access::WorkspaceTx;
use crate::platform::database::{execute, placeholders, query_all, query_one};
use crate::primitives::ids::{MemberId, OperationId, WorkspaceId};
use crate::primitives::time::Timestamp;

/// What somebody wrote.
#[derive(Clone, Debug)]
pub struct ContactRequest {
    pub message: String,
    pub created_at: Timestamp,
}

/// What a mail about it says.
pub(super) struct Told {
    pub(super) member: MemberId,
    pub(super) workspace_name: String,
    pub(super) name: String,
    pub(super) email: String,
    pub(super) message: String,
}

pub(super) async fn insert(tx: &WorkspaceTx, member: MemberId, message: &str) -> Result<(), DbErr> {
    let sql = "INSERT INTO contact_requests (workspace_id, operation_id, member_id, message, created_at) \
               VALUES ($1, $2, $3, $4, $5)";
    let values =
        vec![tx.workspace().into(), tx.operation().into(), member.into(), message.into(), tx.now().into()];
    execute(tx.writer(), sql, values).await?;
    Ok(())
}

pub(super) async fn count_since(tx: &WorkspaceTx, member: MemberId, since: Timestamp) -> Result<u64, DbErr> {
    let sql = "SELECT COUNT(*) AS it FROM contact_requests WHERE workspace_id = $1 AND member_id = $2 \
               AND created_at > $3";
    let values = vec![tx.workspace().into(), member.into(), since.into()];
    let row = query_one(tx.reader(), sql, values).await?;
    let count: i64 = row.map_or(Ok(0), |row| row.try_get("", "it"))?;
    Ok(count.unsigned_abs())
}

/// The contact that the admins have set, if they have.
pub(super) async fn find_set_contact(tx: &WorkspaceTx) -> Result<Option<Contact>, DbErr> {
    let sql = "SELECT contact_text, contact_email FROM workspaces WHERE id = $1";
    let row = query_one(tx.reader(), sql, vec![tx.workspace().into()]).await?;
    row.map(|row| {
        Ok(Contact { text: row.try_get("", "contact_text")?, email: row.try_get("", "contact_email")? })
    })
    .transpose()
}

pub(super) async fn list_admin_addresses(tx: &WorkspaceTx, limit: i64) -> Result<Vec<String>, DbErr> {
    let sql = "SELECT m.email FROM members m JOIN roles r ON r.workspace_id = m.workspace_id AND r.id = m.role_id \
               WHERE m.workspace_id = $1 AND r.is_admin AND m.state = 'ACTIVE' AND m.blocked_at IS NULL \
               ORDER BY m.joined_at, m.id LIMIT $2";
    let values = vec![tx.workspace().into(), limit.into()];
    let rows = query_all(tx.reader(), sql, values).await?;
    rows.iter().map(|row| row.try_get("", "email")).collect()
}

pub(super) async fn find_told<C: ConnectionTrait>(
    db: &C,
    workspace: WorkspaceId,
    request: OperationId,
) -> Result<Option<Told>, DbErr> {
    let sql = "SELECT w.name AS workspace_name, m.id AS member_id, m.name, m.email, q.message FROM contact_requests q \
               JOIN workspaces w ON w.id = q.workspace_id \
               JOIN members m ON m.workspace_id = q.workspace_id AND m.id = q.member_id \
               WHERE q.workspace_id = $1 AND q.operation_id = $2 AND w.deleted_at IS NULL";
    let row = query_one(db, sql, vec![workspace.into(), request.into()]).await?;
    row.map(|row| {
        Ok(Told {
            member: row.try_get("", "member_id")?,
            workspace_name: row.try_get("", "workspace_name")?,
            name: row.try_get("", "name")?,
            email: row.try_get("", "email")?,
            message: row.try_get("", "message")?,
        })
    })
    .transpose()
}

/// Newest first, at most `limit` of each member.
pub(super) async fn load_many<C: ConnectionTrait>(
    db: &C,
    workspace: WorkspaceId,
    members: &[MemberId],
    limit: i64,
) -> Result<Vec<(MemberId, ContactRequest)>, DbErr> {
    if members.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!(
        "SELECT member_id, message, created_at FROM ( \
         SELECT q.*, ROW_NUMBER() OVER (PARTITION BY member_id ORDER BY created_at DESC, operation_id DESC) AS place \
         FROM contact_requests q WHERE workspace_id = $1 AND member_id IN ({})) numbered \
         WHERE place <= $2 ORDER BY member_id, place",
        placeholders(3, members.len())
    );
    let values = [workspace.into(), limit.into()].into_iter().chain(members.iter().map(|id| (*id).into()));
    let rows = query_all(db, &sql, values.collect()).await?;
    rows.iter()
        .map(|row| {
            let request = ContactRequest {
                message: row.try_get("", "message")?,
                created_at: row.try_get("", "created_at")?,
            };
            Ok((row.try_get("", "member_id")?, request))
        })
        .collect()
}
