//! The HTTP edge: GraphQL over HTTP, the way to a socket, the explorer, health and figures.
//!
//! Never decides who may do what. It orders its checks so that a stranger costs next to nothing: method, media types,
//! the credential's checksum, sizes and the document all come before the first question to the database.

mod answer;
mod connections;
mod cookies;
mod cors;
mod credentials;
mod doors;
mod export;
mod graphiql;
mod graphql;
mod health;
mod negotiate;
mod origin;
mod refusal;
mod request;
mod schema_answers;
mod socket;
mod stamp;
mod watched;

use std::sync::Arc;

use async_graphql::{Request, Response};
use axum::routing::{any, get};
use axum::{Extension, Router};
use futures_util::future::BoxFuture;
use hyper::upgrade::Upgraded;

use crate::config::{HttpLimits, Origin};
use crate::graphql::document::DocumentBounds;
use crate::graphql::errors::TopLevelError;
use crate::platform::telemetry::Telemetry;
use crate::primitives::secret::Secret;
pub use connections::serve;
pub use cookies::{SessionCookies, Wanted};
pub use export::Exports;
pub use graphiql::SAVED_QUERIES;
pub use origin::Origins;
use schema_answers::SchemaAnswers;
pub use stamp::Arrival;

/// Proves a credential.
pub trait Authenticate: Send + Sync + 'static {
    /// Asks whether the credential holds, and puts whoever is calling into the request's data. `None`: no credential
    /// was sent. An error refuses the whole request, with the status that its code stands for.
    fn authenticate(
        &self,
        secret: Option<Secret>,
        request: Request,
    ) -> BoxFuture<'_, Result<Request, TopLevelError>>;
}

/// Runs a request whose document was checked and whose caller is known.
pub trait Execute: Send + Sync + 'static {
    fn execute(&self, request: Request) -> BoxFuture<'_, Response>;
}

/// Speaks graphql-transport-ws on an upgraded connection until it ends.
pub trait Sockets: Send + Sync + 'static {
    fn serve(&self, socket: Upgraded, arrival: Arrival) -> BoxFuture<'static, ()>;
}

/// Can this server serve? The error says why not.
pub type Readiness = Arc<dyn Fn() -> Result<(), String> + Send + Sync>;

/// What the router is made of.
#[derive(Clone)]
pub struct HttpEdge {
    pub authenticate: Arc<dyn Authenticate>,
    pub execute: Arc<dyn Execute>,
    pub sockets: Arc<dyn Sockets>,
    pub exports: Arc<dyn Exports>,
    pub readiness: Readiness,
    pub telemetry: Arc<Telemetry>,
    pub limits: HttpLimits,
    pub document_bounds: Arc<DocumentBounds>,
    pub trust_forwarded_for: bool,
    /// Whose pages may use cookies.
    pub origins: Origins,
    /// Serve the explorer.
    pub graphiql: bool,
    /// Pages of these origins may call from a browser.
    pub cors_origins: Vec<Origin>,
}

/// All endpoints (docs/api.md).
pub fn router(edge: HttpEdge) -> Router {
    let stamp = stamp::Stamp::new(&edge);
    let desk = Arc::new(export::Desk::new(&edge.telemetry));
    let mut router = Router::new()
        .route("/graphql", any(graphql::serve).layer(Extension(SchemaAnswers::new())))
        .route("/export/events", any(export::serve).layer(Extension(desk)))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(health::figures));
    if edge.graphiql {
        router = router.merge(graphiql::routes());
    }
    if let Some(cors) = cors::layer(&edge.cors_origins) {
        router = router.layer(cors);
    }
    router
        .fallback(refusal::no_such_page)
        .layer(axum::middleware::from_fn_with_state(Arc::new(stamp), stamp::stamp))
        .with_state(Arc::new(edge))
}

#[cfg(test)]
mod tests;
