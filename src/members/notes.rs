//! The free notes of reasons, for admins alone (LIF-4). They lie beside the journal, tied to it by the operation.
//!
//! Never part of an event: what people write about people goes when a member is deleted for ever (DEL-1).

use sea_orm::{ConnectionTrait, DbErr};

use super::lifecycle::Operation;
use crate::access::WorkspaceTx;
use crate::platform::database::{execute, placeholders, query_all, value_rows};
use crate::primitives::ids::{MemberId, OperationId, WorkspaceId};
use crate::primitives::time::Timestamp;

/// What an admin wrote beside an operation.
#[derive(Clone, Debug)]
pub struct Note {
    /// The call whose events it belongs to.
    pub call: OperationId,
    pub operation: Operation,
    pub text: String,
    pub created_at: Timestamp,
}

pub(super) async fn add(
    tx: &WorkspaceTx,
    member: MemberId,
    operation: Operation,
    note: Option<&str>,
) -> Result<(), DbErr> {
    let Some(note) = note else { return Ok(()) };
    add_all(tx, &[(member, operation, note.to_owned())]).await
}

/// The same for several members at once.
pub(super) async fn add_all(tx: &WorkspaceTx, notes: &[(MemberId, Operation, String)]) -> Result<(), DbErr> {
    if notes.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "INSERT INTO member_notes (workspace_id, member_id, operation_id, operation, note, created_at) VALUES {}",
        value_rows(1, notes.len(), 6)
    );
    let values = notes.iter().flat_map(|(member, operation, note)| {
        [
            tx.workspace().into(),
            (*member).into(),
            tx.operation().into(),
            operation.as_str().into(),
            note.clone().into(),
            tx.now().into(),
        ]
    });
    execute(tx.writer(), &sql, values.collect()).await?;
    Ok(())
}

/// Newest first, at most `limit` of each member.
pub(super) async fn load_many<C: ConnectionTrait>(
    db: &C,
    workspace: WorkspaceId,
    members: &[MemberId],
    limit: i64,
) -> Result<Vec<(MemberId, Note)>, DbErr> {
    if members.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!(
        "SELECT member_id, operation_id, operation, note, created_at FROM ( \
         SELECT n.*, ROW_NUMBER() OVER (PARTITION BY member_id ORDER BY created_at DESC, operation_id DESC) AS place \
         FROM member_notes n WHERE workspace_id = $1 AND member_id IN ({})) numbered \
         WHERE place <= $2 ORDER BY member_id, place",
        placeholders(3, members.len())
    );
    let values = [workspace.into(), limit.into()].into_iter().chain(members.iter().map(|id| (*id).into()));
    let rows = query_all(db, &sql, values.collect()).await?;
    rows.iter()
        .map(|row| {
            let operation: String = row.try_get("", "operation")?;
            let note = Note {
                call: row.try_get("", "operation_id")?,
                operation: Operation::parse(&operation)
                    .ok_or_else(|| DbErr::Type("unreadable operation".into()))?,
                text: row.try_get("", "note")?,
                created_at: row.try_get("", "created_at")?,
            };
            Ok((row.try_get("", "member_id")?, note))
        })
        .collect()
}
