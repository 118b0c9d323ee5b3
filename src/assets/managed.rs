//! The asset that somebody is about to change: one that they see, that the workspace holds, and that is in use.
//!
//! Never tells an asset of another workspace, or one beyond the asker's scope, from one that doesn't exist (WSP-8).

use super::store::{self, Sight};
use super::{Asset, rules};
use crate::access::{Failure, WorkspaceTx};
use crate::primitives::ids::AssetId;

/// Why an asset isn't changed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum AssetRefusal {
    /// It is out of use, for good.
    Archived,
}

/// The asset that `input.assetId` names. Whoever asks may manage assets.
pub(super) async fn find(tx: &WorkspaceTx, id: AssetId) -> Result<Asset, Failure<AssetRefusal>> {
    let sight = Sight::of(tx.proof()?);
    let found = store::find_many(tx.reader(), &sight, &[id]).await?.pop();
    let asset = found.filter(|asset| !asset.went_away).ok_or(Failure::NotFound { field: "input.assetId" })?;
    if rules::is_in_use(&asset) { Ok(asset) } else { Err(Failure::Refused(AssetRefusal::Archived)) }
}
