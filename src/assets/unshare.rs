//! Ending shares that nobody took back one by one: the asset goes out of use, its person ends that others have it, or
//! what was kept for a member is given up.
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
