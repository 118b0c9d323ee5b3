//! The explorer: one page, its script, its style and its saved queries, all out of the binary.
//!
//! Never fetches anything from elsewhere; the content security policy holds it to that.

use std::sync::Arc;

use axum::Router;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::HttpEdge;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The saved queries as they are served: an array of `{ title, token, query, variables }`.
pub const SAVED_QUERIES: &str = include_str!("graphiql/queries.json");

pub(super) fn routes() -> Router<Arc<HttpEdge>> {
    let file =
        |content_type: &'static str, text: &'static str| get(move || async move { page(content_type, text) });
    Router::new()
        .route("/graphiql", file("text/html; charset=utf-8", include_str!("graphiql/page.html")))
        .route("/graphiql/page.js", file("text/javascript; charset=utf-8", include_str!("graphiql/page.js")))
        .route("/graphiql/page.css", file("text/css; charset=utf-8", include_str!("graphiql/page.css")))
        .route("/graphiql/queries.json", file("application/json; charset=utf-8", SAVED_QUERIES))
}

fn page(content_type: &'static str, text: &'static str) -> Response {
    let headers =
        [(CONTENT_TYPE, content_type), (CONTENT_SECURITY_POLICY, POLICY), (CACHE_CONTROL, "no-cache")];
    (headers, text).into_response()
}
