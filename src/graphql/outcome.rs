//! From an operation's failure to what the client reads: a user error where a person can put it right, a top-level
//! error for the rest (docs/api.md, "Errors").
//!
//! Never decides anything, and never sends what an internal error says.

use std::sync::Arc;

use async_graphql::Error;

use super::again::Overtaken;
use super::errors::{SessionEnded, TopLevelError};
use super::user_errors::UserError;
use crate::access::{Failure, SessionEnd};
use crate::primitives::actor::EndCause;

/// What an operation came to: its result, or what the person can put right.
pub type Outcome<T> = async_graphql::Result<Result<T, Vec<UserError>>>;

/// Sorts a mutation's failure into its place. `R` is the room's closed list of refusals.
pub fn outcome<T, R: Into<UserError>>(result: Result<T, Failure<R>>) -> Outcome<T> {
    match result {
        Ok(value) => Ok(Ok(value)),
        Err(Failure::Refused(refusal)) => Ok(Err(vec![refusal.into()])),
        Err(Failure::NotFound { field }) => Ok(Err(vec![UserError::not_found(field)])),
        Err(failure) => Err(top_level(failure)),
    }
}

/// The same where several things may be wrong at once.
pub fn outcome_of_many<T, R: Into<UserError>>(result: Result<T, Failure<Vec<R>>>) -> Outcome<T> {
    match result {
        Err(Failure::Refused(refusals)) => Ok(Err(refusals.into_iter().map(Into::into).collect())),
        Err(Failure::NotFound { field }) => Ok(Err(vec![UserError::not_found(field)])),
        Err(failure) => Err(top_level(failure)),
        Ok(value) => Ok(Ok(value)),
    }
}

/// For queries: everything that fails is a top-level error.
pub fn answer<T, R: std::fmt::Debug>(result: Result<T, Failure<R>>) -> async_graphql::Result<T> {
    result.map_err(|failure| match failure {
        Failure::Refused(refusal) => {
            TopLevelError::internal(format!("a query was refused: {refusal:?}")).into()
        }
        other => top_level(other),
    })
}

fn top_level<R>(failure: Failure<R>) -> Error {
    match failure {
        Failure::Unauthenticated(end) => return unauthenticated(end),
        Failure::Overtaken => return overtaken(),
        Failure::Forbidden => forbidden("you may not do this in this workspace; ask one of its admins"),
        Failure::RateLimited { retry_after_seconds } => TopLevelError::rate_limited(retry_after_seconds),
        Failure::Unavailable => TopLevelError::unavailable(),
        Failure::OutcomeUnknown => TopLevelError::outcome_unknown(),
        Failure::NotFound { field } => {
            TopLevelError::bad_input(field, "there is no such thing in your sight")
        }
        Failure::Refused(_) => TopLevelError::internal("a refusal came where none can be"),
        Failure::Internal(text) => TopLevelError::internal(text),
    }
    .into()
}

/// Whoever runs the document may run it again; if that helps nobody, it is an unavailability like others.
fn overtaken() -> Error {
    let mut error: Error = TopLevelError::unavailable().into();
    error.source = Some(Arc::new(Overtaken));
    error
}

/// No credential, or one that no longer holds. Its end travels beside the error: [`super::execute`] adds the
/// workspace's contact before the answer leaves.
pub fn unauthenticated(end: Option<SessionEnd>) -> Error {
    let Some(end) = end else { return TopLevelError::unauthenticated(None).into() };
    let ended = SessionEnded { cause: end.cause, message: end_message(end.cause).to_owned(), contact: None };
    let mut error: Error = TopLevelError::unauthenticated(Some(&ended)).into();
    error.source = Some(Arc::new(end));
    error
}

pub fn forbidden(message: &str) -> TopLevelError {
    TopLevelError::forbidden(message)
}

/// What a person reads whose session has ended (BLK-2).
pub const fn end_message(cause: EndCause) -> &'static str {
    match cause {
        EndCause::Blocked => {
            "Your membership of this workspace is blocked. The workspace's contact can help."
        }
        EndCause::Deactivated => {
            "Your membership of this workspace is deactivated. The workspace's contact can help."
        }
        EndCause::Removed => {
            "You are no longer a member of this workspace. The workspace's contact can help."
        }
        EndCause::SignedOut => "You have signed out.",
        EndCause::Ended => "This session was ended. Sign in again to go on.",
        EndCause::Expired => "This session has expired. Sign in again to go on.",
        EndCause::PasswordChanged => "The password was changed. Sign in with the new one.",
        EndCause::EmailChanged => "The e-mail address was changed. Sign in with the new one.",
        EndCause::KeyRevoked => "This API key has been revoked, or its maker is no longer an admin.",
        EndCause::WorkspaceDeleted => "This workspace was deleted.",
        EndCause::AccountDeleted => "This account was deleted.",
        EndCause::Restored => "The service was restored from a backup. Sign in again to go on.",
    }
}
