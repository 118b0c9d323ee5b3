//! The SQL of whom assets are shared with.
//!
//! Never goes member by member, nor asset by asset.

use std::collections::HashMap;

use sea_orm::{ConnectionTrait, DbErr, Value};

use super::super::Shares;
use super::{Asset, Selection, all};
use crate::access::WorkspaceTx;
use crate::platform::database::{execute, placeholders, query_all};
use crate::primitives::ids::{AssetId, MemberId, WorkspaceId};

/// Whom an asset is shared with.
pub(in crate::assets) async fn find_shares(tx: &WorkspaceTx, asset: AssetId) -> Result<Shares, DbErr> {
    Ok(load_many_shares(tx.reader(), tx.workspace(), &[asset]).await?.remove(&asset).unwrap_or_default())
}

/// Whom assets are shared with; those that nobody has shared are not in the answer.
pub(in crate::assets) async fn load_many_shares<C: ConnectionTrait>(
    connection: &C,
    workspace: WorkspaceId,
    assets: &[AssetId],
) -> Result<HashMap<AssetId, Shares>, DbErr> {
    let mut found: HashMap<AssetId, Shares> = HashMap::new();
    if assets.is_empty() {
        return Ok(found);
    }
    let list = placeholders(2, assets.len());
    let values: Vec<Value> =
        std::iter::once(workspace.into()).chain(assets.iter().map(|id| (*id).into())).collect();
    let sql = format!(
        "SELECT asset_id, member_id FROM asset_shares WHERE workspace_id = $1 AND asset_id IN ({list})"
    );
    for row in query_all(connection, &sql, values.clone()).await? {
        let member: MemberId = row.try_get("", "member_id")?;
        found.entry(row.try_get("", "asset_id")?).or_default().members.insert(member);
    }
    let sql = format!(
        "SELECT asset_id, channel FROM asset_channels WHERE workspace_id = $1 AND asset_id IN ({list})"
    );
    for row in query_all(connection, &sql, values).await? {
        let channel: String = row.try_get("", "channel")?;
        found.entry(row.try_get("", "asset_id")?).or_default().channels.insert(channel);
    }
    Ok(found)
}

/// Shares an asset with whoever doesn't have it yet.
pub(in crate::assets) async fn share_with(
    tx: &WorkspaceTx,
    asset: AssetId,
    with: &Shares,
) -> Result<(), DbErr> {
    let members = with.members.iter().map(|member| Value::from(*member)).collect();
    insert(tx, "INSERT INTO asset_shares (workspace_id, asset_id, member_id) VALUES ", asset, members)
        .await?;
    let channels = with.channels.iter().map(|channel| Value::from(channel.clone())).collect();
    insert(tx, "INSERT INTO asset_channels (workspace_id, asset_id, channel) VALUES ", asset, channels).await
}

async fn insert(tx: &WorkspaceTx, into: &str, asset: AssetId, with: Vec<Value>) -> Result<(), DbErr> {
    if with.is_empty() {
        return Ok(());
    }
    let rows: Vec<String> = (0..with.len()).map(|at| format!("($1, $2, ${})", at + 3)).collect();
    let values = [tx.workspace().into(), asset.into()].into_iter().chain(with).collect();
    execute(tx.writer(), &format!("{into}{}", rows.join(", ")), values).await.map(|_| ())
}

/// Takes an asset back from these.
pub(in crate::assets) async fn take_back(
    tx: &WorkspaceTx,
    asset: AssetId,
    from: &Shares,
) -> Result<(), DbErr> {
    let members = from.members.iter().map(|member| Value::from(*member)).collect();
    delete(
        tx,
        "DELETE FROM asset_shares WHERE workspace_id = $1 AND asset_id = $2 AND member_id",
        asset,
        members,
    )
    .await?;
    let channels = from.channels.iter().map(|channel| Value::from(channel.clone())).collect();
    delete(
        tx,
        "DELETE FROM asset_channels WHERE workspace_id = $1 AND asset_id = $2 AND channel",
        asset,
        channels,
    )
    .await
}

/// Takes these back from everybody, and raises their revisions; there is at least one.
pub(in crate::assets) async fn take_back_all(tx: &WorkspaceTx, assets: &[AssetId]) -> Result<(), DbErr> {
    let list = placeholders(2, assets.len());
    let values: Vec<Value> =
        std::iter::once(tx.workspace().into()).chain(assets.iter().map(|id| (*id).into())).collect();
    for sql in [
        format!("DELETE FROM asset_shares WHERE workspace_id = $1 AND asset_id IN ({list})"),
        format!("DELETE FROM asset_channels WHERE workspace_id = $1 AND asset_id IN ({list})"),
        format!("UPDATE assets SET revision = revision + 1 WHERE workspace_id = $1 AND id IN ({list})"),
    ] {
        execute(tx.writer(), &sql, values.clone()).await?;
    }
    Ok(())
}

async fn delete(tx: &WorkspaceTx, from: &str, asset: AssetId, which: Vec<Value>) -> Result<(), DbErr> {
    if which.is_empty() {
        return Ok(());
    }
    let sql = format!("{from} IN ({})", placeholders(3, which.len()));
    let values = [tx.workspace().into(), asset.into()].into_iter().chain(which).collect();
    execute(tx.writer(), &sql, values).await.map(|_| ())
}

/// What is shared with a member.
pub(in crate::assets) async fn list_shared_with(
    tx: &WorkspaceTx,
    member: MemberId,
) -> Result<Vec<Asset>, DbErr> {
    let sql = "FROM assets a JOIN asset_shares h ON h.workspace_id = a.workspace_id AND h.asset_id = a.id \
               WHERE h.workspace_id = $1 AND h.member_id = $2 ORDER BY a.id";
    let values = vec![tx.workspace().into(), member.into()];
    all(tx.reader(), Selection { sql: sql.to_owned(), values }).await
}

/// Assets of the workspace, whoever holds them.
pub(in crate::assets) async fn load_many(tx: &WorkspaceTx, assets: &[AssetId]) -> Result<Vec<Asset>, DbErr> {
    if assets.is_empty() {
        return Ok(Vec::new());
    }
    let list = placeholders(2, assets.len());
    let sql = format!("FROM assets a WHERE a.workspace_id = $1 AND a.id IN ({list}) ORDER BY a.id");
    let values = std::iter::once(tx.workspace().into()).chain(assets.iter().map(|id| (*id).into())).collect();
    all(tx.reader(), Selection { sql, values }).await
}
