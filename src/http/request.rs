//! Reads a GraphQL request out of a URL or a body.
//!
//! Never reads more than the limit, and never waits for a slow body longer than it may take. One request each: a batch
//! is refused.

use std::time::Duration;

use async_graphql::{Request, Variables};
use axum::body::{Body, to_bytes};
use axum::extract::Query;
use axum::http::header::{CONTENT_LENGTH, HeaderMap};
use axum::http::{StatusCode, Uri};
use serde::Deserialize;
use serde_json::Value;

use super::refusal::HttpRefusal;
use crate::config::HttpLimits;

/// The four parameters of GraphQL over HTTP, in a body.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Parameters {
    query: Option<String>,
    operation_name: Option<String>,
    variables: Option<serde_json::Map<String, Value>>,
    extensions: Option<serde_json::Map<String, Value>>,
}

/// The same in a URL: maps are JSON in text.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct UrlParameters {
    query: Option<String>,
    operation_name: Option<String>,
    variables: Option<String>,
    extensions: Option<String>,
}

impl Parameters {
    fn into_request(self) -> Result<Request, HttpRefusal> {
        let query = self.query.filter(|query| !query.trim().is_empty());
        let query =
            query.ok_or_else(|| HttpRefusal::malformed("`query` is missing: send the document in it"))?;
        let variables =
            self.variables.map(|map| Variables::from_json(Value::Object(map))).unwrap_or_default();
        let mut request = Request::new(query).variables(variables);
        request.operation_name = self.operation_name.filter(|name| !name.is_empty());
        Ok(request)
    }
}

pub(super) fn from_url(uri: &Uri) -> Result<Request, HttpRefusal> {
    let Query(url) = Query::<UrlParameters>::try_from_uri(uri)
        .map_err(|error| HttpRefusal::malformed(format!("the URL can't be read: {error}")))?;
    let parameters = Parameters {
        query: url.query,
        operation_name: url.operation_name,
        variables: map("variables", url.variables)?,
        extensions: map("extensions", url.extensions)?,
    };
    parameters.into_request()
}

fn map(name: &str, text: Option<String>) -> Result<Option<serde_json::Map<String, Value>>, HttpRefusal> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    serde_json::from_str(&text)
        .map_err(|error| HttpRefusal::malformed(format!("`{name}` must be a JSON object: {error}")))
}

pub(super) async fn from_body(
    headers: &HeaderMap,
    body: Body,
    limits: &HttpLimits,
) -> Result<Request, HttpRefusal> {
    let bytes = read(headers, body, limits).await?;
    // A batch would get many requests past the limits of one.
    if bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[') {
        return Err(HttpRefusal::malformed("batches are not supported; send each request by itself"));
    }
    let parameters: Parameters = serde_json::from_slice(&bytes).map_err(|error| {
        HttpRefusal::malformed(format!("the body is no GraphQL request in JSON: {error}"))
    })?;
    // Read for its type alone: no extension is supported.
    let _ = &parameters.extensions;
    parameters.into_request()
}

async fn read(
    headers: &HeaderMap,
    body: Body,
    limits: &HttpLimits,
) -> Result<axum::body::Bytes, HttpRefusal> {
    let announced = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > limits.body_bytes_max as u64) {
        return Err(HttpRefusal::too_large(limits.body_bytes_max));
    }
    let patience = Duration::from_secs(limits.body_seconds_max);
    match tokio::time::timeout(patience, to_bytes(body, limits.body_bytes_max)).await {
        Err(_) => {
            let message = format!("the body took longer than {} seconds", limits.body_seconds_max);
            Err(HttpRefusal::new(StatusCode::REQUEST_TIMEOUT, message))
        }
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(error)) if is_length(&error) => Err(HttpRefusal::too_large(limits.body_bytes_max)),
        Ok(Err(_)) => Err(HttpRefusal::malformed("the body broke off")),
    }
}

fn is_length(error: &axum::Error) -> bool {
    std::error::Error::source(error).is_some_and(|source| source.to_string().contains("length limit"))
}
