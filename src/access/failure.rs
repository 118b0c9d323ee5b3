//! How an operation fails: by a refusal of its own, or in one of the ways that all share.
//!
//! Never carries text for people from inside: what an internal error says is logged, not sent.

use sea_orm::DbErr;

use super::proof::SessionEnd;
use crate::platform::database;

/// Why an operation did not happen. `R` is the operation's own closed list of refusals.
#[derive(Debug)]
pub enum Failure<R> {
    /// The rules say no; the person can read why and what to do.
    Refused(R),
    /// No such thing in the asker's sight; `field` is the path into the input (WSP-8: another tenant's answers alike).
    NotFound { field: &'static str },
    /// The credential doesn't hold: none, ended, expired.
    Unauthenticated(Option<SessionEnd>),
    /// The credential holds, but may not do this.
    Forbidden,
    /// Too many, for now.
    RateLimited { retry_after_seconds: u64 },
    /// A part that is needed can't be reached, or was too busy. Nothing was changed.
    Unavailable,
    /// Another transaction won: a deadlock or a serialization failure. Nothing was changed, and it may be tried again.
    Overtaken,
    /// The answer to a commit was lost and nobody can tell yet whether it took effect.
    OutcomeUnknown,
    /// A defect, or a database that says what it should not.
    Internal(String),
}

/// For operations that have no refusals of their own.
pub type Never = std::convert::Infallible;

impl<R> From<DbErr> for Failure<R> {
    fn from(error: DbErr) -> Self {
        if database::is_retryable(&error) {
            tracing::info!(%error, "a transaction lost against another one");
            return Self::Overtaken;
        }
        if database::is_unavailable(&error) {
            tracing::warn!(%error, "the database is unavailable");
            return Self::Unavailable;
        }
        Self::Internal(error.to_string())
    }
}

impl<R> Failure<R> {
    /// The same failure for an operation with other refusals.
    pub fn map<S>(self, refused: impl FnOnce(R) -> S) -> Failure<S> {
        match self.split() {
            Ok(refusal) => Failure::Refused(refused(refusal)),
            Err(failure) => failure,
        }
    }

    /// Where many are asked for in one call, a refusal is one's own; whatever else fails, fails the call.
    pub fn split<S>(self) -> Result<R, Failure<S>> {
        Err(match self {
            Self::Refused(refusal) => return Ok(refusal),
            Self::NotFound { field } => Failure::NotFound { field },
            Self::Unauthenticated(end) => Failure::Unauthenticated(end),
            Self::Forbidden => Failure::Forbidden,
            Self::RateLimited { retry_after_seconds } => Failure::RateLimited { retry_after_seconds },
            Self::Unavailable => Failure::Unavailable,
            Self::Overtaken => Failure::Overtaken,
            Self::OutcomeUnknown => Failure::OutcomeUnknown,
            Self::Internal(text) => Failure::Internal(text),
        })
    }
}

impl<R: std::fmt::Debug> Failure<R> {
    /// The same failure for an operation without refusals: one here is a defect, and `what` says of what.
    pub fn map_internal(self, what: &str) -> Failure<Never> {
        match self {
            Self::Refused(refusal) => Failure::Internal(format!("{what}: {refusal:?}")),
            other => other.map(|_| unreachable!("it is no refusal")),
        }
    }
}

impl Failure<Never> {
    /// A failure that can't be a refusal, for an operation that has some.
    pub fn widen<S>(self) -> Failure<S> {
        self.map(|never| match never {})
    }
}
