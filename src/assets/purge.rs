//! Purging what was lost, once its time is over (REM-7).
//!
//! Never touches anything before that: until then the operator can bring it back.

use super::events::AssetsPurged;
use super::{store, unshare};
use crate::access::{Failure, Gate, Never};
use crate::primitives::ids::WorkspaceId;
use crate::primitives::time::Timestamp;

/// How long something lost can be brought back.
const LOST_DAYS: i64 = 30;
/// How many assets of a workspace go in one transaction.
const BATCH: u64 = 500;

/// The job: purges whatever is due. Says how many assets.
pub async fn purge_lost(gate: &Gate) -> Result<usize, Failure<Never>> {
    let before = gate.clock().now().plus_hours(-24 * LOST_DAYS);
    let mut purged = 0;
    for workspace in store::list_workspaces_with_lost(gate.database().reader(), before).await? {
        loop {
            let now = purge_batch(gate, workspace, before).await?;
            purged += now;
            if (now as u64) < BATCH {
                break;
            }
        }
    }
    Ok(purged)
}

async fn purge_batch(
    gate: &Gate,
    workspace: WorkspaceId,
    before: Timestamp,
) -> Result<usize, Failure<Never>> {
    let mut tx = gate.by_job(workspace).await?;
    let gone = store::list_lost_before(&tx, before, BATCH).await?;
    if gone.is_empty() {
        return Ok(0);
    }
    unshare::tell_before_purge(&mut tx, &gone).await?;
    store::delete(&tx, &gone).await?;
    tx.announce(AssetsPurged::of(&gone).into_event());
    tx.commit().await?;
    Ok(gone.len())
}
