//! Calling an asset otherwise (AST-1).

use super::events::AssetUpdated;
use super::managed::{self, AssetRefusal};
use super::{Asset, store};
use crate::access::{Committed, Failure, Gate, WorkspaceProof};
use crate::primitives::ids::AssetId;
use crate::primitives::rights::Permission;

/// What the asset is to be called; read by [`crate::primitives::name::parse_name`].
#[derive(Clone, Debug)]
pub struct UpdateAsset {
    pub asset: AssetId,
    pub name: String,
}

/// The asset after the change, and the place in the stream.
#[derive(Clone, Debug)]
pub struct Updated {
    pub asset: Asset,
    pub committed: Committed,
}

/// Takes the name over. Where it is called so already, nothing happens.
pub async fn update(
    gate: &Gate,
    proof: &WorkspaceProof,
    request: UpdateAsset,
) -> Result<Updated, Failure<AssetRefusal>> {
    let mut tx = gate.by_permission(proof, Permission::ManageAssets).await?;
    let mut asset = managed::find(&tx, request.asset).await?;
    if asset.name != request.name {
        asset.name = request.name;
        asset.revision += 1;
        store::save(&tx, &asset).await?;
        tx.announce(AssetUpdated::of(&asset).into_event());
    }
    let committed = tx.commit().await.map_err(Failure::widen)?;
    Ok(Updated { asset, committed })
}
