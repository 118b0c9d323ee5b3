//! A write to the whole installation, by the operator at the command line: every stream is held at once.
//!
//! Never asked for by anybody over the network, and never done by half: what it changes, it says on every stream in the
//! same transaction.

use sea_orm::{DatabaseTransaction, DbErr};

use crate::platform::database::Database;
use crate::platform::journal::{self, Effect, InstallationEvent, LockedInstallation};
use crate::primitives::ids::OperationId;
use crate::primitives::time::{Clock, Timestamp};

/// A transaction that holds every stream's lock. Dropped, it changes nothing.
///
/// It is the one that takes many workspaces. It takes them in the order in which others take a workspace and then
/// persons, so it waits for them and they for it, but never both for each other.
pub struct InstallationTx {
    tx: DatabaseTransaction,
    held: LockedInstallation,
    now: Timestamp,
}

/// Whom a write to the whole installation has told.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Told {
    pub workspaces: i64,
    pub accounts: i64,
}

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum InstallationError {
    #[error("the database fails: {0}")]
    Database(#[from] DbErr),
    #[error("there is no installation in this database: name the one that was restored")]
    Empty,
}

impl InstallationTx {
    pub async fn begin(database: &Database, clock: &Clock) -> Result<Self, DbErr> {
        let tx = database.begin().await?;
        let held = journal::lock_installation(&tx).await?;
        // Read after the wait, as everywhere.
        Ok(Self { tx, held, now: clock.now() })
    }

    /// For changing rows.
    pub const fn writer(&self) -> &DatabaseTransaction {
        &self.tx
    }

    /// Says it on every stream, begins another history, and makes all of it true at once. Whoever listens checks their
    /// session before anything that comes after is shown to them.
    pub async fn commit_as_another_history(self, kind: &'static str) -> Result<Told, InstallationError> {
        let Self { tx, held, now } = self;
        let event = InstallationEvent {
            kind,
            version: 1,
            operation: OperationId::new(),
            effect: Effect::CheckAnew,
            now,
        };
        journal::append_everywhere(&tx, held, &event).await?;
        if !journal::renew_epoch(&tx).await? {
            return Err(InstallationError::Empty);
        }
        tx.commit().await?;
        Ok(Told { workspaces: held.workspaces, accounts: held.accounts })
    }
}
