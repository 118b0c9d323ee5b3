//! One socket of a client: what came on it, with its time, goes into the record.
//!
//! Never waits for ever: a server that says nothing for long is left.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use super::{PATIENCE, Token, World, seq, uuid};
use crate::faults::record::{Heard, ReaderId, Recorder, SocketId};

const PING_EVERY: Duration = Duration::from_millis(900);

/// What a client subscribes to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Root {
    Workspace,
    Viewer,
}

impl Root {
    const fn field(self) -> &'static str {
        match self {
            Self::Workspace => "workspaceEvents",
            Self::Viewer => "viewerEvents",
        }
    }

    fn document(self) -> String {
        let field = self.field();
        format!(
            "subscription($after: EventCursor) {{ {field}(after: $after) {{ __typename id eventCursor \
             ... on Resync {{ reason }} }} }}"
        )
    }
}

const SESSION: &str = "subscription { sessionEvents { __typename ... on SessionEnded { cause } } }";

/// What a step on the line brought.
#[derive(Clone, Debug)]
pub enum Step {
    /// Go on from here.
    Cursor(String),
    Other,
    /// A subscription was refused.
    Refused,
    /// It is over, with this code if there was one.
    Closed(Option<u16>),
}

pub struct Line {
    stream: WebSocketStream<TcpStream>,
    id: SocketId,
    recorder: Recorder,
    heard_at: Instant,
    pinged_at: Instant,
}

impl Drop for Line {
    fn drop(&mut self) {
        self.recorder.closed(self.id, None);
    }
}

impl Line {
    /// Connects, shows the token and waits to be let in; else the code it was closed with.
    pub async fn open(
        world: &World,
        token: &Token,
        server: usize,
        reader: Option<ReaderId>,
    ) -> Result<Self, Option<u16>> {
        let connecting = async {
            let address = world.fronts[server];
            let mut request = format!("ws://{address}/graphql").into_client_request().ok()?;
            request.headers_mut().insert("Sec-WebSocket-Protocol", "graphql-transport-ws".parse().ok()?);
            let tcp = TcpStream::connect(address).await.ok()?;
            tokio_tungstenite::client_async(request, tcp).await.ok()
        };
        let (stream, _) = timeout(PATIENCE, connecting).await.ok().flatten().ok_or(None)?;
        let now = Instant::now();
        let id = world.recorder.socket(token.id, server, reader);
        let mut line = Self { stream, id, recorder: world.recorder.clone(), heard_at: now, pinged_at: now };
        let payload = json!({ "authorization": format!("Bearer {}", token.secret) });
        line.send(json!({ "type": "connection_init", "payload": payload })).await;
        loop {
            match line.step().await {
                Step::Closed(code) => return Err(code),
                _ if line.is_acknowledged() => return Ok(line),
                _ => {}
            }
        }
    }

    fn is_acknowledged(&self) -> bool {
        self.recorder.with().sockets[self.id.0].acknowledged.is_some()
    }

    pub async fn listen_to_session(&mut self) {
        self.send(json!({ "type": "subscribe", "id": "session", "payload": { "query": SESSION } })).await;
    }

    pub async fn listen(&mut self, root: Root, after: &str) {
        let payload = json!({ "query": root.document(), "variables": { "after": after } });
        self.send(json!({ "type": "subscribe", "id": root.field(), "payload": payload })).await;
    }

    /// What can't be sent is not this one's concern: what comes back is.
    async fn send(&mut self, message: Value) {
        let sending = self.stream.send(Message::Text(message.to_string().into()));
        let _ = timeout(PATIENCE, sending).await;
    }

    /// The next thing that comes; pings while nothing does.
    pub async fn step(&mut self) -> Step {
        loop {
            let now = Instant::now();
            if now > self.heard_at + PATIENCE {
                return self.close(None);
            }
            if now > self.pinged_at + PING_EVERY {
                self.pinged_at = now;
                self.send(json!({ "type": "ping" })).await;
            }
            let Ok(message) = timeout(PING_EVERY, self.stream.next()).await else { continue };
            self.heard_at = Instant::now();
            match message {
                Some(Ok(Message::Text(text))) => {
                    let message: Value = serde_json::from_str(&text).expect("JSON");
                    if message["type"] != "pong" {
                        return self.take(&message);
                    }
                }
                Some(Ok(Message::Close(frame))) => return self.close(frame.map(|frame| frame.code.into())),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return self.close(None),
            }
        }
    }

    fn close(&self, code: Option<u16>) -> Step {
        self.recorder.closed(self.id, code);
        Step::Closed(code)
    }

    fn take(&self, message: &Value) -> Step {
        let (heard, step) = match message["type"].as_str() {
            Some("connection_ack") => {
                self.recorder.acknowledged(self.id);
                return Step::Other;
            }
            Some("next") => read(&message["payload"]),
            Some("complete") => (Heard::Complete, Step::Other),
            Some("error") => {
                let code = message["payload"][0]["extensions"]["code"].as_str().unwrap_or_default();
                (Heard::Refused(code.to_owned()), Step::Refused)
            }
            other => panic!("a server said {other:?}: {message}"),
        };
        self.recorder.heard(self.id, heard);
        step
    }
}

fn read(payload: &Value) -> (Heard, Step) {
    let Some(event) = payload["data"].as_object().and_then(|data| data.values().next()) else {
        return (Heard::Refused(payload["errors"].to_string()), Step::Refused);
    };
    let cursor = || Step::Cursor(event["eventCursor"].as_str().expect("a cursor").to_owned());
    let number = || seq(&event["eventCursor"]).expect("a cursor");
    match event["__typename"].as_str() {
        Some("SessionEnded") => {
            (Heard::SessionEnded(event["cause"].as_str().unwrap_or_default().to_owned()), Step::Other)
        }
        Some("SessionRightsChanged") => (Heard::RightsChanged, Step::Other),
        Some("Resync") => {
            let reason = event["reason"].as_str().unwrap_or_default().to_owned();
            (Heard::Resync { reason, seq: number() }, cursor())
        }
        _ => (Heard::Event { seq: number(), id: uuid(&event["id"]) }, cursor()),
    }
}
