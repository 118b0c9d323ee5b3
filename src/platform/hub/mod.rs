//! What this server knows of the streams that somebody here listens to, and who listens.
//!
//! A subscriber is a cursor, not a queue: it reads what came after its number, from a ring of recent events or else from
//! the journal, so a backlog takes no memory and a slow reader costs only itself. Wake-ups are an optimisation;
//! correctness never depends on them, nor on the bus: the heads of all streams that are listened to are asked for
//! several times a second (EVT-4, EVT-5).
//!
//! Never hands out an event before its predecessors, and never knows what an event type means.

mod calling;
mod catch_up;
mod exits;
mod feed;
mod identity;
mod lag;
mod listener;
mod poll;
mod reader;
mod ring;
mod roll;
mod sweep;
mod wheel;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, watch};
use tokio::time::Instant;

use self::exits::Exits;
use self::feed::{Feed, Need};
pub use self::identity::Identity;
pub use self::listener::{Call, Listener, Verdict};
pub use self::poll::LookFailed;
pub use self::reader::{Attachment, ReadError, Reader};
use self::wheel::Wheel;
use crate::platform::database::Database;
use crate::platform::journal::{Event, StreamId};
use crate::platform::telemetry::Histogram;
use crate::primitives::cursor::Epoch;
use crate::primitives::time::Clock;

/// How the hub works.
#[derive(Clone, Copy, Debug)]
pub struct HubSettings {
    /// How often the journal is asked for the heads of the streams that are listened to.
    pub poll_every: Duration,
    /// How long a connection stays open without proof that it missed nothing.
    pub lease: Duration,
    /// Events that are remembered of each stream.
    pub ring_capacity: usize,
}

/// Readings of the journal for subscribers below the ring, at a time: they must not crowd out the checks.
const JOURNAL_READS_MAX: usize = 2;

/// Which past the numbers of streams belong to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct History {
    pub epoch: Epoch,
    /// Counts the rewinds that this server has seen.
    pub number: u64,
}

/// The hub of one server. Clones share it.
#[derive(Clone, Debug)]
pub struct Hub(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    database: Database,
    clock: Clock,
    settings: HubSettings,
    started: Instant,
    feeds: Mutex<HashMap<StreamId, Arc<Feed>>>,
    connections: Mutex<HashMap<u64, Connection>>,
    connected: watch::Sender<usize>,
    next_id: AtomicU64,
    history: watch::Sender<History>,
    /// When the last answered look at the heads was asked, in microseconds of the hub's own time.
    answered_at: AtomicI64,
    looking: tokio::sync::Mutex<()>,
    journal_reads: Semaphore,
    wheel: Wheel,
    exits: Exits,
    closing: AtomicBool,
    /// Nobody listens any more, and the database is about to be closed.
    resting: AtomicBool,
}

#[derive(Debug)]
struct Connection {
    listener: Arc<Listener>,
    feeds: Vec<Arc<Feed>>,
}

impl Hub {
    /// Starts a hub with its look at the heads and its sweep; both end with the last clone.
    pub fn start(database: Database, clock: Clock, epoch: Epoch, settings: HubSettings) -> Self {
        let hub = Self(Arc::new(Inner {
            database,
            exits: Exits::new(clock.clone()),
            clock,
            settings,
            started: Instant::now(),
            feeds: Mutex::default(),
            connections: Mutex::default(),
            connected: watch::Sender::new(0),
            next_id: AtomicU64::new(0),
            history: watch::Sender::new(History { epoch, number: 0 }),
            // Never answered yet.
            answered_at: AtomicI64::new(i64::MIN),
            looking: tokio::sync::Mutex::default(),
            journal_reads: Semaphore::new(JOURNAL_READS_MAX),
            wheel: Wheel::default(),
            closing: AtomicBool::new(false),
            resting: AtomicBool::new(false),
        }));
        tokio::spawn(poll::run(Arc::downgrade(&hub.0), settings.poll_every));
        tokio::spawn(sweep::run(Arc::downgrade(&hub.0), settings.poll_every));
        tokio::spawn(wheel::run(Arc::downgrade(&hub.0)));
        hub
    }

    /// An event that was committed, from this server or by the bus. Those it puts out are marked when this returns.
    pub fn deliver(&self, event: &Arc<Event>) {
        self.deliver_all(std::slice::from_ref(event));
    }

    /// Events that were committed together, in their order. Who listens is called once for all of them.
    pub fn deliver_all(&self, events: &[Arc<Event>]) {
        for of_one in events.chunk_by(|one, next| one.stream == next.stream) {
            if let Some(feed) = self.feed(of_one[0].stream) {
                let need = feed.deliver(of_one);
                self.see_to(&feed, need);
            }
        }
    }

    /// How long it took, in seconds, until those whom an event put out were out: from its time to the last of their
    /// connections here.
    pub fn exit_seconds(&self) -> Arc<Histogram> {
        self.0.exits.seconds()
    }

    /// The journal is said to reach this number.
    pub fn announce(&self, stream: StreamId, seq: i64) {
        if let Some(feed) = self.feed(stream) {
            let need = feed.announce(seq);
            self.see_to(&feed, need);
        }
    }

    /// Does anybody here listen to the stream?
    pub fn listens_to(&self, stream: StreamId) -> bool {
        self.feeds().contains_key(&stream)
    }

    /// Was the look at the heads answered recently? A server that can't tell is not ready.
    pub fn is_ready(&self) -> bool {
        let now = self.0.now();
        let recently = micros(self.0.settings.lease / 2);
        now.saturating_sub(self.0.answered_at.load(Ordering::Acquire)) <= recently
    }

    pub fn history(&self) -> History {
        *self.0.history.borrow()
    }

    /// Tells of every new history.
    pub fn histories(&self) -> watch::Receiver<History> {
        self.0.history.subscribe()
    }

    /// Connections that are registered here.
    pub fn connected(&self) -> usize {
        *self.0.connected.borrow()
    }

    /// Tells every connection, and every one to come, that the server goes down.
    pub fn shut_down(&self) {
        self.0.closing.store(true, Ordering::SeqCst);
        for connection in self.connections().values() {
            connection.listener.decide(Verdict::ShuttingDown);
        }
    }

    /// Looks at the database no more.
    pub fn rest(&self) {
        self.0.resting.store(true, Ordering::SeqCst);
    }

    /// How long ago the last answered look at the heads was asked; since the start, where none was yet.
    pub fn look_age(&self) -> Duration {
        let answered = self.0.answered_at.load(Ordering::Acquire).max(0);
        age(self.0.now(), answered)
    }

    /// How old the oldest proof is that nothing is missing in a stream that is listened to.
    pub fn proof_age_max(&self) -> Duration {
        let (now, feeds) = (self.0.now(), self.feeds());
        feeds.values().map(|feed| age(now, feed.proven_at())).max().unwrap_or_default()
    }

    /// Returns when nobody is connected any more.
    pub async fn drained(&self) {
        let mut connected = self.0.connected.subscribe();
        // The sender lives as long as this hub.
        let _ = connected.wait_for(|connected| *connected == 0).await;
    }

    /// Registers a connection. Only what is checked after this counts: an event between a check and the registering
    /// would be seen by nobody. `checked`: what the check that told the identity has seen, of the person's own stream and
    /// of the workspace's.
    pub fn attach(&self, identity: Identity, checked: [Option<i64>; 2]) -> Attachment {
        let id = self.0.next_id.fetch_add(1, Ordering::Relaxed);
        let listener = Arc::new(Listener::new(identity));
        listener.set_checked(checked);
        let identity = listener.identity();
        let workspace =
            identity.workspace().map(|workspace| self.join(StreamId::Workspace(workspace), id, &listener));
        let account = self.join(StreamId::Account(identity.account()), id, &listener);
        let feeds = workspace.iter().chain([&account]).cloned().collect();
        self.connections().insert(id, Connection { listener: Arc::clone(&listener), feeds });
        self.0.connected.send_modify(|connected| *connected += 1);
        if self.0.closing.load(Ordering::SeqCst) {
            listener.decide(Verdict::ShuttingDown);
        }
        Attachment::new(self.clone(), id, listener, (workspace, account))
    }

    fn join(&self, stream: StreamId, id: u64, listener: &Arc<Listener>) -> Arc<Feed> {
        let mut feeds = self.feeds();
        let feed = feeds.entry(stream).or_insert_with(|| {
            let history = self.history().number;
            let since = (self.0.now(), self.0.exits.clone());
            Arc::new(Feed::new(stream, history, self.0.settings.ring_capacity, since))
        });
        feed.join(id, listener);
        Arc::clone(feed)
    }

    fn detach(&self, id: u64) {
        let Some(connection) = self.connections().remove(&id) else { return };
        let mut feeds = self.feeds();
        for feed in connection.feeds {
            if feed.leave(id) {
                feeds.remove(&feed.stream);
            }
        }
        drop(feeds);
        connection.listener.leave();
        self.0.connected.send_modify(|connected| *connected -= 1);
    }

    fn see_to(&self, feed: &Arc<Feed>, need: Need) {
        if need.call {
            calling::start(feed);
        }
        if need.catch_up {
            tokio::spawn(catch_up::run(self.0.database.clone(), Arc::clone(feed)));
        }
    }

    fn feed(&self, stream: StreamId) -> Option<Arc<Feed>> {
        self.feeds().get(&stream).cloned()
    }

    fn feeds(&self) -> MutexGuard<'_, HashMap<StreamId, Arc<Feed>>> {
        self.0.feeds.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn connections(&self) -> MutexGuard<'_, HashMap<u64, Connection>> {
        self.0.connections.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// The hub's own time: it never jumps, whatever happens to the clock.
    fn now(&self) -> i64 {
        micros(self.started.elapsed())
    }
}

fn age(now: i64, then: i64) -> Duration {
    Duration::from_micros(u64::try_from(now.saturating_sub(then)).unwrap_or_default())
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}
