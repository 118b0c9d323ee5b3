//! A request that is refused by HTTP itself, before any GraphQL runs.
//!
//! Never without a way out: the text says what would be accepted.

use axum::http::StatusCode;
use axum::http::header::{ALLOW, CONNECTION, HeaderName, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::response::{IntoResponse, Response};

use crate::graphql::errors::{TopLevelCode, TopLevelError};

/// Why a request is refused, and with which status.
#[derive(Clone, Debug)]
pub(super) struct HttpRefusal {
    pub(super) status: StatusCode,
    /// Boxed: it travels in every `Result` of the way in.
    pub(super) error: Box<TopLevelError>,
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
}

impl HttpRefusal {
    pub(super) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        let error = TopLevelError::new(TopLevelCode::BadRequest, message);
        Self { status, error: Box::new(error), headers: Vec::new() }
    }

    pub(super) fn malformed(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    pub(super) fn method(message: &str, allowed: &'static str) -> Self {
        let headers = vec![(ALLOW, HeaderValue::from_static(allowed))];
        Self { headers, ..Self::new(StatusCode::METHOD_NOT_ALLOWED, message) }
    }

    /// The rest of the body isn't read: the connection can't be used again.
    pub(super) fn too_large(bytes_max: usize) -> Self {
        let message = format!("the body is larger than {bytes_max} bytes; send less");
        let headers = vec![(CONNECTION, HeaderValue::from_static("close"))];
        Self { headers, ..Self::new(StatusCode::PAYLOAD_TOO_LARGE, message) }
    }
}

/// The status that a code stands for, where the whole request failed with it.
pub(super) const fn status_of(code: TopLevelCode) -> StatusCode {
    match code {
        TopLevelCode::Unauthenticated => StatusCode::UNAUTHORIZED,
        TopLevelCode::Forbidden => StatusCode::FORBIDDEN,
        TopLevelCode::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        TopLevelCode::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        TopLevelCode::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        TopLevelCode::KeyInUse | TopLevelCode::AnswerLost => StatusCode::CONFLICT,
        TopLevelCode::KeyReused => StatusCode::UNPROCESSABLE_ENTITY,
        TopLevelCode::BadUserInput
        | TopLevelCode::BadRequest
        | TopLevelCode::ParseFailed
        | TopLevelCode::ValidationFailed
        | TopLevelCode::LimitExceeded => StatusCode::BAD_REQUEST,
    }
}

/// What a status asks its answer to say in headers.
pub(super) fn headers_of(status: StatusCode) -> Option<(HeaderName, HeaderValue)> {
    match status {
        StatusCode::UNAUTHORIZED => Some((WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))),
        StatusCode::SERVICE_UNAVAILABLE => Some((RETRY_AFTER, HeaderValue::from_static("1"))),
        _ => None,
    }
}

impl From<TopLevelError> for HttpRefusal {
    fn from(error: TopLevelError) -> Self {
        Self { status: status_of(error.code), error: Box::new(error), headers: Vec::new() }
    }
}

pub(super) async fn no_such_page() -> Response {
    (
        StatusCode::NOT_FOUND,
        "nothing here: the API is at /graphql, and links in mails lead to pages of your frontend\n",
    )
        .into_response()
}
