//! Ending shares that nobody took back one by one: the asset goes out of use, out of reach or for good, its person ends
//! that others have it, or whoever it was shared with is gone, or what was kept for them given up.
//!
//! Never silently: each member hears of what they don't see any more.

use super::events::{AssetUnshared, SharedWith};
use super::{Asset, Shares, store};
use crate::access::WorkspaceTx;
use crate::platform::database::DatabaseError;
use crate::primitives::ids::{AssetId, MemberId};

/// Takes an asset back from everybody; tells how many members and channels had it.
pub async fn end_shares(tx: &mut WorkspaceTx, asset: AssetId) -> Result<usize, DatabaseError> {
    let Some(asset) = store::find(tx, asset).await? else { return Ok(0) };
    Ok(from_everybody(tx, asset).await?.1)
}

/// Takes back whatever was shared with a member.
pub async fn end_shares_to(tx: &mut WorkspaceTx, member: MemberId) -> Result<(), DatabaseError> {
    for asset in store::list_shared_with(tx, member).await? {
        let shares = Shares { members: [member].into(), ..Shares::default() };
        take_back(tx, asset, &shares).await?;
    }
    Ok(())
}

/// Takes these back from everybody, as they are lost or about to go for good.
pub async fn end_all_shares(tx: &mut WorkspaceTx, assets: &[AssetId]) -> Result<(), DatabaseError> {
    let shares = store::load_many_shares(tx.reader(), tx.workspace(), assets).await?;
    if shares.is_empty() {
        return Ok(());
    }
    let shared: Vec<AssetId> = shares.keys().copied().collect();
    store::take_back_all(tx, &shared).await?;
    for asset in store::load_many(tx, &shared).await? {
        for with in shares.get(&asset.id).into_iter().flat_map(SharedWith::each) {
            tx.announce(AssetUnshared::of(&asset, with).into_event());
        }
    }
    Ok(())
}

pub(super) async fn from_everybody(
    tx: &mut WorkspaceTx,
    asset: Asset,
) -> Result<(Asset, usize), DatabaseError> {
    let shares = store::find_shares(tx, asset.id).await?;
    let count = shares.members.len() + shares.channels.len();
    let asset = if count == 0 { asset } else { take_back(tx, asset, &shares).await? };
    Ok((asset, count))
}

async fn take_back(tx: &mut WorkspaceTx, asset: Asset, shares: &Shares) -> Result<Asset, DatabaseError> {
    let asset = Asset { revision: asset.revision + 1, ..asset };
    store::save(tx, &asset).await?;
    store::take_back(tx, asset.id, shares).await?;
    for with in SharedWith::each(shares) {
        tx.announce(AssetUnshared::of(&asset, with).into_event());
    }
    Ok(asset)
}
