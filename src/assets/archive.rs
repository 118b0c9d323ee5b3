//! Putting an asset away for good (AST-1), in two steps for the members room: it takes the assignments back between them.
//!
//! Never gives the external id free: what the host finds by it is this asset, archived.

use super::events::AssetArchived;
use super::managed::{self, AssetRefusal};
use super::{Asset, store, unshare};
use crate::access::{Failure, WorkspaceTx};
use crate::platform::database::DatabaseError;
use crate::primitives::ids::AssetId;

/// The asset that is to be archived. Whoever asks may manage assets.
pub async fn find_to_archive(tx: &WorkspaceTx, id: AssetId) -> Result<Asset, Failure<AssetRefusal>> {
    managed::find(tx, id).await
}

/// Archives it. Nobody works on it any more; `emptied` members were left with nothing to work on.
pub async fn archive(tx: &mut WorkspaceTx, asset: Asset, emptied: usize) -> Result<Asset, DatabaseError> {
    let (asset, _) = unshare::from_everybody(tx, asset).await?;
    let asset = Asset { archived_at: Some(tx.now()), revision: asset.revision + 1, ..asset };
    store::save(tx, &asset).await?;
    tx.announce(AssetArchived::of(&asset, emptied).into_event());
    Ok(asset)
}
