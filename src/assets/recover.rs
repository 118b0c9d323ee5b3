//! What was lost and is found again, while it isn't purged (REM-7): doors for the operator's command.
//!
//! Never gives it to anybody but the workspace.

use super::Destination;
use super::events::AssetsReassigned;
use super::store;
use crate::access::{Gate, WorkspaceTx};
use crate::platform::database::DatabaseError;
use crate::primitives::ids::{AssetId, WorkspaceId};
use crate::primitives::time::Timestamp;

/// The workspace that lost this asset.
pub async fn find_lost_workspace(gate: &Gate, asset: AssetId) -> Result<Option<WorkspaceId>, DatabaseError> {
    store::find_lost(gate.database().reader(), asset).await
}

/// All that is lost and not yet purged, with names.
pub async fn list_lost(gate: &Gate) -> Result<Vec<(AssetId, String, Timestamp)>, DatabaseError> {
    store::list_lost(gate.database().reader()).await
}

/// The workspace holds it again, and announces it; false where there was nothing to find.
pub async fn find_again(tx: &mut WorkspaceTx, asset: AssetId) -> Result<bool, DatabaseError> {
    let found = store::find_again(tx, asset).await?;
    if found {
        for event in AssetsReassigned::of(&[asset], None, Destination::Workspace) {
            tx.announce(event.into_event());
        }
    }
    Ok(found)
}
