//! When sessions and API keys were last used: noted for every credential that is let in, written by a job and at the end.
//!
//! Never makes a request wait for a write.

use crate::access::{Failure, JobRun, Never, Proof};
use crate::api_keys::KeyUses;
use crate::platform::database::Database;
use crate::primitives::time::Timestamp;
use crate::sessions::Touches;

/// Uses that wait to be written. Clones share them.
#[derive(Clone, Default)]
pub(super) struct LastUses {
    pub(super) sessions: Touches,
    api_keys: KeyUses,
}

impl LastUses {
    /// Notes the use of a credential that was let in at `now`.
    pub(super) fn note(&self, proof: &Proof, now: Timestamp) {
        self.sessions.note(proof, now);
        self.api_keys.note(proof, now);
    }

    /// Writes what was noted.
    pub(super) async fn flush(&self, database: &Database) -> Result<(), Failure<Never>> {
        let mut run = JobRun::new("some last uses could not be written");
        run.note("sessions", self.sessions.flush(database).await);
        run.note("API keys", self.api_keys.flush(database).await);
        run.end(())
    }
}
