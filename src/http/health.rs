//! Alive, able to serve, and the figures.
//!
//! Never asks the database: readiness is what the service already knows of it.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};

use super::HttpEdge;

pub(super) async fn alive() -> &'static str {
    "alive\n"
}

pub(super) async fn ready(State(edge): State<Arc<HttpEdge>>) -> Response {
    match (edge.readiness)() {
        Ok(()) => "ready\n".into_response(),
        Err(reason) => (StatusCode::SERVICE_UNAVAILABLE, format!("not ready: {reason}\n")).into_response(),
    }
}

pub(super) async fn figures(State(edge): State<Arc<HttpEdge>>) -> Response {
    ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], edge.telemetry.render()).into_response()
}
