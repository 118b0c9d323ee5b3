//! `GET /export/events`: the event log as newline-delimited JSON, from the oldest entry on (EVT-3).
//!
//! Never holds more than a page: the next one is read when the client has taken the one before, and only for a credential
//! that holds at that moment (REV-1).

mod body;
mod lines;
mod wanted;

use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use futures_util::future::BoxFuture;
use tokio::sync::Semaphore;

use super::credentials::{self, Credential};
use super::negotiate::Media;
use super::refusal::HttpRefusal;
use super::{Arrival, HttpEdge, answer};
use crate::audit::{ExportPage, ExportRequest};
use crate::graphql::errors::TopLevelError;
use crate::platform::telemetry::{Counter, Telemetry};
use crate::primitives::secret::Secret;
use body::Export;

/// Exports that a server serves at once. Each holds a page and now and then a connection to the database.
const EXPORTS_MAX: usize = 8;
/// When to ask again while all places are taken.
const RETRY_SECONDS: u64 = 10;

/// Reads the event log for whoever a credential stands for.
pub trait Exports: Send + Sync + 'static {
    /// Checks the credential anew, and reads one page.
    fn page<'a>(
        &'a self,
        secret: &'a Secret,
        request: &'a ExportRequest,
    ) -> BoxFuture<'a, Result<ExportPage, TopLevelError>>;
}

/// What all exports of a server share.
pub(super) struct Desk {
    places: Arc<Semaphore>,
    pages: Arc<Counter>,
}

impl Desk {
    pub(super) fn new(telemetry: &Telemetry) -> Self {
        let pages = telemetry.counter("rollcall_export_pages_total", "Pages read for exports.", &[]);
        Self { places: Arc::new(Semaphore::new(EXPORTS_MAX)), pages }
    }
}

pub(super) async fn serve(
    State(edge): State<Arc<HttpEdge>>,
    Extension(desk): Extension<Arc<Desk>>,
    Extension(arrival): Extension<Arrival>,
    request: axum::extract::Request,
) -> Response {
    let (parts, _) = request.into_parts();
    match begin(&edge, &desk, &arrival, &parts).await {
        Ok(export) => sent(Body::from_stream(export.stream())),
        Err(refusal) => {
            answer::refuse(refusal, Media::Json, &arrival.request_id, &edge.document_bounds.limits)
        }
    }
}

/// The first page is read before anything is answered: who may not, learns it by the status.
async fn begin(
    edge: &HttpEdge,
    desk: &Desk,
    arrival: &Arrival,
    parts: &Parts,
) -> Result<Export, HttpRefusal> {
    if parts.method != Method::GET {
        return Err(HttpRefusal::method("an export is asked for by GET", "GET"));
    }
    let Credential { secret, .. } = credentials::read(&parts.headers, &edge.origins, false)?;
    let request = wanted::read(&parts.uri)?;
    let secret = secret.ok_or_else(|| TopLevelError::unauthenticated(None))?;
    let place = Arc::clone(&desk.places).try_acquire_owned();
    let place = place.map_err(|_| TopLevelError::rate_limited(RETRY_SECONDS))?;
    let mut export = Export {
        exports: Arc::clone(&edge.exports),
        pages: Arc::clone(&desk.pages),
        secret,
        request,
        first: None,
        reached: None,
        count: 0,
        request_id: arrival.request_id.clone(),
        _place: place,
    };
    export.first = Some(export.read().await?);
    Ok(export)
}

fn sent(body: Body) -> Response {
    let mut response = (StatusCode::OK, body).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-ndjson"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
