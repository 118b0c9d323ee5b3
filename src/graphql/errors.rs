//! Top-level errors: their codes, their form, and the one way out for an answer.
//!
//! Never sends what an error says inside: an error without a code came from somewhere that didn't mean to speak to
//! people, and is logged under the request's id.

use std::sync::Arc;

use async_graphql::{ErrorExtensionValues, Pos, Response, ServerError, Value};

use super::document::{DocumentFault, DocumentRefusal};
use crate::primitives::actor::EndCause;
use crate::primitives::request::RequestId;
use crate::words;

words! {
    /// What kind of failure a top-level error is; `extensions.code`.
    pub enum TopLevelCode {
        /// No credential, or one that doesn't hold (any more).
        Unauthenticated = "UNAUTHENTICATED",
        /// The credential holds, but may not do this.
        Forbidden = "FORBIDDEN",
        /// An argument or variable that can't be what it should be.
        BadUserInput = "BAD_USER_INPUT",
        /// Too many, for now.
        RateLimited = "RATE_LIMITED",
        /// A part that is needed can't be reached, or was too busy.
        Unavailable = "UNAVAILABLE",
        /// A defect.
        Internal = "INTERNAL",
        /// An HTTP request that isn't one for GraphQL.
        BadRequest = "BAD_REQUEST",
        /// The idempotency key is another call's that is under way.
        KeyInUse = "IDEMPOTENCY_KEY_IN_USE",
        /// The idempotency key came with another body before.
        KeyReused = "IDEMPOTENCY_KEY_REUSED",
        /// The call under the idempotency key took effect, and its answer isn't known any more.
        AnswerLost = "ANSWER_LOST",
        /// The document isn't GraphQL.
        ParseFailed = "GRAPHQL_PARSE_FAILED",
        /// The document is GraphQL, and doesn't fit the schema.
        ValidationFailed = "GRAPHQL_VALIDATION_FAILED",
        /// The document asks for more than a limit allows.
        LimitExceeded = "GRAPHQL_LIMIT_EXCEEDED",
    }
}

impl TopLevelCode {
    /// May the same request succeed later, unchanged?
    const fn is_retryable(self) -> bool {
        matches!(self, Self::RateLimited | Self::Unavailable | Self::KeyInUse)
    }
}

/// What a person reads when something broke inside.
const INTERNAL_MESSAGE: &str = "something went wrong on the server; it is logged under this request's id";
const HINT: &str = " Did you mean";

/// Whom to turn to (WSP-9).
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Contact {
    pub text: Option<String>,
    pub email: Option<String>,
}

/// Why a session that once held no longer does, for a client that missed the socket.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SessionEnded {
    pub cause: EndCause,
    /// For people.
    pub message: String,
    pub contact: Option<Contact>,
}

impl SessionEnded {
    fn to_value(&self) -> Value {
        let text = |text: &Option<String>| text.clone().map_or(Value::Null, Value::from);
        let contact = self.contact.as_ref().map_or(Value::Null, |contact| {
            object([("text", text(&contact.text)), ("email", text(&contact.email))])
        });
        object([
            ("cause", self.cause.as_str().into()),
            ("message", self.message.clone().into()),
            ("contact", contact),
        ])
    }
}

fn object<const N: usize>(fields: [(&str, Value); N]) -> Value {
    Value::Object(fields.into_iter().map(|(name, value)| (async_graphql::Name::new(name), value)).collect())
}

/// A failure of the whole request, or of a field that nothing else can be said of.
#[derive(Clone, Debug)]
pub struct TopLevelError {
    pub code: TopLevelCode,
    message: String,
    retryable: bool,
    locations: Vec<Pos>,
    extensions: Vec<(&'static str, Value)>,
    internal: Option<Internal>,
}

/// What an internal error says: for the log alone.
#[derive(Clone, Debug)]
struct Internal(String);

impl TopLevelError {
    pub fn new(code: TopLevelCode, message: impl Into<String>) -> Self {
        let retryable = code.is_retryable();
        Self {
            code,
            message: message.into(),
            retryable,
            locations: Vec::new(),
            extensions: Vec::new(),
            internal: None,
        }
    }

    /// No credential, or one that doesn't hold; with why, when it once did.
    pub fn unauthenticated(ended: Option<&SessionEnded>) -> Self {
        let Some(ended) = ended else {
            return Self::new(
                TopLevelCode::Unauthenticated,
                "sign in first: the credential is missing or unknown",
            );
        };
        let mut error = Self::new(TopLevelCode::Unauthenticated, ended.message.clone());
        error.extensions.push(("sessionEnd", ended.to_value()));
        error
    }

    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::new(TopLevelCode::Forbidden, message)
    }

    /// `field` is the path into the arguments, as the client wrote them.
    pub fn bad_input(field: &str, message: &str) -> Self {
        let mut error = Self::new(TopLevelCode::BadUserInput, format!("{field}: {message}"));
        let path = field.split('.').map(Value::from).collect();
        error.extensions.push(("field", Value::List(path)));
        error
    }

    pub fn rate_limited(retry_after_seconds: u64) -> Self {
        let message = format!("too many attempts; try again in {retry_after_seconds} seconds");
        let mut error = Self::new(TopLevelCode::RateLimited, message);
        error.extensions.push(("retryAfterSeconds", retry_after_seconds.into()));
        error
    }

    /// As many as may be are being told the schema, or take their time to read it.
    pub fn schema_in_demand(retry_after_seconds: u64) -> Self {
        let message = format!(
            "too many ask for the schema at once; try again in {retry_after_seconds} seconds, or read the published \
             schema.graphql"
        );
        Self { message, ..Self::rate_limited(retry_after_seconds) }
    }

    /// Nothing was changed: the holder of the credential has as many idempotency keys as it may.
    pub fn no_key_free(keys_max: u32, retry_after_seconds: u64) -> Self {
        let message = format!(
            "Idempotency-Key: {keys_max} keys are known of this person or API key, as many as may be, each for a day; the \
             first is free in {retry_after_seconds} seconds. Send the request without a key, or have the operator raise \
             ROLLCALL_IDEMPOTENCY_KEYS_MAX"
        );
        Self { message, ..Self::rate_limited(retry_after_seconds) }
    }

    /// Nothing was changed.
    pub fn unavailable() -> Self {
        Self::new(TopLevelCode::Unavailable, "the service can't answer right now; try again in a moment")
    }

    /// The answer to a commit was lost: trying again blindly might do it twice.
    pub fn outcome_unknown() -> Self {
        let message =
            "outcome unknown: the connection broke while this was being saved; look before trying again";
        let extensions = vec![("outcome", "UNKNOWN".into())];
        Self { retryable: false, extensions, ..Self::new(TopLevelCode::Unavailable, message) }
    }

    /// The call took effect, as far as `known` tells: the place in a stream after it.
    pub fn answer_lost(known: Option<String>) -> Self {
        let message =
            "this call took effect before, and its answer is no longer known; read what you show anew";
        let cursor = known.map_or(Value::Null, Value::from);
        let extensions = vec![("outcome", "TOOK_EFFECT".into()), ("eventCursor", cursor)];
        Self { extensions, ..Self::new(TopLevelCode::AnswerLost, message) }
    }

    /// `text` is logged with the request's id and never sent.
    pub fn internal(text: impl Into<String>) -> Self {
        let internal = Some(Internal(text.into()));
        Self { internal, ..Self::new(TopLevelCode::Internal, INTERNAL_MESSAGE) }
    }

    fn extension_values(&self) -> ErrorExtensionValues {
        let mut values = ErrorExtensionValues::default();
        for (name, value) in &self.extensions {
            values.set(name, value.clone());
        }
        values.set("code", self.code.as_str());
        values.set("retryable", self.retryable);
        values
    }

    /// For a whole request that is refused.
    pub fn into_response(self) -> Response {
        Response::from_errors(vec![self.into()])
    }
}

impl From<TopLevelError> for ServerError {
    fn from(error: TopLevelError) -> Self {
        let mut server_error = Self::new(error.message.clone(), None);
        server_error.extensions = Some(error.extension_values());
        server_error.locations = error.locations;
        server_error.source = error.internal.map(|internal| Arc::new(internal) as _);
        server_error
    }
}

impl From<TopLevelError> for async_graphql::Error {
    fn from(error: TopLevelError) -> Self {
        let ServerError { message, source, extensions, .. } = error.into();
        Self { message, source, extensions }
    }
}

impl From<DocumentRefusal> for TopLevelError {
    fn from(refusal: DocumentRefusal) -> Self {
        let code = match refusal.fault {
            DocumentFault::Syntax => TopLevelCode::ParseFailed,
            DocumentFault::Invalid => TopLevelCode::ValidationFailed,
            DocumentFault::Limit => TopLevelCode::LimitExceeded,
        };
        Self { locations: refusal.locations, ..Self::new(code, refusal.message) }
    }
}

/// The code of an error, once it has one.
pub fn code(error: &ServerError) -> Option<TopLevelCode> {
    match error.extensions.as_ref()?.get("code")? {
        Value::String(code) => TopLevelCode::parse(code),
        _ => None,
    }
}

/// Makes an answer fit to be sent: each error has its code, `retryable` and the request's id, and says nothing from
/// inside. With `hints` off, no names of fields are suggested either.
#[must_use]
pub fn finish(mut response: Response, request_id: &RequestId, hints: bool) -> Response {
    for error in &mut response.errors {
        finish_error(error, request_id, hints);
    }
    response
}

fn finish_error(error: &mut ServerError, request_id: &RequestId, hints: bool) {
    let code = code(error).unwrap_or_else(|| {
        let code = classify(error);
        if code == TopLevelCode::Internal {
            let text = std::mem::replace(&mut error.message, INTERNAL_MESSAGE.to_owned());
            // What came with it may be as internal as the text.
            error.extensions = None;
            error.source = Some(Arc::new(Internal(text)));
        }
        code
    });
    if let Some(Internal(text)) = error.source::<Internal>() {
        tracing::error!(%request_id, path = ?error.path, error = %text, "a request failed");
    }
    if !hints && let Some(at) = error.message.find(HINT) {
        error.message.truncate(at);
    }
    let extensions = error.extensions.get_or_insert_default();
    extensions.set("code", code.as_str());
    if extensions.get("retryable").is_none() {
        // What may have taken effect isn't to be tried again blindly.
        extensions.set("retryable", code.is_retryable() && extensions.get("outcome").is_none());
    }
    extensions.set("requestId", request_id.as_str());
}

/// What the library's own errors are. Those without a path come from before the execution; those with one from a
/// field: either an argument that couldn't be read, or an error of ours that has no code and so stays inside.
fn classify(error: &ServerError) -> TopLevelCode {
    let of_input =
        ["Failed to parse \"", "Expected input type \"", "Variable ", "Invalid value for argument "]
            .iter()
            .any(|start| error.message.starts_with(start));
    match (error.path.is_empty(), of_input && error.source.is_none()) {
        (_, true) => TopLevelCode::BadUserInput,
        (true, false) => TopLevelCode::ValidationFailed,
        (false, false) => TopLevelCode::Internal,
    }
}

#[cfg(test)]
#[path = "errors_tests.rs"]
mod tests;

/// An object out of an event answers what the event carries.
pub fn not_carried(object: &str) -> async_graphql::Error {
    TopLevelError::bad_input(object, "an event doesn't carry this field").into()
}
