//! Assets that went with a person, held by their account, and their way back (REM-4, REM-6).
//!
//! Never brings anything back that the person has not agreed to; whoever calls this has asked.

use super::dispose::Destination;
use super::events::AssetsReassigned;
use super::store;
use crate::access::WorkspaceTx;
use crate::platform::database::DatabaseError;
use crate::primitives::ids::{AccountId, AssetId, MemberId};

/// Brings what went with the person back to the workspace, as theirs.
pub async fn bring_back(
    tx: &mut WorkspaceTx,
    account: AccountId,
    member: MemberId,
) -> Result<Vec<AssetId>, DatabaseError> {
    let brought = store::bring_back(tx, account, member).await?;
    for event in AssetsReassigned::of(&brought, None, Destination::Member(member)) {
        tx.announce(event.into_event());
    }
    Ok(brought)
}
