//! How the graphql-ws package takes our close codes. The peer here speaks just enough of the
//! protocol to close on it; that the service closes so is for the tests of realtime/ to prove.

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::{WebSocketStream, accept_hdr_async};

use crate::support::stock_client::StockClient;

const DOCUMENT: &str = "subscription($after: String) { ticks(after: $after) { eventCursor } }";

struct Peer {
    listener: TcpListener,
}

impl Peer {
    async fn listen() -> Self {
        Self { listener: TcpListener::bind("127.0.0.1:0").await.expect("a free port") }
    }

    fn url(&self) -> String {
        format!("ws://{}/graphql", self.listener.local_addr().expect("it is bound"))
    }

    /// The next connection, acknowledged, and what it subscribed with.
    async fn accept(&self) -> Connection {
        let (stream, _) = self.listener.accept().await.expect("a connection");
        let mut connection = Connection {
            socket: accept_hdr_async(stream, with_protocol).await.expect("a WebSocket"),
            init: Value::Null,
            subscribe: Value::Null,
        };
        connection.init = connection.receive().await;
        connection.send(json!({ "type": "connection_ack" })).await;
        connection.subscribe = connection.receive().await;
        connection
    }
}

#[expect(
    clippy::unnecessary_wraps,
    clippy::result_large_err,
    reason = "the callback's signature is the library's"
)]
fn with_protocol(
    _: &Request,
    mut response: Response,
) -> Result<Response, tungstenite::handshake::server::ErrorResponse> {
    response.headers_mut().insert("sec-websocket-protocol", HeaderValue::from_static("graphql-transport-ws"));
    Ok(response)
}

struct Connection {
    socket: WebSocketStream<TcpStream>,
    init: Value,
    subscribe: Value,
}

impl Connection {
    async fn receive(&mut self) -> Value {
        let message = self.socket.next().await.expect("a message").expect("a whole one");
        serde_json::from_str(message.to_text().expect("text")).expect("JSON")
    }

    async fn send(&mut self, message: Value) {
        self.socket.send(Message::text(message.to_string())).await.expect("it is open");
    }

    async fn tick(&mut self, cursor: &str) {
        let payload = json!({ "data": { "ticks": { "eventCursor": cursor } } });
        let id = self.subscribe["id"].clone();
        self.send(json!({ "id": id, "type": "next", "payload": payload })).await;
    }

    async fn complete(&mut self) {
        let id = self.subscribe["id"].clone();
        self.send(json!({ "id": id, "type": "complete" })).await;
    }

    async fn close(mut self, code: u16, reason: &'static str) {
        let frame = CloseFrame { code: code.into(), reason: reason.into() };
        self.socket.close(Some(frame)).await.expect("it is open");
        while let Some(Ok(_)) = self.socket.next().await {}
    }
}

/// BLK-2: the forced logout is the last event, `complete`, then 4401, and the client stays away. As it does on 1008: one
/// socket too many of an account would be one too many again.
#[tokio::test]
async fn the_stock_client_stops_for_good_on_4401_and_on_1008() {
    for (code, reason) in [(4401, "Blocked"), (1008, "Too many")] {
        stops_for_good(code, reason).await;
    }
}

async fn stops_for_good(code: u16, reason: &'static str) {
    let peer = Peer::listen().await;
    let Some(mut client) = StockClient::start(&peer.url(), "secret", DOCUMENT, &["--retry-wait-ms=1"]) else {
        return;
    };
    let mut connection = peer.accept().await;
    assert_eq!(connection.init["payload"]["authorization"], "Bearer secret");
    connection.tick("last").await;
    connection.complete().await;
    connection.close(code, reason).await;

    let message = client.next_of("message").await;
    assert_eq!(message["payload"]["data"]["ticks"]["eventCursor"], "last");
    client.next_of("complete").await;
    let rest = client.until_end().await;
    assert_eq!(rest[0], json!({ "type": "closed", "code": code, "reason": reason }));
    let stopped = rest.last().expect("it says that it stopped");
    assert_eq!((&stopped["type"], &stopped["code"]), (&json!("stopped"), &json!(code)));
    assert!(rest.iter().all(|line| line["type"] != "connecting"), "it tried again: {rest:?}");
}

/// EVT-4, EVT-7: a restart (1012) or a slow reader (1013) makes it resume where it was.
#[tokio::test]
async fn the_stock_client_comes_back_after_1012_and_1013_with_its_cursor() {
    for code in [1012, 1013] {
        let peer = Peer::listen().await;
        let options = ["--retry-wait-ms=1", "--cursor-variable=after"];
        let Some(mut client) = StockClient::start(&peer.url(), "", DOCUMENT, &options) else { return };
        let mut first = peer.accept().await;
        assert_eq!(first.subscribe["payload"]["variables"], json!({}));
        first.tick("seven").await;
        first.close(code, "Later").await;

        assert_eq!(client.next_of("closed").await["code"], code);
        assert_eq!(client.next_of("connecting").await["retry"], true);
        let second = peer.accept().await;
        assert_eq!(second.subscribe["payload"]["variables"], json!({ "after": "seven" }));
        assert_eq!(client.next_of("connected").await["retry"], true);
    }
}

/// EVT-4: what api.md tells users of a normalised cache is what Apollo Client itself does with it.
#[tokio::test]
async fn evt_4_the_stock_cache_keeps_the_newest_of_each_object() {
    let filter = include_str!("node/newest.mjs");
    assert!(include_str!("../docs/api.md").contains(filter), "api.md shows the filter as it is tested");
    StockClient::run_tests("apollo.test.mjs").await;
}
