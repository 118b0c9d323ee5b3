//! Sessions that are long over go by a job.
//!
//! Never one that not every workspace has been told of.

use super::store;
use crate::access::{Failure, Gate, Never};

/// Kept for so long past their absolute age, so that whoever comes back late still learns why.
const KEPT_DAYS: i64 = 30;
/// Rows taken at once: nobody waits long for the writer.
const BATCH: u64 = 500;

/// The job. Says how many are gone.
pub async fn purge(gate: &Gate) -> Result<u64, Failure<Never>> {
    let before = gate.clock().now().plus_hours(-24 * KEPT_DAYS);
    let mut gone = 0;
    loop {
        let deleted = store::delete_expired(gate.database(), before, BATCH).await?;
        gone += deleted;
        if deleted < BATCH {
            return Ok(gone);
        }
    }
}
