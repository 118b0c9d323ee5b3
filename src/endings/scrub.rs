//! What was purged must not lie in a log of the database either.
//!
//! Never decides what is purged.

use crate::access::{Failure, Gate, Never};

/// Right after a purge. Where somebody is reading at this moment it doesn't come about; the job tries it again.
pub(super) async fn try_now(gate: &Gate) {
    gate.database().want_scrub();
    if let Err(failure) = scrub(gate).await {
        tracing::warn!(?failure, "what was purged is not scrubbed from the database's log yet");
    }
}

/// The job: does what is still to be done. Says whether the log is clean.
pub async fn scrub(gate: &Gate) -> Result<bool, Failure<Never>> {
    Ok(gate.database().scrub().await?)
}
