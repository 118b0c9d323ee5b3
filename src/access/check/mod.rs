//! The check on every request: one statement on the primary says whether a credential holds (REV-1, REV-2).
//!
//! Never answers from memory. Requests that arrive together share a statement, but only one that has not been sent
//! when they arrive: joining a read under way could let in what a block has just put out.

mod batch;
mod judge;
#[cfg(feature = "planted-bugs")]
mod planted;
mod rows;

use std::sync::Arc;
use std::time::Duration;

use sea_orm::ConnectionTrait;

use self::batch::Lane;
pub use self::judge::SessionAges;
use super::proof::{Proof, Refusal};
use crate::platform::database::Database;
use crate::primitives::secret::{Secret, SecretHash, SecretKind};
use crate::primitives::time::{Clock, Timestamp};

/// Checks credentials. Clones share the batches.
#[derive(Clone, Debug)]
pub struct Checker(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    source: Source,
    account_sessions: Lane,
    workspace_sessions: Lane,
    api_keys: Lane,
}

/// How many checks of one kind of credential there were, and in how many statements.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct CheckFigures {
    pub kind: &'static str,
    pub checks: u64,
    pub statements: u64,
}

/// What a check asks and judges with.
#[derive(Clone, Debug)]
pub(super) struct Source {
    pub(super) database: Database,
    pub(super) clock: Clock,
    pub(super) ages: SessionAges,
    /// After this long without an answer the request is refused as unavailable.
    pub(super) deadline: Duration,
}

impl Checker {
    pub fn new(database: Database, clock: Clock, ages: SessionAges, deadline: Duration) -> Self {
        Self(Arc::new(Inner {
            source: Source { database, clock, ages, deadline },
            account_sessions: Lane::new(SecretKind::AccountSession),
            workspace_sessions: Lane::new(SecretKind::WorkspaceSession),
            api_keys: Lane::new(SecretKind::ApiKey),
        }))
    }

    /// How long sessions may lie idle: for those who list them.
    pub fn ages(&self) -> SessionAges {
        self.0.source.ages
    }

    /// What was checked since the start, by kind of credential.
    pub fn figures(&self) -> [CheckFigures; 3] {
        let lanes = [
            ("account_session", &self.0.account_sessions),
            ("workspace_session", &self.0.workspace_sessions),
            ("api_key", &self.0.api_keys),
        ];
        lanes.map(|(kind, lane)| {
            let (checks, statements) = lane.counts();
            CheckFigures { kind, checks, statements }
        })
    }

    /// Does this credential hold, at a moment after this call began?
    pub async fn check(&self, secret: &Secret) -> Result<Proof, Refusal> {
        let lane = match secret.kind() {
            SecretKind::AccountSession => &self.0.account_sessions,
            SecretKind::WorkspaceSession => &self.0.workspace_sessions,
            SecretKind::ApiKey => &self.0.api_keys,
            SecretKind::InvitationLink | SecretKind::EmailLink | SecretKind::PasswordLink => {
                return Err(Refusal::Unknown);
            }
        };
        #[cfg(feature = "planted-bugs")]
        if let Some(proof) = planted::remembered(secret.hash()) {
            return Ok(proof);
        }
        let answer = lane.check(&self.0.source, secret.hash()).await;
        #[cfg(feature = "planted-bugs")]
        planted::remember(secret.hash(), &answer);
        answer
    }

    /// The same inside a transaction, as of `now`: for writes, after their lock.
    pub(super) async fn check_in<C: ConnectionTrait>(
        &self,
        connection: &C,
        (kind, token): (SecretKind, SecretHash),
        now: Timestamp,
    ) -> Result<Proof, Refusal> {
        let found = rows::find(connection, kind, &[token]).await.map_err(|error| {
            tracing::warn!(%error, "a session could not be checked inside its transaction");
            Refusal::Unavailable
        })?;
        match found.into_iter().next() {
            Some((_, row)) => judge::judge(row, token, now, self.0.source.ages),
            None => Err(Refusal::Unknown),
        }
    }

    /// The same with the stream's lock in the very statement, for the harness to find.
    #[cfg(feature = "planted-bugs")]
    pub(super) async fn check_locking<C: ConnectionTrait>(
        &self,
        connection: &C,
        (kind, token): (SecretKind, SecretHash),
        now: Timestamp,
    ) -> Result<Proof, Refusal> {
        let found = rows::find_locking(connection, kind, token).await.map_err(|_| Refusal::Unavailable)?;
        match found.into_iter().next() {
            Some((_, row)) => judge::judge(row, token, now, self.0.source.ages),
            None => Err(Refusal::Unknown),
        }
    }
}
