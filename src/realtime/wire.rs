//! The socket itself: what waits to be written, writing it in bursts, and reading, all in one task.
//!
//! Never grows without bound: while too much waits, nothing is read and nobody is asked for more. Never blocks: a
//! client that takes nothing only shows as time without progress.

use std::io::ErrorKind;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use axum::body::Bytes;
use hyper::upgrade::Upgraded;
use tokio::time::Instant;
use tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tungstenite::{Error, Message, WebSocket};

use super::backlog::Backlog;
use super::figures::Figures;
use super::frame;
use super::lane::Lane;
use super::protocol::CloseCode;
use crate::config::SocketLimits;

/// Resident for each connection, and cleared at every look for something to read: the default is 128 KiB.
const READ_BUFFER_BYTES: usize = 512;

pub(super) struct Wire {
    /// Reads, and keeps to the protocol. What is written goes past it.
    socket: WebSocket<Lane>,
    waiting: Backlog,
    /// Nothing can be read any more.
    ended: bool,
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
    pub(super) fn new(connection: Upgraded, limits: &SocketLimits, figures: Arc<Figures>) -> Self {
        let message_bytes_max = Some(limits.socket_message_bytes_max);
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER_BYTES)
            .write_buffer_size(0)
            .max_message_size(message_bytes_max)
            .max_frame_size(message_bytes_max);
        let socket = WebSocket::from_raw_socket(Lane::new(connection), Role::Server, Some(config));
        let waiting = Backlog::new(limits);
        Self { socket, waiting, ended: false, stalled_since: None, figures, told: (0, 0) }
    }

    /// Sends a message to this one alone.
    pub(super) fn send(&mut self, text: &str) {
        self.send_frame(frame::text(&[text]));
    }

    /// Sends what others may be sent as well.
    pub(super) fn send_frame(&mut self, frame: Bytes) {
        self.waiting.push(frame);
    }

    pub(super) fn ping(&mut self) {
        self.send_frame(frame::ping());
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

    /// Writes what waits and reads, until something has happened. Nothing is lost when this is dropped half-way.
    pub(super) async fn turn(&mut self) -> Turn {
        std::future::poll_fn(|cx| self.poll_turn(cx)).await
    }

    pub(super) fn poll_turn(&mut self, cx: &mut Context<'_>) -> Poll<Turn> {
        if let Poll::Ready(turn) = self.poll_write(cx) {
            return Poll::Ready(turn);
        }
        if !self.has_room() {
            return Poll::Pending;
        }
        let turn = self.poll_read(cx);
        // A pong, or the answer to an end.
        if let Some(answers) = self.socket.get_mut().take_answers() {
            self.waiting.push(answers);
            if turn.is_pending() {
                return self.poll_write(cx);
            }
        }
        turn
    }

    fn poll_read(&mut self, cx: &Context<'_>) -> Poll<Turn> {
        if self.ended {
            return Poll::Ready(Turn::Gone);
        }
        self.socket.get_mut().attend(cx);
        match self.socket.read() {
            Ok(message) => Poll::Ready(Turn::Received(message)),
            Err(Error::Io(error)) if error.kind() == ErrorKind::WouldBlock => Poll::Pending,
            Err(error) => {
                self.ended = true;
                let gone = matches!(error, Error::ConnectionClosed | Error::AlreadyClosed);
                Poll::Ready(if gone { Turn::Gone } else { Turn::Unreadable })
            }
        }
    }

    /// Writes what waits, a burst in one write; ready when something has come of it. Keeps count of what stays.
    fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<Turn> {
        if self.waiting.is_empty() {
            return Poll::Pending;
        }
        let (had_room, before) = (self.has_room(), self.waiting.size());
        let written = self.poll_all(cx);
        if written.is_ready() {
            self.stalled_since = None;
        } else if self.stalled_since.is_none() || before != self.waiting.size() {
            self.stalled_since = Some(Instant::now());
        }
        if written.is_pending() || self.told != (0, 0) {
            self.tell_backlog(self.waiting.size());
        }
        match written {
            Poll::Ready(Err(_)) => Poll::Ready(Turn::Gone),
            // Somebody may wait for the room.
            _ if !had_room && self.has_room() => Poll::Ready(Turn::Written),
            _ => Poll::Pending,
        }
    }

    fn poll_all(&mut self, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        while !self.waiting.is_empty() {
            let lane = self.socket.get_mut();
            match ready!(self.waiting.with_next(|frames| lane.poll_write(cx, frames)))? {
                0 => return Poll::Ready(Err(ErrorKind::WriteZero.into())),
                bytes => self.waiting.written(bytes),
            }
        }
        Poll::Ready(Ok(()))
    }

    fn tell_backlog(&mut self, now: (usize, usize)) {
        let told = std::mem::replace(&mut self.told, now);
        let difference = |now: usize, told: usize| {
            i64::try_from(now).unwrap_or_default() - i64::try_from(told).unwrap_or_default()
        };
        self.figures.backlog_messages.add(difference(now.0, told.0));
        self.figures.backlog_bytes.add(difference(now.1, told.1));
    }

    /// Answers the end that the client has said, in place of what waits: without it a browser takes the end for a failure
    /// (RFC 6455, section 5.5.1). Bounded by whoever calls.
    pub(super) async fn answer_end(&mut self) {
        self.discard();
        // That nothing can follow is no failure.
        let _ = self.socket.flush();
        if let Some(answers) = self.socket.get_mut().take_answers() {
            self.waiting.push(answers);
        }
        // Whoever doesn't take it has gone.
        let _ = std::future::poll_fn(|cx| self.poll_all(cx)).await;
    }

    /// Sends what waits, says why it ends, and waits for the client to have heard. Bounded by whoever calls.
    pub(super) async fn close(&mut self, code: CloseCode, reason: &'static str) {
        let words = CloseFrame { code: (code as u16).into(), reason: reason.into() };
        // Where the other side has closed already, there is nobody to tell.
        let _ = self.socket.close(Some(words));
        if let Some(answers) = self.socket.get_mut().take_answers() {
            self.waiting.push(answers);
        }
        // What the client still says is of no interest, but unread it would make the system reset the connection and
        // with it the last words.
        while !matches!(self.turn().await, Turn::Gone | Turn::Unreadable | Turn::Received(Message::Close(_)))
        {
        }
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.tell_backlog((0, 0));
    }
}
