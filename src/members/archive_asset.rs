//! Archiving an asset (AST-1). It stands here because this is the last room that it changes: nobody works on the asset any
//! more.
//!
//! Never refuses for the sake of a member whose last asset it is: they are left with none, and the admins are told
//! (WSP-2).

use super::unassign::unassign;
use crate::access::{Committed, Failure, Gate, WorkspaceProof};
use crate::assets::{self, Asset, AssetRefusal};
use crate::primitives::ids::AssetId;
use crate::primitives::rights::Permission;

/// The asset after the change, and the place in the stream.
#[derive(Clone, Debug)]
pub struct ArchivedAsset {
    pub asset: Asset,
    /// How many members have nothing to work on any more.
    pub emptied: usize,
    pub committed: Committed,
}

pub async fn archive_asset(
    gate: &Gate,
    proof: &WorkspaceProof,
    asset: AssetId,
) -> Result<ArchivedAsset, Failure<AssetRefusal>> {
    let mut tx = gate.by_permission(proof, Permission::ManageAssets).await?;
    let asset = assets::find_to_archive(&tx, asset).await?;
    let emptied = unassign(&mut tx, &[asset.id], &[]).await?.emptied;
    let asset = assets::archive(&mut tx, asset, emptied).await?;
    let committed = tx.commit().await.map_err(Failure::widen)?;
    Ok(ArchivedAsset { asset, emptied, committed })
}
