//! What a member works on: the assets assigned to them (WSP-2, AST-2).
//!
//! Never looks into an asset; that it exists in this workspace the schema's foreign key and the caller see to.

use std::collections::HashMap;

use sea_orm::{ConnectionTrait, DbErr, Value};

use crate::access::WorkspaceTx;
use crate::platform::database::{execute, placeholders, query_all, value_rows};
use crate::primitives::ids::{AssetId, MemberId, WorkspaceId};

/// Assignments that one statement writes.
const INSERTED_AT_ONCE: usize = 4000;

/// Access to one asset, with the host's own role on it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Assignment {
    pub asset: AssetId,
    pub role: Option<String>,
}

/// The assignments of several members, for a loader.
pub async fn load_many_assignments<C: ConnectionTrait>(
    db: &C,
    workspace: WorkspaceId,
    members: &[MemberId],
) -> Result<Vec<(MemberId, Assignment)>, DbErr> {
    if members.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!(
        "SELECT g.member_id, g.asset_id, g.role FROM assignments g JOIN assets a ON a.workspace_id = g.workspace_id \
         AND a.id = g.asset_id AND a.lost_at IS NULL WHERE g.workspace_id = $1 AND g.member_id IN ({}) \
         ORDER BY g.member_id, g.asset_id",
        placeholders(2, members.len())
    );
    let values: Vec<Value> =
        std::iter::once(workspace.into()).chain(members.iter().map(|id| (*id).into())).collect();
    let rows = query_all(db, &sql, values).await?;
    rows.iter()
        .map(|row| {
            let assignment =
                Assignment { asset: row.try_get("", "asset_id")?, role: row.try_get("", "role")? };
            Ok((row.try_get("", "member_id")?, assignment))
        })
        .collect()
}

/// Puts these assignments in the place of those that stand.
pub(super) async fn replace(tx: &WorkspaceTx, member: MemberId, with: &[Assignment]) -> Result<(), DbErr> {
    replace_all(tx, &[(member, with.to_vec())]).await
}

/// The same for several members at once.
pub(super) async fn replace_all(tx: &WorkspaceTx, with: &[(MemberId, Vec<Assignment>)]) -> Result<(), DbErr> {
    if with.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "DELETE FROM assignments WHERE workspace_id = $1 AND member_id IN ({})",
        placeholders(2, with.len())
    );
    let members = with.iter().map(|(member, _)| (*member).into());
    let values = std::iter::once(tx.workspace().into()).chain(members).collect();
    execute(tx.writer(), &sql, values).await?;
    let rows: Vec<(MemberId, &Assignment)> =
        with.iter().flat_map(|(member, with)| with.iter().map(|it| (*member, it))).collect();
    for some in rows.chunks(INSERTED_AT_ONCE) {
        insert(tx, some).await?;
    }
    Ok(())
}

async fn insert(tx: &WorkspaceTx, rows: &[(MemberId, &Assignment)]) -> Result<(), DbErr> {
    let sql = format!(
        "INSERT INTO assignments (workspace_id, member_id, asset_id, role) VALUES {}",
        value_rows(1, rows.len(), 4)
    );
    let values = rows.iter().flat_map(|(member, it)| {
        [tx.workspace().into(), (*member).into(), it.asset.into(), it.role.clone().into()]
    });
    execute(tx.writer(), &sql, values.collect()).await?;
    Ok(())
}

/// Who has any of these assigned, each once.
pub(super) async fn list_members_of(tx: &WorkspaceTx, assets: &[AssetId]) -> Result<Vec<MemberId>, DbErr> {
    if assets.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!(
        "SELECT DISTINCT member_id FROM assignments WHERE workspace_id = $1 AND asset_id IN ({}) ORDER BY member_id",
        placeholders(2, assets.len())
    );
    let values = std::iter::once(tx.workspace().into()).chain(assets.iter().map(|id| (*id).into())).collect();
    let rows = query_all(tx.reader(), &sql, values).await?;
    rows.iter().map(|row| row.try_get("", "member_id")).collect()
}

/// Takes assets away from everybody who works on them; there is at least one.
pub(super) async fn remove_assets(tx: &WorkspaceTx, assets: &[AssetId]) -> Result<(), DbErr> {
    let sql = format!(
        "DELETE FROM assignments WHERE workspace_id = $1 AND asset_id IN ({})",
        placeholders(2, assets.len())
    );
    let values = std::iter::once(tx.workspace().into()).chain(assets.iter().map(|id| (*id).into())).collect();
    execute(tx.writer(), &sql, values).await?;
    Ok(())
}

/// Who has an asset that is to be worked on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Reach {
    Workspace,
    /// It went with somebody (REM-6).
    Person,
}

/// Which of these assets there are; what isn't in the answer is nowhere in the workspace's reach.
pub(super) async fn find_assets(
    tx: &WorkspaceTx,
    assets: &[AssetId],
) -> Result<HashMap<AssetId, Reach>, DbErr> {
    if assets.is_empty() {
        return Ok(HashMap::new());
    }
    let sql = format!(
        "SELECT id, held_by_account_id IS NOT NULL AS is_held FROM assets WHERE workspace_id = $1 \
         AND lost_at IS NULL AND archived_at IS NULL AND id IN ({})",
        placeholders(2, assets.len())
    );
    let values = std::iter::once(tx.workspace().into()).chain(assets.iter().map(|id| (*id).into()));
    let rows = query_all(tx.reader(), &sql, values.collect()).await?;
    rows.iter()
        .map(|row| {
            let is_held: bool = row.try_get("", "is_held")?;
            Ok((row.try_get("", "id")?, if is_held { Reach::Person } else { Reach::Workspace }))
        })
        .collect()
}
