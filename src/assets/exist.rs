//! For rooms that tie something to assets: do they all exist here?

use super::store;
use crate::access::{Failure, WorkspaceTx};
use crate::platform::database::DatabaseError;
use crate::primitives::ids::AssetId;

/// Assets that are not in this workspace, or nowhere: both answer alike (WSP-8).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct UnknownAssets(pub Vec<AssetId>);

/// Refuses with those that the workspace doesn't have, in the order they were named.
pub async fn check_exist(tx: &WorkspaceTx, assets: &[AssetId]) -> Result<(), Failure<UnknownAssets>> {
    if assets.is_empty() {
        return Ok(());
    }
    let found = store::find_existing(tx.reader(), tx.workspace(), assets).await?;
    let unknown: Vec<AssetId> = assets.iter().copied().filter(|asset| !found.contains(asset)).collect();
    if unknown.is_empty() { Ok(()) } else { Err(Failure::Refused(UnknownAssets(unknown))) }
}

/// Those that the workspace has, in the order they were named.
pub async fn retain_existing(tx: &WorkspaceTx, assets: Vec<AssetId>) -> Result<Vec<AssetId>, DatabaseError> {
    let found = store::find_existing(tx.reader(), tx.workspace(), &assets).await?;
    Ok(assets.into_iter().filter(|asset| found.contains(asset)).collect())
}
