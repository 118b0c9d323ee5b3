//! Writes an answer: its body, and the status that GraphQL over HTTP gives it.
//!
//! Never lets an answer out that `graphql::errors::finish` hasn't seen.

use std::collections::BTreeMap;

use async_graphql::{Response, ServerError, Value};
use axum::body::Body;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use axum::response::IntoResponse;
use serde::Serialize;
use tokio::sync::OwnedSemaphorePermit;

use super::negotiate::Media;
use super::refusal::{HttpRefusal, headers_of, status_of};
use super::schema_answers;
use crate::config::DocumentLimits;
use crate::graphql::{errors, length};
use crate::primitives::request::RequestId;

#[derive(Serialize)]
struct Answer<'a> {
    /// Left away where nothing was run: that is how clients tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a Value>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [ServerError],
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    extensions: &'a BTreeMap<String, Value>,
}

pub(super) fn answer(
    response: Response,
    media: Media,
    request_id: &RequestId,
    limits: &DocumentLimits,
    place: Option<OwnedSemaphorePermit>,
) -> axum::response::Response {
    let response = errors::finish(response, request_id, limits.introspection);
    let status = match media {
        Media::GraphqlResponse => status(&response),
        Media::Json => StatusCode::OK,
    };
    let Some(text) = text(&response, limits.answer_bytes_max) else {
        return answer(length::too_long(limits.answer_bytes_max), media, request_id, limits, None);
    };
    write(schema_answers::body(text, place), media, status)
}

pub(super) fn refuse(
    refusal: HttpRefusal,
    media: Media,
    request_id: &RequestId,
    limits: &DocumentLimits,
) -> axum::response::Response {
    let response = errors::finish(refusal.error.into_response(), request_id, limits.introspection);
    let text = text(&response, limits.answer_bytes_max).unwrap_or_default();
    let mut answer = write(text.into(), media, refusal.status);
    answer.headers_mut().extend(refusal.headers);
    answer
}

fn was_run(response: &Response) -> bool {
    response.data != Value::Null || response.errors.iter().all(|error| !error.path.is_empty())
}

/// Whatever has data is a success, in part at least. Where all of it failed, the first error's code speaks.
fn status(response: &Response) -> StatusCode {
    if response.data != Value::Null {
        return StatusCode::OK;
    }
    let code = response.errors.first().and_then(errors::code);
    match code.map(status_of) {
        None => StatusCode::OK,
        // A field's own failure isn't the request's.
        Some(StatusCode::BAD_REQUEST) if was_run(response) => StatusCode::OK,
        Some(status) => status,
    }
}

fn text(response: &Response, bytes_max: usize) -> Option<String> {
    let data = was_run(response).then_some(&response.data);
    length::json(&Answer { data, errors: &response.errors, extensions: &response.extensions }, bytes_max)
}

fn write(body: Body, media: Media, status: StatusCode) -> axum::response::Response {
    let mut answer = (status, body).into_response();
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, media.header());
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.extend(headers_of(status));
    answer
}
