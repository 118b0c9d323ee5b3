//! `graphql-transport-ws`, to the letter (enisdenjo/graphql-ws, PROTOCOL.md).

use rollcall::primitives::secret::{Secret, SecretKind};
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use super::company::{SESSION_EVENTS, VIEWER_EVENTS};
use crate::support::app::Stage;
use crate::support::people::Human;
use crate::support::socket::{Heard, Socket};

async fn stage() -> (Stage, Human) {
    let stage = Stage::sqlite().await;
    let ada = stage.human("Ada").await;
    (stage, ada)
}

#[tokio::test]
async fn another_subprotocol_is_closed_with_4406() {
    let (stage, _) = stage().await;
    let mut socket = Socket::connect_as(stage.here(), None).await;
    socket.expect_close(4406).await;
    stage.close().await;
}

#[tokio::test]
async fn a_client_that_does_not_begin_is_closed_with_4408() {
    let mut stage = Stage::sqlite().await;
    stage.config.socket_limits.connection_init_seconds = 1;
    let server = stage.start_server().await;
    let mut socket = Socket::connect(&stage.servers[server]).await;
    assert_eq!(socket.expect_close(4408).await, "Connection initialisation timeout");
    stage.close().await;
}

#[tokio::test]
async fn a_second_beginning_is_closed_with_4429() {
    let (stage, ada) = stage().await;
    let mut socket = Socket::open(stage.here(), &ada.token).await;
    socket.init(&ada.token).await;
    assert_eq!(socket.expect_close(4429).await, "Too many initialisation requests");
    stage.close().await;
}

#[tokio::test]
async fn whoever_asks_before_being_let_in_is_closed_with_4401() {
    let (stage, _) = stage().await;
    let mut socket = Socket::connect(stage.here()).await;
    socket.subscribe("1", SESSION_EVENTS, json!({})).await;
    assert_eq!(socket.expect_close(4401).await, "Unauthorized");
    stage.close().await;
}

#[tokio::test]
async fn without_a_token_that_holds_nobody_is_let_in() {
    let (stage, _) = stage().await;
    let unknown = Secret::mint(SecretKind::AccountSession);
    for payload in [
        json!(null),
        json!({}),
        json!({ "authorization": "Bearer x" }),
        json!({ "authorization": format!("Bearer {}", unknown.reveal()) }),
    ] {
        let mut socket = Socket::connect(stage.here()).await;
        socket.send(json!({ "type": "connection_init", "payload": payload })).await;
        assert_eq!(socket.expect_close(4401).await, "Unauthorized");
    }
    stage.close().await;
}

#[tokio::test]
async fn rubbish_is_closed_with_4400_before_and_after_the_beginning() {
    let (stage, ada) = stage().await;
    for rubbish in [
        Message::Text("x".into()),
        Message::Text(r#"{"type":"start"}"#.into()),
        Message::Text(r#"{"type":"subscribe","id":"1"}"#.into()),
        Message::Text(r#"{"type":"subscribe","id":"","payload":{"query":"{a}"}}"#.into()),
        Message::Binary(b"x".to_vec().into()),
    ] {
        let mut new = Socket::connect(stage.here()).await;
        new.send_raw(rubbish.clone()).await;
        new.expect_close(4400).await;
        let mut open = Socket::open(stage.here(), &ada.token).await;
        open.send_raw(rubbish).await;
        open.expect_close(4400).await;
    }
    // The server and everybody else on it are none the worse.
    Socket::open(stage.here(), &ada.token).await;
    stage.close().await;
}

#[tokio::test]
async fn a_message_past_the_limit_ends_the_connection() {
    let (stage, ada) = stage().await;
    let mut socket = Socket::open(stage.here(), &ada.token).await;
    let long = "x".repeat(stage.config.socket_limits.socket_message_bytes_max);
    socket.send(json!({ "type": "ping", "payload": { "long": long } })).await;
    assert!(matches!(socket.hear().await, Heard::Closed { code: 4400, .. } | Heard::Cut));
    stage.close().await;
}

#[tokio::test]
async fn the_id_of_an_open_operation_is_closed_with_4409() {
    let (stage, ada) = stage().await;
    let mut socket = Socket::open(stage.here(), &ada.token).await;
    socket.listen("1", VIEWER_EVENTS, json!({})).await;
    socket.subscribe("1", SESSION_EVENTS, json!({})).await;
    socket.expect_close(4409).await;
    stage.close().await;
}

#[tokio::test]
async fn an_id_is_free_again_once_its_operation_is_over() {
    let (stage, ada) = stage().await;
    let mut socket = Socket::open(stage.here(), &ada.token).await;
    for _ in 0..3 {
        socket.listen("1", SESSION_EVENTS, json!({})).await;
        socket.complete("1").await;
        socket.subscribe("2", "{ viewer { eventCursor } }", json!({})).await;
        socket.next("2").await;
        socket.expect_complete("2").await;
    }
    socket.complete("never opened").await;
    socket.fence().await;
    stage.close().await;
}

#[tokio::test]
async fn pings_of_both_levels_are_answered() {
    let (stage, ada) = stage().await;
    let mut socket = Socket::connect(stage.here()).await;
    socket.send(json!({ "type": "ping" })).await;
    assert_eq!(socket.message().await, json!({ "type": "pong" }));
    socket.init(&ada.token).await;
    assert_eq!(socket.message().await, json!({ "type": "connection_ack" }));
    socket.send(json!({ "type": "ping", "payload": { "at": 1 } })).await;
    assert_eq!(socket.message().await, json!({ "type": "pong", "payload": { "at": 1 } }));
    socket.send(json!({ "type": "pong" })).await;
    socket.send_raw(Message::Ping(b"here".to_vec().into())).await;
    assert_eq!(socket.pong().await, b"here");
    socket.fence().await;
    stage.close().await;
}

/// RFC 6455, section 5.5.1: a browser that closes and hears nothing takes the end for a failure.
#[tokio::test]
async fn a_client_that_closes_hears_that_it_was_heard() {
    let (stage, ada) = stage().await;
    let end = || Message::Close(Some(CloseFrame { code: CloseCode::Normal, reason: "done".into() }));
    let mut new = Socket::connect(stage.here()).await;
    new.send_raw(end()).await;
    new.expect_close(1000).await;
    let mut open = Socket::open(stage.here(), &ada.token).await;
    open.listen("1", SESSION_EVENTS, json!({})).await;
    open.send_raw(end()).await;
    open.expect_close(1000).await;
    assert_eq!(open.hear().await, Heard::Cut, "and the server ends the connection");
    stage.close().await;
}

#[tokio::test]
async fn a_server_that_goes_down_closes_with_1012() {
    let (stage, ada) = stage().await;
    let mut socket = Socket::open(stage.here(), &ada.token).await;
    socket.listen("1", SESSION_EVENTS, json!({})).await;
    stage.here().app.hub.shut_down();
    // Not a word more: a `complete` would tell the client that there is nothing to come back for.
    assert_eq!(socket.expect_close(1012).await, "Service restart");
    stage.close().await;
}
