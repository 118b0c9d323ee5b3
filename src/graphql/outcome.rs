//! From an operation's failure to what the client reads: a user error where a person can put it right, a top-level
//! error for the rest (contract.md, "Conventions").
//!
//! Never sends what an internal error says; that is logged.

use async_graphql::{Error, ErrorExtensions};

use super::user_errors::UserError;
use crate::access::{Failure, SessionEnd};

/// What an operation came to: its result, or what the person can put right.
pub type Outcome<T> = async_graphql::Result<Result<T, Vec<UserError>>>;

/// Sorts a failure into its place. `R` is the room's closed list of refusals; `user_errors.rs` maps each.
pub fn outcome<T, R: Into<UserError>>(result: Result<T, Failure<R>>) -> Outcome<T> {
    match result {
        Ok(value) => Ok(Ok(value)),
        Err(Failure::Refused(refusal)) => Ok(Err(vec![refusal.into()])),
        Err(Failure::NotFound { field }) => Ok(Err(vec![UserError::not_found(field)])),
        Err(failure) => Err(top_level(failure)),
    }
}

/// For queries: everything that fails is a top-level error.
pub fn answer<T, R: std::fmt::Debug>(result: Result<T, Failure<R>>) -> async_graphql::Result<T> {
    result.map_err(top_level)
}

fn top_level<R>(failure: Failure<R>) -> Error {
    match failure {
        Failure::Unauthenticated(end) => unauthenticated(end),
        Failure::Forbidden => forbidden("you may not do this in this workspace; ask one of its admins"),
        Failure::RateLimited { retry_after_seconds } => {
            let message = format!("too many attempts; try again in {retry_after_seconds} seconds");
            coded("RATE_LIMITED", message).extend_with(|_, e| e.set("retryAfterSeconds", retry_after_seconds))
        }
        Failure::Unavailable => unavailable(),
        Failure::OutcomeUnknown => {
            coded("UNAVAILABLE", "the connection broke while this was being saved; whether it took effect is unknown: look before you try again".into())
                .extend_with(|_, e| e.set("outcome", "UNKNOWN"))
        }
        Failure::NotFound { field } => bad_user_input(field, "no such thing"),
        Failure::Refused(_) => internal("a query was refused like a mutation"),
        Failure::Internal(text) => internal(&text),
    }
}

fn coded(code: &'static str, message: String) -> Error {
    Error::new(message).extend_with(|_, e| e.set("code", code))
}

/// The session's end travels beside the error; the edge adds the workspace's contact.
pub fn unauthenticated(end: Option<SessionEnd>) -> Error {
    let message = match end {
        Some(end) => format!("this session has ended: {}", end.cause.as_str()),
        None => "sign in first: no valid credential was sent".to_owned(),
    };
    let mut error = coded("UNAUTHENTICATED", message);
    if let Some(end) = end {
        error.source = Some(std::sync::Arc::new(end));
    }
    error
}

pub fn forbidden(message: &str) -> Error {
    coded("FORBIDDEN", message.to_owned())
}

pub fn unavailable() -> Error {
    coded("UNAVAILABLE", "the service can't tell right now; nothing was changed, try again".to_owned())
}

/// Input that can't be right whoever sends it; `field` is the argument to correct.
pub fn bad_user_input(field: &str, message: &str) -> Error {
    coded("BAD_USER_INPUT", format!("{field}: {message}")).extend_with(|_, e| e.set("field", field))
}

pub fn internal(text: &str) -> Error {
    tracing::error!(error = text, "a request failed inside");
    coded("INTERNAL", "something went wrong on our side; the request's id helps to find it".to_owned())
}
