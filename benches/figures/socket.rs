//! The sockets of the load: `graphql-transport-ws` as far as subscribing goes, with few allocations.
//!
//! Never holds a buffer for a socket that waits; all share one.

use std::cell::RefCell;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use serde_json::json;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;

use super::frame;
use super::tally::Tally;

const BUFFER_BYTES: usize = 64 * 1024;

thread_local! {
    static BUFFER: RefCell<Vec<u8>> = RefCell::new(vec![0; BUFFER_BYTES]);
}

/// A connection, and what was read of it and not yet understood.
pub struct Socket {
    stream: TcpStream,
    rest: Vec<u8>,
}

impl Socket {
    /// Connects and upgrades; the server need not be more than the bare loop.
    pub async fn connect(address: &str) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let mut socket = Self { stream, rest: Vec::new() };
        let request = format!(
            "GET /graphql HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\
             Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
        );
        socket.stream.write_all(request.as_bytes()).await?;
        loop {
            if let Some(end) = socket.rest.windows(4).position(|part| part == b"\r\n\r\n") {
                let refused = !socket.rest.starts_with(b"HTTP/1.1 101");
                let head: Vec<u8> = socket.rest.drain(..end + 4).collect();
                return if refused { Err(unexpected(&head)) } else { Ok(socket) };
            }
            socket.more().await?;
        }
    }

    /// Signs in and subscribes to each document; when this returns, every subscription has begun.
    pub async fn subscribe(&mut self, token: &str, documents: &[String]) -> io::Result<()> {
        let payload = json!({ "authorization": format!("Bearer {token}") });
        self.send(&json!({ "type": "connection_init", "payload": payload })).await?;
        self.until("connection_ack").await?;
        for (at, query) in documents.iter().enumerate() {
            let id = (at + 1).to_string();
            self.send(&json!({ "type": "subscribe", "id": id, "payload": { "query": query } })).await?;
        }
        // A query behind them: when it is answered, they have begun.
        let fence = json!({ "query": "{ __typename }" });
        self.send(&json!({ "type": "subscribe", "id": "fence", "payload": fence })).await?;
        self.until("complete").await
    }

    async fn send(&mut self, message: &serde_json::Value) -> io::Result<()> {
        self.stream.write_all(&frame::from_client(frame::TEXT, message.to_string().as_bytes())).await
    }

    async fn until(&mut self, kind: &str) -> io::Result<()> {
        let wanted = format!("\"type\":\"{kind}\"");
        loop {
            while let Some((heard, length)) = frame::read(&self.rest) {
                let text = String::from_utf8_lossy(heard.payload).into_owned();
                let refused = heard.opcode == frame::CLOSE || text.contains("\"type\":\"error\"");
                self.rest.drain(..length);
                if refused {
                    return Err(unexpected(text.as_bytes()));
                }
                if text.contains(&wanted) {
                    return Ok(());
                }
            }
            self.more().await?;
        }
    }

    async fn more(&mut self) -> io::Result<()> {
        let read = self.stream.read_buf(&mut self.rest).await?;
        if read == 0 { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(()) }
    }

    /// Counts what comes until the connection ends.
    pub async fn listen(mut self, tally: Arc<Tally>) {
        self.rest.shrink_to_fit();
        loop {
            let heard = std::future::poll_fn(|context| self.poll_heard(context, &tally)).await;
            match heard {
                Ok(Some(answer)) if self.stream.write_all(&answer).await.is_err() => return,
                Ok(_) => {}
                Err(_) => return,
            }
        }
    }

    fn poll_heard(&mut self, context: &mut Context<'_>, tally: &Tally) -> Poll<io::Result<Option<Vec<u8>>>> {
        let (stream, rest) = (&mut self.stream, &mut self.rest);
        BUFFER.with_borrow_mut(|buffer| {
            let mut read = ReadBuf::new(buffer);
            ready!(Pin::new(stream).poll_read(context, &mut read))?;
            let bytes = read.filled();
            if bytes.is_empty() {
                return Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into()));
            }
            if rest.is_empty() {
                let (answer, taken) = tally.take(bytes);
                rest.extend(&bytes[taken..]);
                return Poll::Ready(Ok(answer));
            }
            rest.extend(bytes);
            let (answer, taken) = tally.take(rest);
            rest.drain(..taken);
            Poll::Ready(Ok(answer))
        })
    }
}

fn unexpected(bytes: &[u8]) -> io::Error {
    io::Error::other(format!("refused: {}", String::from_utf8_lossy(bytes)))
}
