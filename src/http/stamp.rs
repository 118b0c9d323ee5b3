//! What every request gets on its way in and every answer on its way out: a name, where it came from, a count, and the
//! headers that keep browsers careful.
//!
//! Never reads the body, and never refuses.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::{
    CONTENT_SECURITY_POLICY, HeaderMap, HeaderName, HeaderValue, REFERRER_POLICY, USER_AGENT,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::middleware::Next;
use axum::response::Response;

use super::{HttpEdge, SessionCookies};
use crate::platform::telemetry::Counter;
use crate::primitives::request::{Client, RequestId};

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// What is known of a request before it is understood. In the request's extensions, and handed to sockets.
#[derive(Clone, Debug)]
pub struct Arrival {
    pub request_id: RequestId,
    pub client: Client,
    /// For a socket of a page that may use them.
    pub cookies: SessionCookies,
}

/// What stamping needs.
pub(super) struct Stamp {
    trust_forwarded_for: bool,
    /// Answers by the first digit of their status, from 1.
    answers: [Arc<Counter>; 5],
}

impl Stamp {
    pub(super) fn new(edge: &HttpEdge) -> Self {
        let answers = ["1xx", "2xx", "3xx", "4xx", "5xx"].map(|status| {
            edge.telemetry.counter("rollcall_http_answers_total", "Answers sent.", &[("status", status)])
        });
        Self { trust_forwarded_for: edge.trust_forwarded_for, answers }
    }

    fn arrival(&self, request: &Request) -> Arrival {
        let headers = request.headers();
        let request_id =
            text(headers, &X_REQUEST_ID).and_then(RequestId::parse).unwrap_or_else(RequestId::mint);
        let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
        let forwarded = if self.trust_forwarded_for { forwarded_for(headers) } else { None };
        let client = Client::new(forwarded.or(peer), text(headers, &USER_AGENT));
        Arrival { request_id, client, cookies: SessionCookies::default() }
    }
}

fn text<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

/// The last address: the one that the proxy in front of us saw. Those before it are the client's own claims.
fn forwarded_for(headers: &HeaderMap) -> Option<IpAddr> {
    let last = headers.get_all(X_FORWARDED_FOR).iter().next_back()?.to_str().ok()?;
    let last = last.rsplit(',').next()?.trim();
    let with_port = || last.parse::<SocketAddr>().map(|address| address.ip());
    last.parse().or_else(|_| with_port()).ok()
}

pub(super) async fn stamp(State(stamp): State<Arc<Stamp>>, mut request: Request, next: Next) -> Response {
    let arrival = stamp.arrival(&request);
    let request_id = arrival.request_id.clone();
    request.extensions_mut().insert(arrival);
    let mut response = next.run(request).await;
    let class = usize::from(response.status().as_u16() / 100);
    if let Some(counter) = stamp.answers.get(class.saturating_sub(1)) {
        counter.increment();
    }
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(request_id.as_str()) {
        headers.insert(X_REQUEST_ID, value);
    }
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    let nothing = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
    headers.entry(CONTENT_SECURITY_POLICY).or_insert(nothing);
    response
}
