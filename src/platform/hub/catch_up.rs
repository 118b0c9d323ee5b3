//! Reads into a feed what the journal holds beyond it, one reader per feed.
//!
//! Never tries again by itself: the next look at the heads does, so that a database that is down is not run at.

use std::sync::Arc;
use std::time::Duration;

use super::calling;
use super::feed::Feed;
use crate::platform::database::Database;
use crate::platform::journal;

const EVENTS_MAX: u64 = 256;
const ANSWER_MAX: Duration = Duration::from_secs(2);

pub(super) async fn run(database: Database, feed: Arc<Feed>) {
    while let Some((head, history)) = feed.next_to_read() {
        let reading = journal::read_after(database.reader(), feed.stream, head, EVENTS_MAX);
        match tokio::time::timeout(ANSWER_MAX, reading).await {
            Ok(Ok(events)) => {
                if feed.read(events, history).call {
                    calling::start(&feed);
                }
            }
            Ok(Err(error)) => {
                tracing::warn!(%error, stream = ?feed.stream, "the journal can't be read");
                return feed.stop_reading();
            }
            Err(_) => {
                tracing::warn!(stream = ?feed.stream, "the journal did not answer in time");
                return feed.stop_reading();
            }
        }
    }
}
