//! For rooms that tie something to assets: which of them exist here?

use super::store;
use crate::access::WorkspaceTx;
use crate::platform::database::DatabaseError;
use crate::primitives::ids::AssetId;

/// Those that the workspace has, in the order they were named. Assets of another workspace and such as are nowhere are both
/// left out (WSP-8).
pub async fn retain_existing(tx: &WorkspaceTx, assets: Vec<AssetId>) -> Result<Vec<AssetId>, DatabaseError> {
    let found = store::find_existing(tx.reader(), tx.workspace(), &assets).await?;
    Ok(assets.into_iter().filter(|asset| found.contains(asset)).collect())
}
