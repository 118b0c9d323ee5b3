//! What waits to be written to one socket.
//!
//! Never drops anything by itself: past its bounds it only says that it is full, and whoever fills it stops. Never
//! keeps room while nothing waits: most sockets are idle most of the time.

use std::collections::VecDeque;
use std::io::IoSlice;

use axum::body::Bytes;

use crate::config::SocketLimits;

/// Frames in one write at most.
const FRAMES_AT_ONCE: usize = 64;

pub(super) struct Backlog {
    frames: VecDeque<Bytes>,
    /// So much of the first one has been written.
    begun: usize,
    bytes: usize,
    frames_max: usize,
    bytes_max: usize,
}

impl Backlog {
    pub(super) fn new(limits: &SocketLimits) -> Self {
        Self {
            frames: VecDeque::new(),
            begun: 0,
            bytes: 0,
            frames_max: limits.socket_backlog_max,
            bytes_max: limits.socket_backlog_bytes_max,
        }
    }

    pub(super) fn push(&mut self, frame: Bytes) {
        self.bytes += frame.len();
        self.frames.push_back(frame);
    }

    /// What is to be written next, as far as it fits into one write.
    pub(super) fn with_next<T>(&self, write: impl FnOnce(&[IoSlice<'_>]) -> T) -> T {
        let mut slices = [IoSlice::new(&[]); FRAMES_AT_ONCE];
        let mut count = 0;
        for (slice, frame) in slices.iter_mut().zip(&self.frames) {
            *slice = IoSlice::new(if count == 0 { &frame[self.begun..] } else { frame });
            count += 1;
        }
        write(&slices[..count])
    }

    /// So many bytes have left.
    pub(super) fn written(&mut self, bytes: usize) {
        self.bytes -= bytes;
        self.begun += bytes;
        while let Some(frame) = self.frames.front().filter(|frame| frame.len() <= self.begun) {
            self.begun -= frame.len();
            self.frames.pop_front();
        }
        if self.frames.is_empty() {
            self.frames = VecDeque::new();
        }
    }

    /// Frames and bytes.
    pub(super) fn size(&self) -> (usize, usize) {
        (self.frames.len(), self.bytes)
    }

    /// Drops all but a frame of which a part has left: the rest of it has to follow.
    pub(super) fn clear(&mut self) {
        self.frames.truncate(usize::from(self.begun > 0));
        self.bytes = self.frames.front().map_or(0, |frame| frame.len() - self.begun);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// May more be added? One answer may still reach past the bound: nobody knows its size before it is there.
    pub(super) fn has_room(&self) -> bool {
        self.frames.len() < self.frames_max && self.bytes < self.bytes_max
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

    fn frame(bytes: usize) -> Bytes {
        "x".repeat(bytes).into()
    }

    /// The lengths of what would be written next.
    fn next(backlog: &Backlog) -> Vec<usize> {
        backlog.with_next(|slices| slices.iter().map(|slice| slice.len()).collect())
    }

    /// EVT-7: few long messages fill it as well as many short ones.
    #[test]
    fn a_backlog_is_bounded_by_frames_and_by_bytes() {
        let mut many = backlog(2, 1000);
        many.push(frame(1));
        assert!(many.has_room());
        many.push(frame(1));
        assert!(!many.has_room());

        let mut long = backlog(100, 1000);
        long.push(frame(600));
        assert!(long.has_room());
        long.push(frame(600));
        assert!(!long.has_room());
        long.written(600);
        assert!(long.has_room(), "what has left counts no more");
        long.push(frame(2000));
        long.clear();
        assert!(long.has_room() && long.is_empty());
    }

    #[test]
    fn a_burst_leaves_in_one_write() {
        let mut burst = backlog(100, 10_000);
        (1..=20).for_each(|bytes| burst.push(frame(bytes)));
        assert_eq!(next(&burst), (1..=20).collect::<Vec<_>>());
        burst.written((1..=20).sum());
        assert!(burst.is_empty() && burst.size() == (0, 0));
        assert!(next(&burst).is_empty());
    }

    /// REV-4: what waited is dropped at the end of a session, but the client has to understand what follows.
    #[test]
    fn half_a_frame_is_never_left_behind() {
        let mut backlog = backlog(100, 10_000);
        [10, 20, 30].into_iter().for_each(|bytes| backlog.push(frame(bytes)));
        backlog.written(15);
        assert_eq!((next(&backlog), backlog.size()), (vec![15, 30], (2, 45)));
        backlog.clear();
        backlog.push(frame(7));
        assert_eq!((next(&backlog), backlog.size()), (vec![15, 7], (2, 22)));
        backlog.written(22);
        assert!(backlog.is_empty());
    }
}
