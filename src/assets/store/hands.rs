//! The SQL of assets that change hands: given away, lost, brought back, purged.
//!
//! Never goes asset by asset: each change is one statement, however many it concerns.

use std::collections::HashMap;

use sea_orm::{ConnectionTrait, DbErr, QueryResult, Value};

use super::{Asset, Selection, all};
use crate::access::WorkspaceTx;
use crate::assets::Destination;
use crate::platform::database::{execute, placeholders, query_all};
use crate::platform::keyset::Order;
use crate::primitives::ids::{AccountId, AssetId, MemberId, WorkspaceId};
use crate::primitives::page::PageRequest;
use crate::primitives::time::Timestamp;

fn ids(rows: &[QueryResult]) -> Result<Vec<AssetId>, DbErr> {
    rows.iter().map(|row| row.try_get("", "id")).collect()
}

/// Who owns these; those that aren't in the workspace are not in the answer.
pub(in crate::assets) async fn find_owners(
    tx: &WorkspaceTx,
    assets: &[AssetId],
) -> Result<HashMap<AssetId, Option<MemberId>>, DbErr> {
    if assets.is_empty() {
        return Ok(HashMap::new());
    }
    let sql = format!(
        "SELECT id, owner_member_id FROM assets WHERE workspace_id = $1 AND lost_at IS NULL \
         AND held_by_account_id IS NULL AND id IN ({})",
        placeholders(2, assets.len())
    );
    let values = std::iter::once(tx.workspace().into()).chain(assets.iter().map(|id| (*id).into())).collect();
    let rows = query_all(tx.reader(), &sql, values).await?;
    rows.iter().map(|row| Ok((row.try_get("", "id")?, row.try_get("", "owner_member_id")?))).collect()
}

const OWNED: &str = "FROM assets a WHERE a.workspace_id = $1 AND a.owner_member_id = $2";

/// How many assets a member owns.
pub(in crate::assets) async fn count_owned<C: ConnectionTrait>(
    connection: &C,
    workspace: WorkspaceId,
    owner: MemberId,
) -> Result<u64, DbErr> {
    let sql = format!("SELECT COUNT(*) AS it {OWNED}");
    let rows = query_all(connection, &sql, vec![workspace.into(), owner.into()]).await?;
    let count: i64 = rows.first().map_or(Ok(0), |row| row.try_get("", "it"))?;
    Ok(count.unsigned_abs())
}

/// What a member owns, by name.
pub(in crate::assets) async fn list_owned<C: ConnectionTrait>(
    connection: &C,
    (workspace, owner): (WorkspaceId, MemberId),
    request: &PageRequest,
) -> Result<Vec<Asset>, DbErr> {
    let page = Order::ascending("a.name_key", "a.id").page(request, 3);
    let sql = format!("{OWNED}{}{}", page.conditions, page.order);
    let values = [workspace.into(), owner.into()].into_iter().chain(page.values).collect();
    all(connection, Selection { sql, values }).await
}

/// What a member owns besides these, by name.
pub(in crate::assets) async fn list_owned_but(
    tx: &WorkspaceTx,
    owner: MemberId,
    but: &[AssetId],
    limit: u64,
) -> Result<Vec<Asset>, DbErr> {
    let mut sql = OWNED.to_owned();
    if !but.is_empty() {
        sql.push_str(&format!(" AND a.id NOT IN ({})", placeholders(3, but.len())));
    }
    sql.push_str(&format!(" ORDER BY a.name_key, a.id LIMIT {limit}"));
    let values =
        [tx.workspace().into(), owner.into()].into_iter().chain(but.iter().map(|id| (*id).into())).collect();
    all(tx.reader(), Selection { sql, values }).await
}

/// What these members own: owner and asset.
pub(in crate::assets) async fn list_owned_by(
    tx: &WorkspaceTx,
    owners: &[MemberId],
) -> Result<Vec<(MemberId, AssetId)>, DbErr> {
    if owners.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!(
        "SELECT owner_member_id, id FROM assets WHERE workspace_id = $1 AND owner_member_id IN ({}) \
         ORDER BY owner_member_id, id",
        placeholders(2, owners.len())
    );
    let values = std::iter::once(tx.workspace().into()).chain(owners.iter().map(|id| (*id).into())).collect();
    let rows = query_all(tx.reader(), &sql, values).await?;
    rows.iter().map(|row| Ok((row.try_get("", "owner_member_id")?, row.try_get("", "id")?))).collect()
}

/// Gives these of the members', or all that they own, to another holder; tells which.
pub(in crate::assets) async fn give(
    tx: &WorkspaceTx,
    owners: &[MemberId],
    which: Option<&[AssetId]>,
    to: Destination,
) -> Result<Vec<AssetId>, DbErr> {
    if owners.is_empty() {
        return Ok(Vec::new());
    }
    let (member, lost_at) = match to {
        Destination::Member(member) => (Some(member), None),
        Destination::Person | Destination::Workspace => (None, None),
        Destination::Lost => (None, Some(tx.now())),
    };
    let (account, lost_by) = match to {
        Destination::Person => (
            "(SELECT m.account_id FROM members m WHERE m.workspace_id = assets.workspace_id \
             AND m.id = assets.owner_member_id)",
            "NULL",
        ),
        Destination::Lost => ("NULL", "owner_member_id"),
        Destination::Member(_) | Destination::Workspace => ("NULL", "NULL"),
    };
    let mut sql = format!(
        "UPDATE assets SET held_by_account_id = {account}, lost_by_member_id = {lost_by}, owner_member_id = $2, \
         lost_at = $3, revision = revision + 1 WHERE workspace_id = $1 AND owner_member_id IN ({})",
        placeholders(4, owners.len())
    );
    let mut values: Vec<Value> = vec![tx.workspace().into(), member.into(), lost_at.into()];
    values.extend(owners.iter().map(|id| Value::from(*id)));
    if let Some(which) = which {
        sql.push_str(&format!(" AND id IN ({})", placeholders(values.len() + 1, which.len())));
        values.extend(which.iter().map(|id| Value::from(*id)));
    }
    sql.push_str(" RETURNING id");
    ids(&query_all(tx.writer(), &sql, values).await?)
}

/// Makes a member, or the workspace, the owner of these.
pub(in crate::assets) async fn set_owner(
    tx: &WorkspaceTx,
    assets: &[AssetId],
    to: Option<MemberId>,
) -> Result<(), DbErr> {
    let sql = format!(
        "UPDATE assets SET owner_member_id = $2, revision = revision + 1 WHERE workspace_id = $1 AND id IN ({})",
        placeholders(3, assets.len())
    );
    let values = [tx.workspace().into(), to.into()].into_iter().chain(assets.iter().map(|id| (*id).into()));
    execute(tx.writer(), &sql, values.collect()).await?;
    Ok(())
}

/// Brings back to the workspace what a person took with them, as this member's; tells which.
pub(in crate::assets) async fn bring_back(
    tx: &WorkspaceTx,
    account: AccountId,
    member: MemberId,
) -> Result<Vec<AssetId>, DbErr> {
    let sql = "UPDATE assets SET owner_member_id = $3, held_by_account_id = NULL, revision = revision + 1 \
               WHERE workspace_id = $1 AND held_by_account_id = $2 RETURNING id"
        .to_owned();
    let values = vec![tx.workspace().into(), account.into(), member.into()];
    ids(&query_all(tx.writer(), &sql, values).await?)
}

/// The workspaces that have something to purge.
pub(in crate::assets) async fn list_workspaces_with_lost<C: ConnectionTrait>(
    connection: &C,
    before: Timestamp,
) -> Result<Vec<WorkspaceId>, DbErr> {
    let sql = "SELECT DISTINCT workspace_id FROM assets WHERE lost_at <= $1".to_owned();
    let rows = query_all(connection, &sql, vec![before.into()]).await?;
    rows.iter().map(|row| row.try_get("", "workspace_id")).collect()
}

/// What was lost before that time.
pub(in crate::assets) async fn list_lost_before(
    tx: &WorkspaceTx,
    before: Timestamp,
    limit: u64,
) -> Result<Vec<AssetId>, DbErr> {
    let sql =
        format!("SELECT id FROM assets WHERE workspace_id = $1 AND lost_at <= $2 ORDER BY id LIMIT {limit}");
    ids(&query_all(tx.reader(), &sql, vec![tx.workspace().into(), before.into()]).await?)
}

/// What a member owns or has lost, and what their account took with it from this workspace.
pub(in crate::assets) async fn list_of_person(
    tx: &WorkspaceTx,
    member: Option<MemberId>,
    account: Option<AccountId>,
) -> Result<Vec<AssetId>, DbErr> {
    let sql = "SELECT id FROM assets WHERE workspace_id = $1 AND (owner_member_id = $2 OR lost_by_member_id = $2 \
               OR held_by_account_id = $3) ORDER BY id";
    let values = vec![tx.workspace().into(), member.into(), account.into()];
    ids(&query_all(tx.reader(), sql, values).await?)
}

/// Deletes these.
pub(in crate::assets) async fn delete(tx: &WorkspaceTx, assets: &[AssetId]) -> Result<(), DbErr> {
    let sql = format!(
        "DELETE FROM assets WHERE workspace_id = $1 AND id IN ({}) RETURNING id",
        placeholders(2, assets.len())
    );
    let values = std::iter::once(tx.workspace().into()).chain(assets.iter().map(|id| (*id).into())).collect();
    query_all(tx.writer(), &sql, values).await.map(|_| ())
}

/// The workspaces that a person keeps something from.
pub(in crate::assets) async fn list_keeping_workspaces<C: ConnectionTrait>(
    connection: &C,
    account: AccountId,
) -> Result<Vec<WorkspaceId>, DbErr> {
    let sql = "SELECT DISTINCT workspace_id FROM assets WHERE held_by_account_id = $1".to_owned();
    let rows = query_all(connection, &sql, vec![account.into()]).await?;
    rows.iter().map(|row| row.try_get("", "workspace_id")).collect()
}

/// With the workspace all of them go (WSP-10) but what persons took with them: that is theirs (REM-6), and in nobody
/// else's reach any more.
pub async fn delete_all(tx: &WorkspaceTx) -> Result<(), DbErr> {
    for sql in [
        "DELETE FROM assets WHERE workspace_id = $1 AND held_by_account_id IS NULL",
        "DELETE FROM asset_shares WHERE workspace_id = $1",
        "DELETE FROM asset_channels WHERE workspace_id = $1",
    ] {
        execute(tx.writer(), sql, vec![tx.workspace().into()]).await?;
    }
    Ok(())
}

/// The workspace that lost this asset.
pub(in crate::assets) async fn find_lost<C: ConnectionTrait>(
    connection: &C,
    asset: AssetId,
) -> Result<Option<WorkspaceId>, DbErr> {
    let sql = "SELECT workspace_id FROM assets WHERE id = $1 AND lost_at IS NOT NULL".to_owned();
    let rows = query_all(connection, &sql, vec![asset.into()]).await?;
    rows.first().map(|row| row.try_get("", "workspace_id")).transpose()
}

/// All that is lost and not yet purged, the longest ago first.
pub(in crate::assets) async fn list_lost<C: ConnectionTrait>(
    connection: &C,
) -> Result<Vec<(AssetId, String, Timestamp)>, DbErr> {
    let sql =
        "SELECT id, name, lost_at FROM assets WHERE lost_at IS NOT NULL ORDER BY lost_at, id".to_owned();
    let rows = query_all(connection, &sql, vec![]).await?;
    rows.iter()
        .map(|row| Ok((row.try_get("", "id")?, row.try_get("", "name")?, row.try_get("", "lost_at")?)))
        .collect()
}

/// The workspace holds it again; false where it isn't lost any more, or gone.
pub(in crate::assets) async fn find_again(tx: &WorkspaceTx, asset: AssetId) -> Result<bool, DbErr> {
    let sql = "UPDATE assets SET lost_at = NULL, lost_by_member_id = NULL, revision = revision + 1 \
               WHERE workspace_id = $1 AND id = $2 AND lost_at IS NOT NULL RETURNING id"
        .to_owned();
    Ok(!query_all(tx.writer(), &sql, vec![tx.workspace().into(), asset.into()]).await?.is_empty())
}
