//! Purging what was lost, once its time is over (REM-7).
//!
//! Never touches anything before that: until then the operator can bring it back.

use super::{purge_owned, store};
use crate::access::{Failure, Gate, JobRun, Never};
use crate::primitives::ids::WorkspaceId;
use crate::primitives::time::Timestamp;

/// How long something lost can be brought back.
const LOST_DAYS: i64 = 30;
/// How many assets of a workspace go in one transaction.
const BATCH: u64 = 500;

/// The job: purges whatever is due. Says how many assets.
pub async fn purge_lost(gate: &Gate) -> Result<usize, Failure<Never>> {
    let before = gate.clock().now().plus_hours(-24 * LOST_DAYS);
    let (mut purged, mut run) = (0, JobRun::new("what was lost could not be purged"));
    for workspace in store::list_workspaces_with_lost(gate.database().reader(), before).await? {
        purged += run.note(workspace, purge_in(gate, workspace, before).await).unwrap_or_default();
    }
    run.end(purged)
}

async fn purge_in(gate: &Gate, workspace: WorkspaceId, before: Timestamp) -> Result<usize, Failure<Never>> {
    let mut purged = 0;
    while let Some(mut tx) = gate.find_by_job(workspace).await? {
        let gone = store::list_lost_before(&tx, before, BATCH).await?;
        if gone.is_empty() {
            break;
        }
        purge_owned::purge(&mut tx, &gone).await?;
        tx.commit().await?;
        purged += gone.len();
    }
    Ok(purged)
}
