//! What a member works on: the assets assigned to them (WSP-2, AST-2).
//!
//! Never looks into an asset; that it exists in this workspace the schema's foreign key and the caller see to.

use sea_orm::{ConnectionTrait, DbErr, Value};

use super::store::statement;
use crate::access::WorkspaceTx;
use crate::platform::database::placeholders;
use crate::primitives::ids::{AssetId, MemberId, WorkspaceId};

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
    let rows = db.query_all_raw(statement(db, &sql, values)).await?;
    rows.iter()
        .map(|row| {
            let assignment =
                Assignment { asset: row.try_get("", "asset_id")?, role: row.try_get("", "role")? };
            Ok((row.try_get("", "member_id")?, assignment))
        })
        .collect()
}

pub(super) async fn list<C: ConnectionTrait>(
    db: &C,
    workspace: WorkspaceId,
    member: MemberId,
) -> Result<Vec<Assignment>, DbErr> {
    let found = load_many_assignments(db, workspace, &[member]).await?;
    Ok(found.into_iter().map(|(_, assignment)| assignment).collect())
}

/// Puts these assignments in the place of those that stand.
pub(super) async fn replace(tx: &WorkspaceTx, member: MemberId, with: &[Assignment]) -> Result<(), DbErr> {
    let sql = "DELETE FROM assignments WHERE workspace_id = $1 AND member_id = $2";
    let key = vec![tx.workspace().into(), member.into()];
    tx.writer().execute_raw(statement(tx.writer(), sql, key)).await?;
    for assignment in with {
        let sql = "INSERT INTO assignments (workspace_id, member_id, asset_id, role) VALUES ($1, $2, $3, $4)";
        let values = vec![
            tx.workspace().into(),
            member.into(),
            assignment.asset.into(),
            assignment.role.clone().into(),
        ];
        tx.writer().execute_raw(statement(tx.writer(), sql, values)).await?;
    }
    Ok(())
}

/// Who has an asset assigned.
pub(super) async fn list_members_of(tx: &WorkspaceTx, asset: AssetId) -> Result<Vec<MemberId>, DbErr> {
    let sql =
        "SELECT member_id FROM assignments WHERE workspace_id = $1 AND asset_id = $2 ORDER BY member_id";
    let values = vec![tx.workspace().into(), asset.into()];
    let rows = tx.reader().query_all_raw(statement(tx.reader(), sql, values)).await?;
    rows.iter().map(|row| row.try_get("", "member_id")).collect()
}

/// Who has any of these assigned, each once.
pub(super) async fn list_members_of_any(
    tx: &WorkspaceTx,
    assets: &[AssetId],
) -> Result<Vec<MemberId>, DbErr> {
    if assets.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!(
        "SELECT DISTINCT member_id FROM assignments WHERE workspace_id = $1 AND asset_id IN ({}) ORDER BY member_id",
        placeholders(2, assets.len())
    );
    let values = std::iter::once(tx.workspace().into()).chain(assets.iter().map(|id| (*id).into())).collect();
    let rows = tx.reader().query_all_raw(statement(tx.reader(), &sql, values)).await?;
    rows.iter().map(|row| row.try_get("", "member_id")).collect()
}

/// Takes an asset away from everybody who works on it.
pub(super) async fn remove_asset(tx: &WorkspaceTx, asset: AssetId) -> Result<(), DbErr> {
    let sql = "DELETE FROM assignments WHERE workspace_id = $1 AND asset_id = $2";
    let values = vec![tx.workspace().into(), asset.into()];
    tx.writer().execute_raw(statement(tx.writer(), sql, values)).await?;
    Ok(())
}

/// Which of these assets can't be given to the member to work on: the workspace doesn't have them. What went with a
/// person stays with those who work on it already (REM-6).
pub(super) async fn unknown_assets(
    tx: &WorkspaceTx,
    member: MemberId,
    assets: &[AssetId],
) -> Result<Vec<AssetId>, DbErr> {
    if assets.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!(
        "SELECT a.id FROM assets a WHERE a.workspace_id = $1 AND a.lost_at IS NULL AND (a.held_by_account_id IS NULL \
         OR EXISTS (SELECT 1 FROM assignments g WHERE g.workspace_id = $1 AND g.member_id = $2 AND g.asset_id = a.id)) \
         AND a.id IN ({})",
        placeholders(3, assets.len())
    );
    let values =
        [tx.workspace().into(), member.into()].into_iter().chain(assets.iter().map(|id| (*id).into()));
    let rows = tx.reader().query_all_raw(statement(tx.reader(), &sql, values.collect())).await?;
    let known: Vec<AssetId> = rows.iter().map(|row| row.try_get("", "id")).collect::<Result<_, _>>()?;
    Ok(assets.iter().copied().filter(|asset| !known.contains(asset)).collect())
}
