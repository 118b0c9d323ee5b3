//! The socket itself: what waits to be written, writing it in bursts, and reading, all in one task.
//!
//! Never grows without bound: while too much waits, nothing is read and nobody is asked for more. Never blocks: a
//! client that takes nothing only shows as time without progress.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use axum::Error;
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use futures_util::{Sink, Stream};
use tokio::time::Instant;

use super::backlog::Backlog;
use super::figures::Figures;
use super::protocol::CloseCode;
use crate::config::SocketLimits;

pub(super) struct Wire {
    socket: WebSocket,
    waiting: Backlog,
    unflushed: bool,
    /// Since when the socket has taken nothing of what waits.
    stalled_since: Option<Instant>,
    figures: Arc<Figures>,
    /// What the figures know to wait here, in messages and bytes.
    told: (usize, usize),
}

/// One thing that happened on the wire.
#[derive(Debug)]
pub(super) enum Turn {
    Received(Message),
    /// There is room again.
    Written,
    /// What came can't be read: too long, or no WebSocket. Something may still be sent.
    Unreadable,
    /// The connection is no more; nothing can be sent.
    Gone,
}

impl Wire {
    pub(super) fn new(socket: WebSocket, limits: &SocketLimits, figures: Arc<Figures>) -> Self {
        let waiting = Backlog::new(limits);
        Self { socket, waiting, unflushed: false, stalled_since: None, figures, told: (0, 0) }
    }

    pub(super) fn send(&mut self, text: impl Into<Utf8Bytes>) {
        self.push(Message::Text(text.into()));
    }

    pub(super) fn ping(&mut self) {
        self.push(Message::Ping(axum::body::Bytes::new()));
    }

    fn push(&mut self, message: Message) {
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
    pub(super) const fn stalled_since(&self) -> Option<Instant> {
        self.stalled_since
    }

    fn is_idle(&self) -> bool {
        self.waiting.is_empty() && !self.unflushed
    }

    /// Writes what waits and reads, until something has happened. Nothing is lost when this is dropped half-way.
    pub(super) async fn turn(&mut self) -> Turn {
        std::future::poll_fn(|cx| self.poll_turn(cx)).await
    }

    pub(super) fn poll_turn(&mut self, cx: &mut Context<'_>) -> Poll<Turn> {
        if !self.is_idle() {
            let had_room = self.has_room();
            match self.poll_write(cx) {
                Poll::Ready(Err(_)) => return Poll::Ready(Turn::Gone),
                // Somebody may wait for the room.
                _ if !had_room && self.has_room() => return Poll::Ready(Turn::Written),
                _ => {}
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

    /// Hands over everything, then flushes once: a burst is one write. Keeps count of what stays.
    fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let before = self.waiting.size();
        let written = self.poll_all(cx);
        if written.is_ready() {
            self.stalled_since = None;
            self.waiting.shrink();
        } else if self.stalled_since.is_none() || before != self.waiting.size() {
            self.stalled_since = Some(Instant::now());
        }
        if written.is_pending() || self.told != (0, 0) {
            self.tell_backlog();
        }
        written
    }

    fn poll_all(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        loop {
            ready!(Pin::new(&mut self.socket).poll_ready(cx))?;
            let Some(message) = self.waiting.pop() else { break };
            self.unflushed = true;
            Pin::new(&mut self.socket).start_send(message)?;
        }
        ready!(Pin::new(&mut self.socket).poll_flush(cx))?;
        self.unflushed = false;
        Poll::Ready(Ok(()))
    }

    fn tell_backlog(&mut self) {
        let (told, now) = (self.told, self.waiting.size());
        let difference = |now: usize, told: usize| {
            i64::try_from(now).unwrap_or_default() - i64::try_from(told).unwrap_or_default()
        };
        self.figures.backlog_messages.add(difference(now.0, told.0));
        self.figures.backlog_bytes.add(difference(now.1, told.1));
        self.told = now;
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

impl Drop for Wire {
    fn drop(&mut self) {
        self.waiting.clear();
        self.tell_backlog();
    }
}
