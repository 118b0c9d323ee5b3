//! Last uses of keys: noted by requests in memory, written by a job.
//!
//! Never makes a request wait for a write, and never writes a key more than once a minute. A use that a crash forgets
//! is at most that old.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::store;
use crate::access::{Entry, Failure, Never, Proof};
use crate::platform::database::Database;
use crate::primitives::ids::{ApiKeyId, WorkspaceId};
use crate::primitives::time::Timestamp;

/// A use is written again after so many seconds.
const WRITTEN_EVERY_SECONDS: i64 = 60;
/// Most keys whose use waits to be written; what is past it is noted at its next use.
const WAITING_MAX: usize = 100_000;

/// Uses that wait to be written. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct KeyUses(Arc<Mutex<HashMap<(WorkspaceId, ApiKeyId), Timestamp>>>);

impl KeyUses {
    /// Notes the use of a key that was let in at `now`.
    pub fn note(&self, proof: &Proof, now: Timestamp) {
        let Proof::Workspace(proof) = proof else { return };
        let Entry::Key(key) = proof.entry else { return };
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() < WAITING_MAX {
            waiting.insert((proof.workspace, key), now);
        }
    }

    /// The job: writes what was noted. Says for how many keys.
    pub async fn flush(&self, database: &Database) -> Result<usize, Failure<Never>> {
        let noted = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        for ((workspace, key), at) in &noted {
            let since = at.plus_seconds(-WRITTEN_EVERY_SECONDS);
            store::write_use(database, (*workspace, *key), *at, since).await?;
        }
        Ok(noted.len())
    }
}
