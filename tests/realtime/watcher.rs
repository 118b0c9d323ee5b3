//! A connection without a socket: registered with a hub, reading by its cursor, recording what it saw.

use std::sync::Arc;
use std::time::Duration;

use rollcall::platform::database::Database;
use rollcall::platform::hub::{Attachment, Hub, HubSettings, Identity, ReadError, Reader};
use rollcall::platform::journal::{Event, StreamId};
use rollcall::primitives::cursor::Epoch;
use rollcall::primitives::ids::{AccountId, AccountSessionId, MemberId, WorkspaceId, WorkspaceSessionId};
use rollcall::primitives::time::{Clock, Timestamp};

pub const PATIENCE: Duration = Duration::from_secs(20);

/// A hub that looks at the heads only when it is told: what is delivered, the bus has carried.
pub fn deaf_hub(database: Database, epoch: Epoch) -> Hub {
    hub(database, epoch, Clock::manual(Timestamp::from_micros(0)), Duration::from_secs(3600))
}

pub fn hub(database: Database, epoch: Epoch, clock: Clock, poll_every: Duration) -> Hub {
    let settings = HubSettings { poll_every, lease: Duration::from_secs(3600), ring_capacity: 16 };
    Hub::start(database, clock, epoch, settings)
}

pub fn member_of(workspace: WorkspaceId, member: MemberId, generation: i64) -> Identity {
    Identity::Member {
        workspace,
        session: WorkspaceSessionId::new(),
        member,
        generation,
        parent: AccountSessionId::new(),
        account: AccountId::new(),
        account_generation: 1,
    }
}

pub struct Watcher {
    pub attachment: Attachment,
    pub reader: Reader,
    cursor: i64,
    pub seen: Vec<Arc<Event>>,
}

impl Watcher {
    /// Registers, and starts after a number that a snapshot told.
    pub fn start(hub: &Hub, identity: Identity, head: i64, cursor: i64) -> Self {
        let attachment = hub.attach(identity, [None; 2]);
        attachment.set_interest(true, false);
        let reader = attachment.workspace().expect("it is a member").clone();
        reader.saw(head);
        Self { attachment, reader, cursor, seen: Vec::new() }
    }

    pub fn on(hub: &Hub, stream: StreamId, head: i64) -> Self {
        let StreamId::Workspace(workspace) = stream else { panic!("a workspace's stream, not {stream:?}") };
        Self::start(hub, member_of(workspace, MemberId::new(), 1), head, head)
    }

    /// Reads what is known now.
    pub async fn read(&mut self) -> Result<(), ReadError> {
        let history = self.attachment.history().number;
        loop {
            let events = self.reader.read_after(self.cursor, 7, history).await?;
            let Some(last) = events.last() else { return Ok(()) };
            self.cursor = last.seq;
            self.seen.extend(events);
        }
    }

    /// Reads until it has seen this number, woken by the hub alone.
    pub async fn read_to(&mut self, seq: i64) {
        let reading = async {
            loop {
                self.read().await.expect("it can be read");
                if self.cursor >= seq {
                    return;
                }
                self.attachment.listener().called().await;
            }
        };
        let done = tokio::time::timeout(PATIENCE, reading).await;
        assert!(done.is_ok(), "waited for {seq}, has {:?}", self.seqs());
    }

    pub fn seqs(&self) -> Vec<i64> {
        self.seen.iter().map(|event| event.seq).collect()
    }
}
