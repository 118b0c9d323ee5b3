//! What the bus tells of itself: figures for the dashboard, never a reason to be unready.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// How the bus between servers is doing.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct BusFigures {
    /// Subscribed, caught up, and the last probe came back.
    pub healthy: bool,
    pub published: u64,
    /// Not handed to Redis: it was down, too slow, or too much was waiting.
    pub lost: u64,
    pub received: u64,
    /// Messages that can't be read, or that belong to another history.
    pub refused: u64,
    /// Times that the subscription was made anew.
    pub subscriptions: u64,
}

#[derive(Debug, Default)]
pub(super) struct Counters {
    healthy: AtomicBool,
    published: AtomicU64,
    lost: AtomicU64,
    received: AtomicU64,
    refused: AtomicU64,
    subscriptions: AtomicU64,
}

impl Counters {
    pub(super) fn set_healthy(&self, healthy: bool) {
        self.healthy.store(healthy, Ordering::Relaxed);
    }

    pub(super) fn published(&self, count: usize) {
        self.published.fetch_add(count as u64, Ordering::Relaxed);
    }

    pub(super) fn lost(&self, count: usize) {
        self.lost.fetch_add(count as u64, Ordering::Relaxed);
    }

    pub(super) fn received(&self) {
        self.received.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn refused(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn subscribed(&self) {
        self.subscriptions.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn read(&self) -> BusFigures {
        BusFigures {
            healthy: self.healthy.load(Ordering::Relaxed),
            published: self.published.load(Ordering::Relaxed),
            lost: self.lost.load(Ordering::Relaxed),
            received: self.received.load(Ordering::Relaxed),
            refused: self.refused.load(Ordering::Relaxed),
            subscriptions: self.subscriptions.load(Ordering::Relaxed),
        }
    }
}
