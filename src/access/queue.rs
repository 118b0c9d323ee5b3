//! Lines up the writers of one stream before they take a connection: a busy workspace waits for itself, and never holds
//! the connections that others need.
//!
//! Never what order rests on: that is the stream's lock in the database, which other servers' writers take as well.

use std::collections::HashMap;
use std::sync::{Arc, Mutex as Shared, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::platform::journal::StreamId;

/// How long a writer waits for its turn before it is refused as unavailable.
const TURN_WAIT_MAX: Duration = Duration::from_secs(10);
/// Lines that are kept before those without anybody in them are cleared away.
const LINES_KEPT: usize = 1024;

/// The lines of one server.
#[derive(Debug, Default)]
pub(super) struct StreamQueue(Shared<HashMap<StreamId, Weak<Mutex<()>>>>);

/// A writer's turn at a stream.
pub(super) type Turn = OwnedMutexGuard<()>;

impl StreamQueue {
    /// Waits for a turn, in the order of asking. `None`: it took too long.
    pub(super) async fn turn(&self, stream: StreamId) -> Option<Turn> {
        tokio::time::timeout(TURN_WAIT_MAX, self.line(stream).lock_owned()).await.ok()
    }

    fn line(&self, stream: StreamId) -> Arc<Mutex<()>> {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(line) = lines.get(&stream).and_then(Weak::upgrade) {
            return line;
        }
        if lines.len() >= LINES_KEPT {
            lines.retain(|_, line| line.strong_count() > 0);
        }
        let line = Arc::<Mutex<()>>::default();
        lines.insert(stream, Arc::downgrade(&line));
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::primitives::ids::{AccountId, WorkspaceId};

    #[tokio::test]
    async fn writers_of_one_stream_take_turns_and_others_do_not_wait() {
        let queue = StreamQueue::default();
        let workspace = StreamId::Workspace(WorkspaceId::new());
        let first = queue.turn(workspace).await.expect("nobody is there");
        let other = queue.turn(StreamId::Account(AccountId::new())).await;
        assert!(other.is_some());
        let mut second = Box::pin(queue.turn(workspace));
        assert!(futures_util::poll!(&mut second).is_pending());
        drop(first);
        assert!(second.await.is_some());
    }
}
