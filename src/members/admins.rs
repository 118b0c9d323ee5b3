//! The SQL of who administers what: for those whose account comes to its end, and for workspaces without an admin.

use sea_orm::{ConnectionTrait, DbErr};

use crate::access::WorkspaceTx;
use crate::platform::database::{execute, query_all};
use crate::primitives::actor::EndCause;
use crate::primitives::ids::{AccountId, MemberId, WorkspaceId};

const ADMINISTERED: &str = "FROM members m JOIN roles r ON r.workspace_id = m.workspace_id AND r.id = m.role_id \
    JOIN workspaces w ON w.id = m.workspace_id WHERE m.account_id = $1 AND m.state = 'ACTIVE' \
    AND m.blocked_at IS NULL AND r.is_admin AND w.deleted_at IS NULL";

/// The workspaces that a person is an active admin of.
pub(super) async fn list_administered<C: ConnectionTrait>(
    db: &C,
    account: AccountId,
) -> Result<Vec<WorkspaceId>, DbErr> {
    let sql = format!("SELECT w.id {ADMINISTERED} ORDER BY w.id");
    let rows = query_all(db, &sql, vec![account.into()]).await?;
    rows.iter().map(|row| row.try_get("", "id")).collect()
}

/// Those, or this one of them, that have no other whose account goes on; with their names.
pub(super) async fn list_administered_alone<C: ConnectionTrait>(
    db: &C,
    account: AccountId,
    within: Option<WorkspaceId>,
) -> Result<Vec<(WorkspaceId, String)>, DbErr> {
    let mut values = vec![account.into()];
    let within = within.map_or("", |workspace| {
        values.push(workspace.into());
        "AND w.id = $2"
    });
    let sql = format!(
        "SELECT w.id, w.name {ADMINISTERED} {within} AND NOT EXISTS (SELECT 1 FROM members o \
         JOIN roles q ON q.workspace_id = o.workspace_id AND q.id = o.role_id JOIN accounts p ON p.id = o.account_id \
         WHERE o.workspace_id = m.workspace_id AND o.id <> m.id AND o.state = 'ACTIVE' AND o.blocked_at IS NULL \
         AND q.is_admin AND p.ending IS NULL) ORDER BY w.id"
    );
    let rows = query_all(db, &sql, values).await?;
    rows.iter().map(|row| Ok((row.try_get("", "id")?, row.try_get("", "name")?))).collect()
}

/// Every session of the workspace is of an older generation, and no invitation is valid any more.
pub async fn end_everything(tx: &WorkspaceTx) -> Result<(), DbErr> {
    let sql = "UPDATE members SET generation = generation + 1, generation_cause = $2, revision = revision + 1, \
               invitation_expires_at = CASE WHEN invitation_expires_at > $3 THEN $3 ELSE invitation_expires_at END \
               WHERE workspace_id = $1";
    let values = vec![tx.workspace().into(), EndCause::WorkspaceDeleted.into(), tx.now().into()];
    execute(tx.writer(), sql, values).await?;
    Ok(())
}

/// Who has a membership here, after that member: the persons whose list it stands in.
pub async fn list_persons(
    tx: &WorkspaceTx,
    after: Option<MemberId>,
    limit: u64,
) -> Result<Vec<(MemberId, AccountId)>, DbErr> {
    let mut values = vec![tx.workspace().into()];
    let after = after.map_or("", |after| {
        values.push(after.into());
        "AND id > $2"
    });
    let sql = format!(
        "SELECT id, account_id FROM members WHERE workspace_id = $1 AND state IN ('ACTIVE', 'DEACTIVATED') \
         AND account_id IS NOT NULL {after} ORDER BY id LIMIT {limit}"
    );
    let rows = query_all(tx.reader(), &sql, values).await?;
    rows.iter().map(|row| Ok((row.try_get("", "id")?, row.try_get("", "account_id")?))).collect()
}
