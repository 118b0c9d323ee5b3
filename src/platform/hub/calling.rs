//! Calling those who may want what is new on a stream, however many they are.
//!
//! Never on the way of a commit where they are many: the verdicts are marked there, the rest is called in rounds that
//! let others work in between.

use std::sync::Arc;

use super::feed::Feed;

/// So many are called before others get their turn: as many as fit into the queue of one thread, with room to spare.
const CALLED_AT_ONCE: usize = 128;
/// Up to so many, a round takes no longer than starting a task for it.
const FEW: usize = 16;

/// Calls whoever is to be called for what was delivered up to now.
pub(super) fn start(feed: &Arc<Feed>) {
    if feed.listeners() > FEW {
        tokio::spawn(call_many(Arc::clone(feed)));
    } else {
        while feed.call_some(FEW) {}
    }
}

async fn call_many(feed: Arc<Feed>) {
    while feed.call_some(CALLED_AT_ONCE) {
        tokio::task::yield_now().await;
    }
}
