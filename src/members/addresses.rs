//! Whose an address is, in a workspace: any that a membership has had, or that its account has now (INV-10).
//!
//! An address that somebody gave up may have become another person's, so it can lead to several members.

use sea_orm::{ConnectionTrait, DbErr};

use super::bars;
use super::member::{Member, MemberState};
use super::store::{SELECT, member};
use crate::access::WorkspaceTx;
use crate::accounts;
use crate::platform::database::query_all;
use crate::primitives::email::EmailKey;
use crate::primitives::ids::WorkspaceId;

/// Those whom an address leads to; whoever has it now comes first.
async fn list_by_address<C: ConnectionTrait>(
    db: &C,
    workspace: WorkspaceId,
    address: &EmailKey,
) -> Result<Vec<Member>, DbErr> {
    let sql = format!(
        "{SELECT} LEFT JOIN accounts p ON p.id = m.account_id WHERE m.workspace_id = $1 AND m.id IN (\
         SELECT member_id FROM member_addresses WHERE workspace_id = $1 AND email_key = $2 \
         UNION SELECT x.id FROM members x JOIN accounts a ON a.id = x.account_id \
         WHERE x.workspace_id = $1 AND a.verified_email_key = $2 \
         UNION SELECT x.id FROM members x JOIN accounts a ON a.id = x.account_id \
         WHERE x.workspace_id = $1 AND a.ended_email_key = $2) \
         ORDER BY CASE WHEN p.verified_email_key = $2 THEN 0 WHEN m.email_key = $2 THEN 1 ELSE 2 END, m.id DESC"
    );
    let values = vec![workspace.into(), address.clone().into()];
    query_all(db, &sql, values).await?.iter().map(member).collect()
}

/// Every address that leads to a membership: those that it has had, and what its account has proved, were it just ended.
pub(super) async fn list_of(tx: &WorkspaceTx, member: &Member) -> Result<Vec<EmailKey>, DbErr> {
    let sql = "SELECT email_key FROM member_addresses WHERE workspace_id = $1 AND member_id = $2 \
               UNION SELECT m.email_key FROM members m WHERE m.workspace_id = $1 AND m.id = $2 \
               UNION SELECT COALESCE(a.verified_email_key, a.ended_email_key) FROM members m \
               JOIN accounts a ON a.id = m.account_id WHERE m.workspace_id = $1 AND m.id = $2 \
               AND COALESCE(a.verified_email_key, a.ended_email_key) IS NOT NULL";
    let values = vec![tx.workspace().into(), member.id.into()];
    let rows = query_all(tx.reader(), sql, values).await?;
    rows.iter().map(|row| row.try_get("", "email_key")).collect()
}

/// The member whose address it is, or was.
pub(super) async fn find_holder<C: ConnectionTrait>(
    db: &C,
    workspace: WorkspaceId,
    address: &EmailKey,
) -> Result<Option<Member>, DbErr> {
    Ok(list_by_address(db, workspace, address).await?.into_iter().next())
}

/// Was somebody removed while blocked whom the address leads to, be they deleted for ever since, other than by this
/// membership? (BLK-8)
pub async fn is_marked_elsewhere(tx: &WorkspaceTx, address: &EmailKey, than: &Member) -> Result<bool, DbErr> {
    // An admin's own hand has asked in whoever is invited and bears the mark.
    if than.removed_while_blocked {
        return Ok(false);
    }
    let found = list_by_address(tx.reader(), tx.workspace(), address).await?;
    let marked = found.iter().any(|member| member.id != than.id && member.removed_while_blocked);
    Ok(marked || bars::is_barred(tx, address).await?)
}

/// The membership that decides whether the address may be invited, and that an invitation goes on with: one that still
/// lasts before all others, then one whose block follows the address (BLK-8), then that of the person who has the
/// address. Whoever gave it up to another person and is out doesn't stand in that person's way.
pub async fn find_by_address<C: ConnectionTrait>(
    db: &C,
    workspace: WorkspaceId,
    address: &EmailKey,
) -> Result<Option<Member>, DbErr> {
    let found = list_by_address(db, workspace, address).await?;
    let lasts = found.iter().find(|member| member.state != MemberState::Removed);
    if let Some(member) = lasts.or_else(|| found.iter().find(|member| member.removed_while_blocked)) {
        return Ok(Some(member.clone()));
    }
    let person = accounts::find_by_verified_email(db, address).await?.map(|account| account.id);
    Ok(found
        .into_iter()
        .find(|member| person.is_none() || member.account.is_none() || member.account == person))
}
