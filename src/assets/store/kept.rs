//! The SQL of what went with persons.

use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, QueryResult};

use super::super::KeptAsset;
use crate::entities::assets;
use crate::platform::database::{placeholders, query_all};
use crate::platform::keyset::Order;
use crate::primitives::ids::{AccountId, AssetId, WorkspaceId};
use crate::primitives::page::PageRequest;

// Of a deleted workspace nobody is in any more, and its name is nobody's to read.
const SELECT: &str = "SELECT a.*, CASE WHEN w.deleted_at IS NULL THEN w.name END AS workspace_name, \
    CASE WHEN w.deleted_at IS NOT NULL THEN 0 ELSE (SELECT COUNT(*) FROM assignments s \
    WHERE s.workspace_id = a.workspace_id AND s.asset_id = a.id) + (SELECT COUNT(*) FROM asset_shares h \
    WHERE h.workspace_id = a.workspace_id AND h.asset_id = a.id AND NOT EXISTS (SELECT 1 FROM assignments s \
    WHERE s.workspace_id = h.workspace_id AND s.asset_id = h.asset_id AND s.member_id = h.member_id)) END AS shared_with";
const KEPT: &str = "FROM assets a JOIN workspaces w ON w.id = a.workspace_id WHERE a.held_by_account_id = $1";

fn kept(row: &QueryResult) -> Result<KeptAsset, DbErr> {
    let model = assets::Model::from_query_result(row, "")?;
    Ok(KeptAsset {
        workspace: model.workspace_id,
        asset: model.into(),
        workspace_name: row.try_get("", "workspace_name")?,
        shared_with: row.try_get("", "shared_with")?,
    })
}

pub(in crate::assets) async fn list_kept<C: ConnectionTrait>(
    connection: &C,
    account: AccountId,
    request: &PageRequest,
) -> Result<Vec<KeptAsset>, DbErr> {
    let page = Order::ascending("a.name_key", "a.id").page(request, 2);
    let sql = format!("{SELECT} {KEPT}{}{}", page.conditions, page.order);
    let values = std::iter::once(account.into()).chain(page.values).collect();
    query_all(connection, &sql, values).await?.iter().map(kept).collect()
}

pub(in crate::assets) async fn count_kept<C: ConnectionTrait>(
    connection: &C,
    account: AccountId,
) -> Result<u64, DbErr> {
    let rows = query_all(connection, &format!("SELECT COUNT(*) AS it {KEPT}"), vec![account.into()]).await?;
    let count: i64 = rows.first().map_or(Ok(0), |row| row.try_get("", "it"))?;
    Ok(count.unsigned_abs())
}

pub(in crate::assets) async fn find_many_kept<C: ConnectionTrait>(
    connection: &C,
    account: AccountId,
    ids: &[AssetId],
) -> Result<Vec<KeptAsset>, DbErr> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!("{SELECT} {KEPT} AND a.id IN ({})", placeholders(2, ids.len()));
    let values = std::iter::once(account.into()).chain(ids.iter().map(|id| (*id).into())).collect();
    query_all(connection, &sql, values).await?.iter().map(kept).collect()
}

/// The workspace that an asset of a person's went away from.
pub async fn find_kept_workspace<C: ConnectionTrait>(
    connection: &C,
    account: AccountId,
    id: AssetId,
) -> Result<Option<WorkspaceId>, DbErr> {
    let found = find_many_kept(connection, account, &[id]).await?;
    Ok(found.into_iter().next().map(|kept| kept.workspace))
}
