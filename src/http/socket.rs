//! The way from HTTP to a socket: an upgrade on `/graphql` that speaks `graphql-transport-ws`.
//!
//! Never speaks the protocol; that is `realtime`. It bounds the buffers and what a message may weigh.

use std::borrow::Cow;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::http::header::{CONNECTION, UPGRADE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, Method};
use axum::response::{IntoResponse, Response};

use super::{Arrival, HttpEdge, SessionCookies};

const PROTOCOL: &str = "graphql-transport-ws";
/// The reference server's code for a client that offers another protocol.
const SUBPROTOCOL_NOT_ACCEPTABLE: u16 = 4406;
/// Resident for each connection, and cleared at every look for something to read: the default is 128 KiB.
const READ_BUFFER_BYTES: usize = 1024;
/// Past this, what was handed over is written before more is taken. So the buffer holds this and one message at most,
/// which is bounded by whoever makes it (`realtime::backlog`); it stays as large as it once was.
const WRITE_BUFFER_BYTES: usize = 4 * 1024;

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
    let upgrade = match WebSocketUpgrade::from_request_parts(&mut parts, edge).await {
        Ok(upgrade) => upgrade,
        Err(rejection) => return rejection.into_response(),
    };
    let message_bytes_max = edge.socket_limits.socket_message_bytes_max;
    let upgrade = upgrade
        .protocols([PROTOCOL])
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(WRITE_BUFFER_BYTES)
        .max_message_size(message_bytes_max)
        .max_frame_size(message_bytes_max);
    if upgrade.selected_protocol().is_none() {
        return upgrade.on_upgrade(close_unacceptable);
    }
    let sockets = Arc::clone(&edge.sockets);
    upgrade.on_upgrade(move |socket| sockets.serve(socket, arrival))
}

/// Upgraded first, so that the client learns why: a refused upgrade tells a browser nothing.
async fn close_unacceptable(mut socket: WebSocket) {
    let reason = Cow::from("Subprotocol not acceptable").as_ref().into();
    let close = Message::Close(Some(CloseFrame { code: SUBPROTOCOL_NOT_ACCEPTABLE, reason }));
    if let Err(error) = socket.send(close).await {
        tracing::debug!(%error, "a socket of another protocol went away");
    }
}
