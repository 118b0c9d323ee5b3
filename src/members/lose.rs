//! What is lost when members go: out of everyone's reach with the answer, and everyone is told who had it (REM-7).
//!
//! Never gives the asset away itself: it has its last holder until those who worked on it have been told.

use super::unassign::unassign;
use crate::access::WorkspaceTx;
use crate::assets;
use crate::platform::database::DatabaseError;
use crate::primitives::ids::{AssetId, MemberId};

/// Nobody works on these any more, nor has them shared; the members who go are not told of their own.
pub(super) async fn lose(
    tx: &mut WorkspaceTx,
    lost: &[AssetId],
    leavers: &[MemberId],
) -> Result<(), DatabaseError> {
    unassign(tx, lost, leavers).await?;
    assets::end_all_shares(tx, lost).await
}
