//! What waits to be written to one socket.
//!
//! Never drops anything by itself: past its bounds it only says that it is full, and whoever fills it stops.

use std::collections::VecDeque;

use axum::extract::ws::Message;

use crate::config::SocketLimits;

/// Room for so many is kept while nothing waits.
const MESSAGES_KEPT: usize = 4;

pub(super) struct Backlog {
    messages: VecDeque<Message>,
    bytes: usize,
    messages_max: usize,
    bytes_max: usize,
}

impl Backlog {
    pub(super) fn new(limits: &SocketLimits) -> Self {
        Self {
            messages: VecDeque::new(),
            bytes: 0,
            messages_max: limits.socket_backlog_max,
            bytes_max: limits.socket_backlog_bytes_max,
        }
    }

    pub(super) fn push(&mut self, message: Message) {
        self.bytes += size(&message);
        self.messages.push_back(message);
    }

    pub(super) fn pop(&mut self) -> Option<Message> {
        let message = self.messages.pop_front()?;
        self.bytes -= size(&message);
        Some(message)
    }

    /// Messages and bytes.
    pub(super) fn size(&self) -> (usize, usize) {
        (self.messages.len(), self.bytes)
    }

    /// Gives back what a burst took.
    pub(super) fn shrink(&mut self) {
        if self.messages.capacity() > MESSAGES_KEPT {
            self.messages.shrink_to(MESSAGES_KEPT);
        }
    }

    pub(super) fn clear(&mut self) {
        self.messages.clear();
        self.bytes = 0;
    }

    pub(super) fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }

    /// May more be added? One answer may still reach past the bound: nobody knows its size before it is there.
    pub(super) fn has_room(&self) -> bool {
        self.messages.len() < self.messages_max && self.bytes < self.bytes_max
    }
}

fn size(message: &Message) -> usize {
    match message {
        Message::Text(text) => text.len(),
        Message::Binary(bytes) | Message::Ping(bytes) | Message::Pong(bytes) => bytes.len(),
        Message::Close(frame) => frame.as_ref().map_or(0, |frame| frame.reason.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn backlog(socket_backlog_max: usize, socket_backlog_bytes_max: usize) -> Backlog {
        Backlog::new(&SocketLimits {
            socket_backlog_max,
            socket_backlog_bytes_max,
            ..SocketLimits::default()
        })
    }

    fn text(bytes: usize) -> Message {
        Message::Text("x".repeat(bytes).into())
    }

    /// EVT-7: few long messages fill it as well as many short ones.
    #[test]
    fn a_backlog_is_bounded_by_messages_and_by_bytes() {
        let mut many = backlog(2, 1000);
        many.push(text(1));
        assert!(many.has_room());
        many.push(text(1));
        assert!(!many.has_room());

        let mut long = backlog(100, 1000);
        long.push(text(600));
        assert!(long.has_room());
        long.push(text(600));
        assert!(!long.has_room());
        assert_eq!(long.pop(), Some(text(600)));
        assert!(long.has_room(), "what has left counts no more");
        long.push(text(2000));
        long.clear();
        assert!(long.has_room() && long.is_empty());
    }
}
