//! Last uses: noted by requests in memory, written by a job (SES-3, SES-4).
//!
//! Never makes a request wait for a write, and never writes a session more than once a minute. A use that a crash
//! forgets is at most that old.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::session::WorkspaceSession;
use super::store;
use crate::access::{Entry, Failure, Never, Proof};
use crate::platform::database::Database;
use crate::primitives::ids::{AccountSessionId, MemberId, WorkspaceId, WorkspaceSessionId};
use crate::primitives::time::Timestamp;

/// A use is noted again after so many seconds.
const NOTED_EVERY_SECONDS: i64 = 60;
/// Most uses that wait to be written; what is past it is noted at its next use.
const WAITING_MAX: usize = 100_000;
/// SQLite pays for each commit, so several share one. PostgreSQL has one row a commit: a transaction that held many
/// rows could deadlock with one that blocks somebody.
const ROWS_PER_COMMIT_SQLITE: usize = 200;

/// What was used.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Hash)]
pub(super) enum Used {
    AccountSession(AccountSessionId),
    WorkspaceSession(WorkspaceSessionId),
    Member(WorkspaceId, MemberId),
}

/// Uses that wait to be written. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Touches(Arc<Mutex<HashMap<Used, Timestamp>>>);

impl Touches {
    /// Notes the use of a credential that was let in at `now`.
    pub fn note(&self, proof: &Proof, now: Timestamp) {
        let due = |last: Timestamp| now >= last.plus_seconds(NOTED_EVERY_SECONDS);
        match proof {
            Proof::Account(proof) if due(proof.last_used_at) => {
                self.insert(&[Used::AccountSession(proof.session)], now);
            }
            Proof::Workspace(proof) if proof.last_used_at.is_some_and(due) => {
                let Entry::Session { session, account_session, .. } = proof.entry else { return };
                // Working in a workspace is use of the session that it hangs on: or that one would idle out.
                let used = [
                    Used::WorkspaceSession(session),
                    Used::AccountSession(account_session),
                    Used::Member(proof.workspace, proof.member),
                ];
                self.insert(&used, now);
            }
            _ => {}
        }
    }

    /// Notes that somebody came in: their first use.
    pub fn note_entry(&self, session: &WorkspaceSession) {
        self.insert(&[Used::Member(session.workspace, session.member)], session.footprint.created_at);
    }

    fn insert(&self, used: &[Used], now: Timestamp) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() + used.len() <= WAITING_MAX {
            waiting.extend(used.iter().map(|used| (*used, now)));
        }
    }

    /// The job: writes what was noted. Says how much.
    pub async fn flush(&self, database: &Database) -> Result<usize, Failure<Never>> {
        let noted = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        let noted: Vec<(Used, Timestamp)> = noted.into_iter().collect();
        let rows = if database.is_postgres() { 1 } else { ROWS_PER_COMMIT_SQLITE };
        for chunk in noted.chunks(rows) {
            store::write_uses(database, chunk).await?;
        }
        Ok(noted.len())
    }
}
