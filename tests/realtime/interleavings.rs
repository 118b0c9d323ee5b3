//! Whatever the bus does, a subscriber's record is exactly the journal (EVT-2, EVT-4, EVT-5).

use std::sync::{Arc, OnceLock};

use proptest::prelude::*;
use rollcall::platform::hub::Hub;
use rollcall::platform::journal::{Event, StreamId};
use rollcall::primitives::ids::{MemberId, WorkspaceId};

use super::watcher::{Watcher, deaf_hub, member_of};
use crate::support::journal::Journal;

/// One thing that happens. Numbers choose among what there is at that moment.
#[derive(Clone, Debug)]
enum Step {
    /// A transaction with so many events commits; nobody is told yet.
    Commit(usize),
    /// The bus delivers one of the events that were committed: any, any number of times, in any order.
    Deliver(prop::sample::Index),
    /// The bus says that the journal reaches a number.
    Announce(prop::sample::Index),
    /// The heads are looked at.
    Look,
    /// A subscriber reads what it can.
    Read(prop::sample::Index),
    /// Somebody subscribes after any number.
    Subscribe(prop::sample::Index),
    /// What waits to run gets its turn.
    Yield,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        3 => (1usize..9).prop_map(Step::Commit),
        8 => any::<prop::sample::Index>().prop_map(Step::Deliver),
        1 => any::<prop::sample::Index>().prop_map(Step::Announce),
        1 => Just(Step::Look),
        4 => any::<prop::sample::Index>().prop_map(Step::Read),
        2 => any::<prop::sample::Index>().prop_map(Step::Subscribe),
        2 => Just(Step::Yield),
    ];
    prop::collection::vec(step, 1..60)
}

struct World {
    journal: &'static Journal,
    hub: Hub,
    stream: StreamId,
    workspace: WorkspaceId,
    committed: Vec<Arc<Event>>,
    /// Each with the number that it started after.
    watchers: Vec<(usize, Watcher)>,
}

impl World {
    async fn new() -> Self {
        static JOURNAL: tokio::sync::OnceCell<Journal> = tokio::sync::OnceCell::const_new();
        let journal = JOURNAL.get_or_init(Journal::on_sqlite).await;
        let workspace = WorkspaceId::new();
        let stream = StreamId::Workspace(workspace);
        journal.create(stream).await;
        let hub = deaf_hub(journal.database.clone(), journal.epoch().await);
        Self { journal, hub, stream, workspace, committed: Vec::new(), watchers: Vec::new() }
    }

    fn head(&self) -> i64 {
        i64::try_from(self.committed.len()).expect("few")
    }

    async fn take(&mut self, step: Step) {
        match step {
            Step::Commit(count) => {
                self.committed.extend(self.journal.append_plain(self.stream, count).await);
            }
            Step::Deliver(index) if !self.committed.is_empty() => {
                self.hub.deliver(index.get(&self.committed));
            }
            Step::Announce(index) if !self.committed.is_empty() => {
                self.hub.announce(self.stream, index.get(&self.committed).seq);
            }
            Step::Look => self.hub.look().await.expect("the database answers"),
            Step::Read(index) if !self.watchers.is_empty() => {
                let at = index.index(self.watchers.len());
                self.watchers[at].1.read().await.expect("it can be read");
            }
            Step::Subscribe(index) => {
                let after = index.index(self.committed.len() + 1);
                let identity = member_of(self.workspace, MemberId::new(), 1);
                let cursor = i64::try_from(after).expect("few");
                let watcher = Watcher::start(&self.hub, identity, self.head(), cursor);
                self.watchers.push((after, watcher));
            }
            Step::Yield => tokio::task::yield_now().await,
            Step::Deliver(_) | Step::Announce(_) | Step::Read(_) => {}
        }
    }

    /// At any moment each has seen a beginning of the journal; after a look at the heads, all of it.
    async fn settle(mut self) {
        for (after, watcher) in &self.watchers {
            let expected = &self.committed[*after..][..watcher.seen.len()];
            assert_eq!(watcher.seen, expected, "in order, once each");
        }
        self.hub.look().await.expect("the database answers");
        let head = self.head();
        for (after, watcher) in &mut self.watchers {
            watcher.read_to(head).await;
            assert_eq!(watcher.seen, self.committed[*after..]);
        }
    }
}

fn runtime() -> &'static tokio::runtime::Runtime {
    static RUNTIME: OnceLock<tokio::runtime::Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| tokio::runtime::Runtime::new().expect("a runtime"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn evt_4_no_loss_repetition_or_reordering_on_the_bus_shows_in_a_subscribers_record(steps in steps()) {
        runtime().block_on(async {
            let mut world = World::new().await;
            for step in steps {
                world.take(step).await;
            }
            world.settle().await;
        });
    }
}
