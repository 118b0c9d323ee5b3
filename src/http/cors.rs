//! Which pages of other origins may call the API from a browser.
//!
//! Never any by default. A page sends the token that it holds, or lets its cookies go along by `Rollcall-Session`, for which
//! its origin is looked at again (`origin`).

use std::time::Duration;

use axum::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderName, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, Method};
use tower_http::cors::{AllowOrigin, CorsLayer};

use super::graphql::IDEMPOTENCY_KEY;
use crate::config::Origin;

/// How long a browser may remember what it was told.
const REMEMBERED: Duration = Duration::from_secs(600);
const ROLLCALL_SESSION: HeaderName = HeaderName::from_static("rollcall-session");
const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

pub(super) fn layer(origins: &[Origin]) -> Option<CorsLayer> {
    let origins: Vec<HeaderValue> =
        origins.iter().filter_map(|origin| HeaderValue::from_str(origin.as_str()).ok()).collect();
    if origins.is_empty() {
        return None;
    }
    let layer = CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins))
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([ACCEPT, AUTHORIZATION, CONTENT_TYPE, IDEMPOTENCY_KEY, ROLLCALL_SESSION, X_REQUEST_ID])
        .allow_credentials(true)
        .expose_headers([RETRY_AFTER, WWW_AUTHENTICATE, X_REQUEST_ID])
        .max_age(REMEMBERED);
    Some(layer)
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::{HeaderMap, Request};
    use axum::routing::any;
    use tower::ServiceExt;

    use super::*;

    const ALLOWED: &str = "access-control-allow-origin";

    async fn preflight(origins: &[&str], from: &str) -> HeaderMap {
        let origins: Vec<Origin> = origins.iter().map(|it| it.parse().expect("an origin")).collect();
        let mut router = axum::Router::new().route("/graphql", any(|| async {}));
        if let Some(layer) = layer(&origins) {
            router = router.layer(layer);
        }
        let request = Request::builder()
            .method("OPTIONS")
            .uri("/graphql")
            .header("origin", from)
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "authorization,content-type")
            .body(Body::empty())
            .expect("a request");
        router.oneshot(request).await.expect("it answers").headers().clone()
    }

    #[tokio::test]
    async fn only_pages_of_the_origins_that_were_named_may_call() {
        let named = ["https://app.example.com", "http://localhost:3000"];
        let headers = preflight(&named, "http://localhost:3000").await;
        assert_eq!(headers[ALLOWED], "http://localhost:3000");
        assert!(headers["access-control-allow-headers"].to_str().expect("text").contains("authorization"));
        assert_eq!(headers["access-control-allow-credentials"], "true");
        let other = preflight(&named, "https://app.example.com.evil.example").await;
        assert!(!other.contains_key(ALLOWED));
        assert!(!preflight(&[], "http://localhost:3000").await.contains_key(ALLOWED));
    }
}
