//! The socket itself: what waits to be written, writing it in bursts, and reading, all in one task.
//!
//! Never grows without bound: while too much waits, nothing is read and nobody is asked for more. Never blocks: a
//! client that takes nothing only shows as time without progress.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::Error;
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use futures_util::{Sink, Stream};
use tokio::time::Instant;

use super::backlog::Backlog;
use super::protocol::CloseCode;
use crate::config::SocketLimits;

pub(super) struct Wire {
    socket: WebSocket,
    waiting: Backlog,
    unflushed: bool,
    /// When the socket last took something, or had nothing to take.
    progress_at: Instant,
}

/// One thing that happened on the wire.
#[derive(Debug)]
pub(super) enum Turn {
    Received(Message),
    /// All that waited has left.
    Written,
    /// What came can't be read: too long, or no WebSocket. Something may still be sent.
    Unreadable,
    /// The connection is no more; nothing can be sent.
    Gone,
}

impl Wire {
    pub(super) fn new(socket: WebSocket, limits: &SocketLimits) -> Self {
        let waiting = Backlog::new(limits);
        Self { socket, waiting, unflushed: false, progress_at: Instant::now() }
    }

    pub(super) fn send(&mut self, text: impl Into<Utf8Bytes>) {
        self.push(Message::Text(text.into()));
    }

    pub(super) fn ping(&mut self) {
        self.push(Message::Ping(axum::body::Bytes::new()));
    }

    fn push(&mut self, message: Message) {
        if self.is_idle() {
            self.progress_at = Instant::now();
        }
        self.waiting.push(message);
    }

    /// May more be sent?
    pub(super) fn has_room(&self) -> bool {
        self.waiting.has_room()
    }

    /// Drops what waits.
    pub(super) fn discard(&mut self) {
        self.waiting.clear();
    }

    /// Since when the socket has taken nothing although something waits.
    pub(super) fn stalled_since(&self) -> Option<Instant> {
        (!self.is_idle()).then_some(self.progress_at)
    }

    fn is_idle(&self) -> bool {
        self.waiting.is_empty() && !self.unflushed
    }

    /// Writes what waits and reads, until something has happened. Nothing is lost when this is dropped half-way.
    pub(super) async fn turn(&mut self) -> Turn {
        std::future::poll_fn(|cx| self.poll_turn(cx)).await
    }

    fn poll_turn(&mut self, cx: &mut Context<'_>) -> Poll<Turn> {
        if !self.is_idle() {
            match self.poll_write(cx) {
                Poll::Ready(Ok(())) => return Poll::Ready(Turn::Written),
                Poll::Ready(Err(_)) => return Poll::Ready(Turn::Gone),
                Poll::Pending => {}
            }
        }
        if !self.has_room() {
            return Poll::Pending;
        }
        match ready!(Pin::new(&mut self.socket).poll_next(cx)) {
            Some(Ok(message)) => Poll::Ready(Turn::Received(message)),
            Some(Err(_)) => Poll::Ready(Turn::Unreadable),
            None => Poll::Ready(Turn::Gone),
        }
    }

    /// Hands over everything, then flushes once: a burst is one write.
    fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        loop {
            ready!(Pin::new(&mut self.socket).poll_ready(cx))?;
            let Some(message) = self.waiting.pop() else { break };
            self.unflushed = true;
            self.progress_at = Instant::now();
            Pin::new(&mut self.socket).start_send(message)?;
        }
        ready!(Pin::new(&mut self.socket).poll_flush(cx))?;
        self.unflushed = false;
        self.progress_at = Instant::now();
        Poll::Ready(Ok(()))
    }

    /// Sends what waits, says why it ends, and waits for the client to have heard. Bounded by whoever calls.
    pub(super) async fn close(&mut self, code: CloseCode, reason: &'static str) {
        self.push(Message::Close(Some(CloseFrame { code: code as u16, reason: reason.into() })));
        // What the client still says is of no interest, but unread it would make the system reset the connection and
        // with it the last words.
        while !matches!(self.turn().await, Turn::Gone | Turn::Unreadable | Turn::Received(Message::Close(_)))
        {
        }
    }
}
