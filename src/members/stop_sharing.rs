//! Ending that what went with a person stays in reach of those who worked on it (REM-6): the person's own decision.
//!
//! Never touches an asset that the workspace, or one of its members, holds.

use super::unassign::unassign;
use crate::access::{AccountProof, Committed, Failure, Gate};
use crate::assets;
use crate::primitives::ids::AssetId;

/// Why nothing was ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum StopSharingRefusal {
    /// Nobody has it in reach any more.
    NotShared,
}

pub async fn stop_sharing(
    gate: &Gate,
    proof: &AccountProof,
    asset: AssetId,
) -> Result<Committed, Failure<StopSharingRefusal>> {
    let unknown = || Failure::NotFound { field: "input.keptAssetId" };
    let workspace = assets::find_kept_workspace(gate.database().reader(), proof.account, asset).await?;
    let (mut tx, fresh) = gate.by_account(proof, workspace.ok_or_else(unknown)?).await?;
    assets::find_kept_workspace(tx.reader(), fresh.account, asset).await?.ok_or_else(unknown)?;
    let unassigned = unassign(&mut tx, &[asset], &[]).await?;
    let unshared = assets::end_shares(&mut tx, asset).await?;
    if unassigned.members == 0 && unshared == 0 {
        return Err(Failure::Refused(StopSharingRefusal::NotShared));
    }
    tx.commit().await.map_err(Failure::widen)
}
