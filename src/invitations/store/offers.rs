//! What an invitation shows to whom it is for, read from it and from what stands around it.
//!
//! Never more than the link may show (INV-5), and never finds one but by its id or by an address that was proved.

use sea_orm::{ConnectionTrait, DbErr, QueryResult};

use crate::invitations::read::Offer;
use crate::platform::database::{placeholders, query_all, query_one};
use crate::platform::keyset::Order;
use crate::primitives::ids::{AccountId, InvitationId, WorkspaceId};
use crate::primitives::page::PageRequest;

const OFFER: &str = "SELECT i.id, i.workspace_id, i.expires_at, i.sent_at, i.revision, i.created_at, w.name AS workspace_name, \
    i.inviter_member_id, COALESCE(m.name, '') AS inviter_name, COALESCE(r.name, '') AS role_name, CASE WHEN i.gives_up_kept THEN 0 ELSE \
    (SELECT COUNT(*) FROM members k JOIN assets t ON t.held_by_account_id = k.account_id \
    AND t.workspace_id = k.workspace_id WHERE k.workspace_id = i.workspace_id AND k.id = i.member_id) END \
    AS kept_assets FROM invitations i \
    JOIN workspaces w ON w.id = i.workspace_id \
    LEFT JOIN roles r ON r.workspace_id = i.workspace_id AND r.id = i.role_id \
    LEFT JOIN members m ON m.workspace_id = i.workspace_id AND m.id = i.inviter_member_id";

/// What an invitation may show to whom it is for (INV-5).
pub(in crate::invitations) async fn find_offer<C: ConnectionTrait>(
    db: &C,
    workspace: WorkspaceId,
    id: InvitationId,
) -> Result<Option<Offer>, DbErr> {
    let sql = format!("{OFFER} WHERE i.workspace_id = $1 AND i.id = $2 AND w.deleted_at IS NULL");
    let row = query_one(db, &sql, vec![workspace.into(), id.into()]).await?;
    row.as_ref().map(offer).transpose()
}

const RECEIVED: &str = "JOIN accounts a ON a.verified_email_key = i.email_key WHERE a.id = $1 \
    AND i.ended_at IS NULL AND w.deleted_at IS NULL";

/// The open invitations to a person's verified address (INV-9).
pub(in crate::invitations) async fn list_received<C: ConnectionTrait>(
    db: &C,
    account: AccountId,
    request: &PageRequest,
) -> Result<Vec<Offer>, DbErr> {
    let page = Order::descending("i.created_at", "i.id").numeric().page(request, 2);
    let sql = format!("{OFFER} {RECEIVED}{}{}", page.conditions, page.order);
    let values = std::iter::once(account.into()).chain(page.values).collect();
    let rows = query_all(db, &sql, values).await?;
    rows.iter().map(offer).collect()
}

pub(in crate::invitations) async fn find_many_received<C: ConnectionTrait>(
    db: &C,
    account: AccountId,
    ids: &[InvitationId],
) -> Result<Vec<Offer>, DbErr> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!("{OFFER} {RECEIVED} AND i.id IN ({})", placeholders(2, ids.len()));
    let values = std::iter::once(account.into()).chain(ids.iter().map(|id| (*id).into())).collect();
    let rows = query_all(db, &sql, values).await?;
    rows.iter().map(offer).collect()
}

pub(in crate::invitations) async fn count_received<C: ConnectionTrait>(
    db: &C,
    account: AccountId,
) -> Result<u64, DbErr> {
    let sql = format!(
        "SELECT COUNT(*) AS it FROM invitations i JOIN workspaces w ON w.id = i.workspace_id {RECEIVED}"
    );
    let row = query_one(db, &sql, vec![account.into()]).await?;
    let count: i64 = row.map_or(Ok(0), |row| row.try_get("", "it"))?;
    Ok(count.unsigned_abs())
}

fn offer(row: &QueryResult) -> Result<Offer, DbErr> {
    Ok(Offer {
        id: row.try_get("", "id")?,
        workspace: row.try_get("", "workspace_id")?,
        workspace_name: row.try_get("", "workspace_name")?,
        inviter: row.try_get("", "inviter_member_id")?,
        inviter_name: row.try_get("", "inviter_name")?,
        role_name: row.try_get("", "role_name")?,
        sent_at: row.try_get("", "sent_at")?,
        expires_at: row.try_get("", "expires_at")?,
        kept_assets: row.try_get("", "kept_assets")?,
        revision: row.try_get("", "revision")?,
        created_at: row.try_get("", "created_at")?,
    })
}
