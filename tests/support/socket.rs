//! A client that speaks `graphql-transport-ws` and takes nothing for granted: every wait has a deadline.
//!
//! Never decides what should come; it tells what came.

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use super::app::{DEADLINE, Server};

pub struct Socket {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

/// One thing that came.
#[derive(Clone, Debug, PartialEq)]
pub enum Heard {
    Message(Value),
    Closed {
        code: u16,
        reason: String,
    },
    /// The connection ended without a close frame.
    Cut,
}

impl Socket {
    /// Connects and says nothing.
    pub async fn connect(server: &Server) -> Self {
        Self::connect_as(server, Some("graphql-transport-ws")).await
    }

    /// Connects as a browser does: with cookies and an origin.
    pub async fn connect_with(server: &Server, headers: &[(&'static str, String)]) -> Self {
        Self::connect_saying(server.address, Some("graphql-transport-ws"), headers).await
    }

    pub async fn connect_as(server: &Server, protocol: Option<&str>) -> Self {
        Self::connect_at(server.address, protocol).await
    }

    async fn connect_at(address: SocketAddr, protocol: Option<&str>) -> Self {
        Self::connect_saying(address, protocol, &[]).await
    }

    async fn connect_saying(
        address: SocketAddr,
        protocol: Option<&str>,
        headers: &[(&'static str, String)],
    ) -> Self {
        let mut request = format!("ws://{address}/graphql").into_client_request().unwrap();
        if let Some(protocol) = protocol {
            request.headers_mut().insert("Sec-WebSocket-Protocol", protocol.parse().unwrap());
        }
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        let connecting = tokio_tungstenite::connect_async(request);
        let (stream, _) = timeout(DEADLINE, connecting).await.expect("in time").expect("an upgrade");
        Self { stream }
    }

    /// Connects with a token and waits to be let in.
    pub async fn open(server: &Server, token: &str) -> Self {
        let mut socket = Self::connect(server).await;
        socket.init(token).await;
        assert_eq!(socket.message().await, json!({ "type": "connection_ack" }));
        socket
    }

    /// The same to a server that is known by its address alone.
    pub async fn open_at(address: SocketAddr, token: &str) -> Self {
        let mut socket = Self::connect_at(address, Some("graphql-transport-ws")).await;
        socket.init(token).await;
        assert_eq!(socket.message().await, json!({ "type": "connection_ack" }));
        socket
    }

    /// Likewise; none where nobody answers, or where it goes away before it lets anybody in.
    pub async fn try_open_at(address: SocketAddr, token: &str) -> Option<Self> {
        let mut request = format!("ws://{address}/graphql").into_client_request().unwrap();
        request.headers_mut().insert("Sec-WebSocket-Protocol", "graphql-transport-ws".parse().unwrap());
        let connected = timeout(DEADLINE, tokio_tungstenite::connect_async(request)).await.expect("in time");
        let mut socket = Self { stream: connected.ok()?.0 };
        socket.init(token).await;
        let heard = socket.hear().await;
        (heard == Heard::Message(json!({ "type": "connection_ack" }))).then_some(socket)
    }

    /// What comes within this time.
    pub async fn hear_within(&mut self, patience: Duration) -> Option<Heard> {
        timeout(patience, self.hear()).await.ok()
    }

    pub async fn init(&mut self, token: &str) {
        let payload = json!({ "authorization": format!("Bearer {token}") });
        self.send(json!({ "type": "connection_init", "payload": payload })).await;
    }

    pub async fn send(&mut self, message: Value) {
        self.send_raw(Message::Text(message.to_string().into())).await;
    }

    /// What can't be sent any more is not the test's concern: what came back is.
    pub async fn send_raw(&mut self, message: Message) {
        let _ = timeout(DEADLINE, self.stream.send(message)).await.expect("the server takes it");
    }

    /// Sends the same again and again, until the other side takes no more, or has hung up on who reads nothing; says how
    /// often it did.
    pub async fn send_until_stuck(&mut self, message: &Value) -> usize {
        const STUCK: Duration = Duration::from_millis(300);
        let message = Message::Text(message.to_string().into());
        let mut taken = 0;
        while let Ok(Ok(())) = timeout(STUCK, self.stream.send(message.clone())).await {
            taken += 1;
        }
        taken
    }

    pub async fn subscribe(&mut self, id: &str, query: &str, variables: Value) {
        let payload = json!({ "query": query, "variables": variables });
        self.send(json!({ "type": "subscribe", "id": id, "payload": payload })).await;
    }

    pub async fn complete(&mut self, id: &str) {
        self.send(json!({ "type": "complete", "id": id })).await;
    }

    /// A subscription that is known to have begun when this returns: whatever is sent afterwards is behind it.
    pub async fn listen(&mut self, id: &str, query: &str, variables: Value) {
        self.subscribe(id, query, variables).await;
        self.fence().await;
    }

    /// A query's way through the socket and back, behind all that was asked before.
    pub async fn fence(&mut self) {
        self.subscribe("fence", "{ __typename }", json!({})).await;
        self.next("fence").await;
        self.expect_complete("fence").await;
    }

    /// What the next pong carries.
    pub async fn pong(&mut self) -> Vec<u8> {
        self.frame(|message| if let Message::Pong(bytes) = message { Some(bytes.to_vec()) } else { None })
            .await
    }

    /// Returns at the server's next ping, which is answered by reading on.
    pub async fn pinged(&mut self) {
        self.frame(|message| matches!(message, Message::Ping(_)).then_some(())).await;
    }

    async fn frame<T>(&mut self, wanted: impl Fn(&Message) -> Option<T>) -> T {
        loop {
            match timeout(DEADLINE, self.stream.next()).await.expect("something comes in time") {
                Some(Ok(message)) => {
                    if let Some(found) = wanted(&message) {
                        return found;
                    }
                }
                end => panic!("heard {end:?}"),
            }
        }
    }

    pub async fn hear(&mut self) -> Heard {
        loop {
            match timeout(DEADLINE, self.stream.next()).await.expect("something comes in time") {
                Some(Ok(Message::Text(text))) => {
                    return Heard::Message(serde_json::from_str(&text).expect("JSON"));
                }
                Some(Ok(Message::Close(frame))) => {
                    let (code, reason) = frame
                        .map_or((CloseCode::Status, String::new()), |it| (it.code, it.reason.to_string()));
                    return Heard::Closed { code: code.into(), reason };
                }
                Some(Ok(_)) => {}
                None
                | Some(Err(
                    Error::ConnectionClosed | Error::AlreadyClosed | Error::Io(_) | Error::Protocol(_),
                )) => {
                    return Heard::Cut;
                }
                Some(Err(error)) => panic!("{error}"),
            }
        }
    }

    pub async fn message(&mut self) -> Value {
        match self.hear().await {
            Heard::Message(message) => message,
            other => panic!("expected a message, heard {other:?}"),
        }
    }

    /// The data of the next `next` of an operation.
    pub async fn next(&mut self, id: &str) -> Value {
        let message = self.message().await;
        assert_eq!((&message["type"], &message["id"]), (&json!("next"), &json!(id)), "{message}");
        assert!(message["payload"].get("errors").is_none(), "{message}");
        message["payload"]["data"].clone()
    }

    /// The errors that an operation was refused with.
    pub async fn refusal(&mut self, id: &str) -> Value {
        let message = self.message().await;
        assert_eq!((&message["type"], &message["id"]), (&json!("error"), &json!(id)), "{message}");
        message["payload"].clone()
    }

    pub async fn expect_complete(&mut self, id: &str) {
        assert_eq!(self.message().await, json!({ "type": "complete", "id": id }));
    }

    /// The next thing is the end, with this code; gives the reason.
    pub async fn expect_close(&mut self, code: u16) -> String {
        match self.hear().await {
            Heard::Closed { code: found, reason } => {
                assert_eq!(found, code, "{reason}");
                reason
            }
            other => panic!("expected to be closed with {code}, heard {other:?}"),
        }
    }

    /// All that still comes until the end.
    pub async fn until_closed(&mut self) -> (Vec<Value>, Heard) {
        let mut messages = Vec::new();
        loop {
            match self.hear().await {
                Heard::Message(message) => messages.push(message),
                end => return (messages, end),
            }
        }
    }
}
