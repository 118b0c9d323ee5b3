//! Purging what somebody owned who is deleted for ever (DEL-1): a door for the room that deletes, inside its transaction.
//!
//! Never takes what others own, nor what was given away before.

use super::events::AssetsPurged;
use super::{store, unshare};
use crate::access::{Gate, WorkspaceTx};
use crate::platform::database::DatabaseError;
use crate::primitives::ids::{AccountId, AssetId, MemberId, WorkspaceId};

/// What goes with a member: what they own here or was lost when they went (REM-7), and what went with the person from
/// here (REM-6).
pub async fn list_purgeable(
    tx: &WorkspaceTx,
    member: MemberId,
    account: Option<AccountId>,
) -> Result<Vec<AssetId>, DatabaseError> {
    store::list_of_person(tx, Some(member), account).await
}

/// The workspaces that a person keeps something from (REM-6).
pub async fn list_keeping_workspaces(
    gate: &Gate,
    account: AccountId,
) -> Result<Vec<WorkspaceId>, DatabaseError> {
    store::list_keeping_workspaces(gate.database().reader(), account).await
}

/// What a person keeps from this workspace.
pub async fn list_kept_here(tx: &WorkspaceTx, account: AccountId) -> Result<Vec<AssetId>, DatabaseError> {
    store::list_of_person(tx, None, Some(account)).await
}

/// These are gone for good, shared ones too. Whoever worked on them has been told; whoever had them shared is told here.
pub async fn purge(tx: &mut WorkspaceTx, assets: &[AssetId]) -> Result<(), DatabaseError> {
    for some in assets.chunks(AssetsPurged::ASSETS_MAX) {
        unshare::end_all_shares(tx, some).await?;
        store::delete(tx, some).await?;
        tx.announce(AssetsPurged::of(some).into_event());
    }
    Ok(())
}
