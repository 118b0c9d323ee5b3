//! A connection's place in the hub: its registration, and reading what came after a number.
//!
//! Never answers with a hole: where events are gone, it says so.

use std::sync::Arc;
use std::time::Duration;

use super::feed::{After, Feed};
use super::{History, Hub, Listener};
use crate::platform::journal::{self, Event, StreamId};

const ANSWER_MAX: Duration = Duration::from_secs(2);

/// Why there is no answer to what came after a number.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ReadError {
    /// Another history has begun: begin anew.
    Rewound,
    /// The operator has archived what came next.
    Archived,
    /// The journal can't be read now.
    Unavailable,
}

/// A registered connection; dropping it ends the registration.
#[derive(Debug)]
pub struct Attachment {
    hub: Hub,
    id: u64,
    listener: Arc<Listener>,
    workspace: Option<Reader>,
    account: Reader,
}

/// Reads one stream.
#[derive(Clone, Debug)]
pub struct Reader {
    hub: Hub,
    feed: Arc<Feed>,
}

impl Attachment {
    pub(super) fn new(
        hub: Hub,
        id: u64,
        listener: Arc<Listener>,
        (workspace, account): (Option<Arc<Feed>>, Arc<Feed>),
    ) -> Self {
        let workspace = workspace.map(|feed| Reader { hub: hub.clone(), feed });
        let account = Reader { hub: hub.clone(), feed: account };
        Self { hub, id, listener, workspace, account }
    }

    pub fn listener(&self) -> &Arc<Listener> {
        &self.listener
    }

    /// The workspace's stream, where there is one.
    pub const fn workspace(&self) -> Option<&Reader> {
        self.workspace.as_ref()
    }

    /// The person's own stream; a key's maker's.
    pub const fn account(&self) -> &Reader {
        &self.account
    }

    pub fn history(&self) -> History {
        self.hub.history()
    }

    /// Tells the hub what this connection is to be called for: does it subscribe to anything, may it read the audit
    /// trail?
    pub fn set_interest(&self, follows: bool, audits: bool) {
        for reader in self.workspace.iter().chain([&self.account]) {
            reader.feed.set_interest(self.id, follows, audits);
        }
    }

    /// Asks to be called when this time has passed.
    pub fn call_after(&self, time: Duration) {
        self.hub.0.wheel.call(&self.listener, time);
    }
}

impl Drop for Attachment {
    fn drop(&mut self) {
        self.hub.detach(self.id);
    }
}

impl Reader {
    pub fn stream(&self) -> StreamId {
        self.feed.stream
    }

    /// What is known of the stream here, whoever is asking.
    #[cfg(feature = "planted-bugs")]
    pub fn head(&self) -> Option<i64> {
        self.feed.head()
    }

    /// The database said, in a snapshot of its own, that the stream reaches this number.
    pub fn saw(&self, head: i64) {
        let need = self.feed.saw(head);
        self.hub.see_to(&self.feed, need);
    }

    /// The same as `read_after`, where that needs no waiting.
    pub fn recent_after(
        &self,
        cursor: i64,
        limit: usize,
        history: u64,
    ) -> Option<Result<Vec<Arc<Event>>, ReadError>> {
        match self.feed.after(cursor, limit, history) {
            After::Here(events) => Some(Ok(events)),
            After::Rewound => Some(Err(ReadError::Rewound)),
            After::InJournal { .. } => None,
        }
    }

    /// What came after a number, in order and without gaps, at most `limit`; nothing where nothing is known beyond.
    pub async fn read_after(
        &self,
        cursor: i64,
        limit: usize,
        history: u64,
    ) -> Result<Vec<Arc<Event>>, ReadError> {
        match self.feed.after(cursor, limit, history) {
            After::Here(events) => Ok(events),
            After::Rewound => Err(ReadError::Rewound),
            After::InJournal { head } => self.read_journal(cursor, head, limit, history).await,
        }
    }

    async fn read_journal(
        &self,
        cursor: i64,
        head: i64,
        limit: usize,
        history: u64,
    ) -> Result<Vec<Arc<Event>>, ReadError> {
        let _turn = self.hub.0.journal_reads.acquire().await;
        let reading =
            journal::read_after(self.hub.0.database.reader(), self.feed.stream, cursor, limit as u64);
        let events = match tokio::time::timeout(ANSWER_MAX, reading).await {
            Ok(Ok(events)) => events,
            Ok(Err(error)) => {
                tracing::warn!(%error, stream = ?self.feed.stream, "a backlog can't be read");
                return Err(ReadError::Unavailable);
            }
            Err(_) => return Err(ReadError::Unavailable),
        };
        if self.hub.history().number != history {
            return Err(ReadError::Rewound);
        }
        // Not beyond what the hub has seen: whoever listens is marked first, then told.
        let events: Vec<_> = events.into_iter().filter(|event| event.seq <= head).map(Arc::new).collect();
        let whole = events.iter().zip(cursor + 1..).all(|(event, seq)| event.seq == seq);
        if events.is_empty() || !whole { Err(ReadError::Archived) } else { Ok(events) }
    }
}
