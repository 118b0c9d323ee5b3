//! After a backup was brought back: every session ends, of both kinds, and another history begins (`rollcall restored`).
//!
//! A backup holds sessions that were ended since it was made, and gives numbers anew that clients have seen. Which ones
//! nobody can know, so none holds.
//!
//! Never touches API keys: they are no sessions, and their secrets are shown once. Those that were revoked since the
//! backup work again until they are revoked again; the operator is told.

use super::store;
use crate::access::{InstallationError, InstallationTx, Told};
use crate::platform::database::Database;
use crate::primitives::actor::EndCause;
use crate::primitives::time::Clock;

/// Ends every session and begins another history, in one transaction. Doing it twice ends what began in between.
pub async fn end_all_sessions(database: &Database, clock: &Clock) -> Result<Told, InstallationError> {
    let tx = InstallationTx::begin(database, clock).await?;
    // Everybody's, also of those without sessions: one that is just being made under the old generation is dead then. A
    // workspace session hangs on an account session, so it ends with it.
    store::raise_every_generation(tx.writer(), EndCause::Restored).await?;
    tx.commit_as_another_history("ServiceRestored").await
}
