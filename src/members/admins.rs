//! The SQL of who administers what: for those whose account comes to its end, and for workspaces without an admin.

use sea_orm::{ConnectionTrait, DbErr};

use super::member::MemberState;
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

/// Whose lists a workspace stands in: that of the members, by their accounts, and that of whoever is asked in by an address
/// that they have proved.
#[derive(Clone, Debug, Default)]
pub struct Listed {
    pub persons: Vec<(MemberId, AccountId)>,
    pub invited: Vec<MemberId>,
    /// The last of both, to go on after; none: there was nobody.
    pub last: Option<MemberId>,
    pub more: bool,
}

/// Who has a membership here, or is asked in, after that member: so many at most.
pub async fn list_persons(tx: &WorkspaceTx, after: Option<MemberId>, limit: usize) -> Result<Listed, DbErr> {
    let mut values = vec![tx.workspace().into()];
    let after = after.map_or("", |after| {
        values.push(after.into());
        "AND id > $2"
    });
    let sql = format!(
        "SELECT id, state, account_id FROM members WHERE workspace_id = $1 AND ((state = 'INVITED' AND EXISTS \
         (SELECT 1 FROM accounts a WHERE a.verified_email_key = members.email_key)) \
         OR (state IN ('ACTIVE', 'DEACTIVATED') AND account_id IS NOT NULL)) {after} ORDER BY id LIMIT {}",
        limit.saturating_add(1)
    );
    let rows = query_all(tx.reader(), &sql, values).await?;
    let mut listed = Listed { more: rows.len() > limit, ..Listed::default() };
    for row in rows.iter().take(limit) {
        let (id, state): (MemberId, String) = (row.try_get("", "id")?, row.try_get("", "state")?);
        match row.try_get("", "account_id")? {
            Some(account) if state != MemberState::Invited.as_str() => listed.persons.push((id, account)),
            _ => listed.invited.push(id),
        }
        listed.last = Some(id);
    }
    Ok(listed)
}
