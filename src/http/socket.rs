//! The way from HTTP to a socket: an upgrade on `/graphql` that speaks `graphql-transport-ws`.
//!
//! Never speaks the protocol; that is `realtime`, which takes the connection as it is after the upgrade.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::FromRequestParts;
use axum::extract::ws::WebSocketUpgrade;
use axum::http::header::{
    CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL, UPGRADE,
};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use tokio::io::AsyncWriteExt;
use tungstenite::handshake::derive_accept_key;

use super::{Arrival, HttpEdge, SessionCookies};

const PROTOCOL: &str = "graphql-transport-ws";
/// The reference server's code for a client that offers another protocol.
const SUBPROTOCOL_NOT_ACCEPTABLE: u16 = 4406;
/// The first byte of a close frame; its length and its code follow (RFC 6455, section 5.5.1).
const CLOSE: u8 = 0x88;

pub(super) fn is_wanted(parts: &Parts) -> bool {
    let says = |name: &HeaderName, word: &str| has_word(&parts.headers, name, word);
    parts.method == Method::GET && says(&CONNECTION, "upgrade") && says(&UPGRADE, "websocket")
}

fn has_word(headers: &HeaderMap, name: &HeaderName, word: &str) -> bool {
    let texts = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    texts.flat_map(|text| text.split(',')).any(|one| one.trim().eq_ignore_ascii_case(word))
}

pub(super) async fn upgrade(edge: &Arc<HttpEdge>, mut arrival: Arrival, mut parts: Parts) -> Response {
    // A page can't send the header that asks for cookies with an upgrade, so here the origin alone decides.
    if edge.origins.allow(&parts.headers) == Some(true) {
        arrival.cookies = SessionCookies::read(&parts.headers);
    }
    let upgraded = parts.extensions.get::<OnUpgrade>().cloned();
    let key = parts.headers.get(SEC_WEBSOCKET_KEY).cloned();
    // Read for its checks: the framework would keep buffers of its own for each connection.
    let asked = match WebSocketUpgrade::from_request_parts(&mut parts, edge).await {
        Ok(asked) => asked.protocols([PROTOCOL]),
        Err(rejection) => return rejection.into_response(),
    };
    let (Some(upgraded), Some(key)) = (upgraded, key) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let chosen = asked.selected_protocol().cloned();
    match &chosen {
        Some(_) => {
            let sockets = Arc::clone(&edge.sockets);
            tokio::spawn(async move {
                if let Some(socket) = taken(upgraded).await {
                    sockets.serve(socket, arrival).await;
                }
            });
        }
        None => {
            tokio::spawn(async move {
                if let Some(socket) = taken(upgraded).await {
                    // Upgraded first, so that the client learns why: a refused upgrade tells a browser nothing.
                    close(socket, SUBPROTOCOL_NOT_ACCEPTABLE, "Subprotocol not acceptable").await;
                }
            });
        }
    }
    switching(&key, chosen)
}

/// The connection, once the answer has been written on it.
async fn taken(upgraded: OnUpgrade) -> Option<Upgraded> {
    upgraded.await.inspect_err(|error| tracing::debug!(%error, "a connection went away at its upgrade")).ok()
}

fn switching(key: &HeaderValue, protocol: Option<HeaderValue>) -> Response {
    let mut response = StatusCode::SWITCHING_PROTOCOLS.into_response();
    *response.body_mut() = Body::empty();
    let accept = derive_accept_key(key.as_bytes());
    let headers = response.headers_mut();
    headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(SEC_WEBSOCKET_ACCEPT, HeaderValue::from_str(&accept).expect("base64 is a header's text"));
    if let Some(protocol) = protocol {
        headers.insert(SEC_WEBSOCKET_PROTOCOL, protocol);
    }
    response
}

/// Says why, and ends.
pub(super) async fn close(socket: Upgraded, code: u16, reason: &'static str) {
    let mut frame = vec![CLOSE, u8::try_from(2 + reason.len()).unwrap_or(2)];
    frame.extend(code.to_be_bytes());
    frame.extend(reason.as_bytes());
    let mut socket = TokioIo::new(socket);
    if let Err(error) = socket.write_all(&frame).await {
        tracing::debug!(%error, "a socket of another protocol went away");
    }
}
