//! Both forms of the bus against one suite; and what the Redis form does when Redis fails (EVT-5, EVT-6).

use std::time::Duration;

use rollcall::platform::bus::{Bus, BusFigures, InProcess, RedisBus, RedisTimings};
use rollcall::platform::hub::{Hub, Verdict};
use rollcall::platform::journal::{Effect, StreamId};
use rollcall::primitives::actor::EndCause;
use rollcall::primitives::ids::{MemberId, WorkspaceId};

use super::watcher::{PATIENCE, Watcher, deaf_hub, member_of};
use crate::support::journal::{Fact, Journal};
use crate::support::servers::Redis;

/// A server as far as the bus knows it.
struct Server {
    bus: Box<dyn Bus>,
    hub: Hub,
}

/// Some servers on one database, whose hubs hear by the bus alone.
struct Installation {
    journal: Journal,
    stream: StreamId,
    workspace: WorkspaceId,
    servers: Vec<Server>,
}

fn impatient() -> RedisTimings {
    RedisTimings {
        probe_every: Duration::from_millis(50),
        answer_max: Duration::from_millis(500),
        retry_first: Duration::from_millis(5),
        retry_max: Duration::from_millis(100),
        ..RedisTimings::default()
    }
}

impl Installation {
    async fn new(journal: Journal, hubs: usize, bus: impl Fn(Hub) -> Box<dyn Bus>) -> Self {
        let workspace = WorkspaceId::new();
        let stream = StreamId::Workspace(workspace);
        journal.create(stream).await;
        let mut servers = Vec::new();
        for _ in 0..hubs {
            let hub = deaf_hub(journal.reopened().await, journal.epoch().await);
            servers.push(Server { bus: bus(hub.clone()), hub });
        }
        Self { journal, stream, workspace, servers }
    }

    async fn in_process() -> Self {
        Self::new(Journal::on_sqlite().await, 1, |hub| Box::new(InProcess::new(hub))).await
    }

    async fn over_redis(url: &str) -> Self {
        let bus = |hub| -> Box<dyn Bus> {
            Box::new(RedisBus::start(url, hub, impatient()).expect("a valid address"))
        };
        let installation = Self::new(Journal::on_postgres().await, 2, bus).await;
        for server in &installation.servers {
            server.until(|figures| figures.healthy).await;
        }
        installation
    }

    fn watchers(&self) -> Vec<Watcher> {
        self.servers.iter().map(|server| Watcher::on(&server.hub, self.stream, 0)).collect()
    }

    async fn publish(&self, from: usize, facts: Vec<Fact>) {
        let events = self.journal.append(self.stream, facts).await;
        self.servers[from].bus.publish(events);
    }
}

impl Server {
    /// Waits for its figures to say so.
    async fn until(&self, wanted: impl Fn(&BusFigures) -> bool) {
        let waiting = async {
            while !wanted(&self.bus.figures().expect("it counts")) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let done = tokio::time::timeout(PATIENCE, waiting).await;
        assert!(done.is_ok(), "{:?}", self.bus.figures());
    }
}

/// Runs the same suite against both forms.
macro_rules! on_both_forms {
    ($($test:ident)*) => {
        mod in_process {
            $(#[tokio::test] async fn $test() { super::$test(super::Installation::in_process().await).await; })*
        }
        mod over_redis {
            use crate::support::servers::Redis;
            $(#[tokio::test] async fn $test() {
                super::$test(super::Installation::over_redis(&Redis::shared().url()).await).await;
            })*
        }
    };
}

on_both_forms! {
    evt_4_every_server_sees_every_event_in_order
    evt_2_a_burst_of_transactions_from_every_server_arrives_whole_and_in_order
    blk_2_a_block_on_one_server_marks_the_members_connections_on_each
    events_too_long_to_carry_arrive_all_the_same
}

/// EVT-6: one process needs no Redis for it.
async fn evt_4_every_server_sees_every_event_in_order(installation: Installation) {
    let mut watchers = installation.watchers();
    installation.publish(0, vec![Fact::plain(); 3]).await;
    for watcher in &mut watchers {
        watcher.read_to(3).await;
        assert_eq!(watcher.seqs(), [1, 2, 3]);
    }
}

async fn evt_2_a_burst_of_transactions_from_every_server_arrives_whole_and_in_order(
    installation: Installation,
) {
    let mut watchers = installation.watchers();
    let servers = installation.servers.len();
    for round in 0..100 {
        installation.publish(round % servers, vec![Fact::plain(); 1 + round % 3]).await;
    }
    let head = (0..100).map(|round| 1 + round % 3).sum();
    for watcher in &mut watchers {
        watcher.read_to(head).await;
        assert_eq!(watcher.seqs(), (1..=head).collect::<Vec<_>>());
    }
}

async fn blk_2_a_block_on_one_server_marks_the_members_connections_on_each(installation: Installation) {
    let member = MemberId::new();
    let identity = || member_of(installation.workspace, member, 1);
    let watchers: Vec<_> =
        installation.servers.iter().map(|server| Watcher::start(&server.hub, identity(), 0, 0)).collect();
    let block = Effect::EndMemberSessions { member, below_generation: 2, cause: EndCause::Blocked };
    installation.publish(0, vec![Fact::with_effect(block)]).await;
    for watcher in &watchers {
        let listener = watcher.attachment.listener();
        while listener.verdict().is_none() {
            tokio::time::timeout(PATIENCE, listener.called()).await.expect("told in time");
        }
        assert_eq!(listener.verdict(), Some(Verdict::Ended(EndCause::Blocked)));
    }
}

async fn events_too_long_to_carry_arrive_all_the_same(installation: Installation) {
    let mut watchers = installation.watchers();
    let long = serde_json::Value::from("x".repeat(100_000));
    installation.publish(0, vec![Fact { payload: long.clone(), ..Fact::plain() }]).await;
    for watcher in &mut watchers {
        watcher.read_to(1).await;
        assert!(watcher.seen[0].payload == long);
    }
}

/// EVT-5: while Redis is gone nothing fails, and when it is back nothing was lost.
#[tokio::test]
async fn evt_5_what_was_published_while_redis_was_gone_is_caught_up_when_it_is_back() {
    let mut redis = Redis::start();
    let installation = Installation::over_redis(&redis.url()).await;
    let mut watchers = installation.watchers();
    installation.publish(0, vec![Fact::plain()]).await;
    watchers[1].read_to(1).await;

    redis.stop();
    installation.servers[1].until(|figures| !figures.healthy).await;
    installation.publish(0, vec![Fact::plain(); 2]).await;
    watchers[0].read_to(3).await;
    installation.servers[0].until(|figures| figures.lost > 0).await;

    redis.start_again();
    watchers[1].read_to(3).await;
    installation.servers[0].until(|figures| figures.healthy).await;
    installation.publish(0, vec![Fact::plain()]).await;
    watchers[1].read_to(4).await;
    assert_eq!(watchers[1].seqs(), [1, 2, 3, 4]);
}

#[tokio::test]
async fn a_subscription_that_redis_closes_is_made_again() {
    let redis = Redis::start();
    let installation = Installation::over_redis(&redis.url()).await;
    let client = redis::Client::open(redis.url()).expect("a valid address");
    let mut connection = client.get_multiplexed_async_connection().await.expect("it answers");
    for _ in 0..3 {
        let before = installation.servers[1].bus.figures().expect("it counts").subscriptions;
        let killed: u32 = redis::cmd("CLIENT")
            .arg("KILL")
            .arg("TYPE")
            .arg("PUBSUB")
            .query_async(&mut connection)
            .await
            .expect("it answers");
        assert!(killed > 0);
        installation.servers[1].until(|figures| figures.subscriptions > before && figures.healthy).await;
    }
}

#[tokio::test]
async fn a_redis_that_stops_answering_is_noticed_and_left() {
    let redis = Redis::start();
    let installation = Installation::over_redis(&redis.url()).await;
    let client = redis::Client::open(redis.url()).expect("a valid address");
    let mut connection = client.get_multiplexed_async_connection().await.expect("it answers");
    let paused: String = redis::cmd("CLIENT")
        .arg("PAUSE")
        .arg(3000)
        .arg("ALL")
        .query_async(&mut connection)
        .await
        .expect("it answers");
    assert_eq!(paused, "OK");
    installation.servers[0].until(|figures| !figures.healthy).await;
    installation.servers[0].until(|figures| figures.healthy).await;
    let mut watchers = installation.watchers();
    installation.publish(0, vec![Fact::plain()]).await;
    watchers[1].read_to(1).await;
}

/// delivery.md: publishing never delays or fails a mutation.
#[tokio::test]
async fn publishing_to_a_redis_that_is_not_there_takes_no_time() {
    let journal = Journal::on_sqlite().await;
    let stream = StreamId::Workspace(WorkspaceId::new());
    journal.create(stream).await;
    let hub = deaf_hub(journal.database.clone(), journal.epoch().await);
    // Nobody answers there (RFC 5737, TEST-NET-1): connecting neither succeeds nor fails.
    let bus = RedisBus::start("redis://192.0.2.1:6379/", hub.clone(), impatient()).expect("a valid address");
    let events = journal.append_plain(stream, 10_000).await;
    let began = std::time::Instant::now();
    bus.publish(events);
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
    assert!(bus.figures().expect("it counts").lost > 0, "the queue is bounded");
}

/// delivery.md: what waits to be published when a server goes down reaches the others. Their hubs hear by the bus alone.
#[tokio::test]
async fn what_waits_in_the_queue_leaves_before_its_server_does() {
    let mut installation = Installation::over_redis(&Redis::shared().url()).await;
    let mut watchers = installation.watchers();
    let events = installation.journal.append_plain(installation.stream, 3000).await;
    let going = installation.servers.remove(0);
    going.bus.publish(events);
    let before = going.bus.figures().expect("it counts").published;
    tokio::time::timeout(PATIENCE, going.bus.flush()).await.expect("in time");
    let after = going.bus.figures().expect("it counts");
    // As at the end of its process: nothing more is published.
    drop(going);
    assert!(before < 3000 && after.published >= 3000 && after.lost == 0, "{before}, then {after:?}");
    watchers[1].read_to(3000).await;
}

/// A Redis that doesn't answer holds up no end: what was to reach it is lost, and the wait is over.
#[tokio::test]
async fn nobody_waits_for_ever_for_a_queue_that_nobody_takes() {
    let journal = Journal::on_sqlite().await;
    let stream = StreamId::Workspace(WorkspaceId::new());
    journal.create(stream).await;
    let hub = deaf_hub(journal.database.clone(), journal.epoch().await);
    let bus = RedisBus::start("redis://192.0.2.1:6379/", hub, impatient()).expect("a valid address");
    bus.publish(journal.append_plain(stream, 10).await);
    tokio::time::timeout(PATIENCE, bus.flush()).await.expect("it ends");
    assert!(bus.figures().expect("it counts").lost >= 10);
    let hub = deaf_hub(journal.database.clone(), journal.epoch().await);
    tokio::time::timeout(PATIENCE, InProcess::new(hub).flush()).await.expect("nothing waits in a process");
}

/// A later release beside this one: what can't be read of its message is asked of the journal, what is none of ours is
/// passed over.
#[tokio::test]
async fn a_message_of_a_later_release_still_names_its_event() {
    let redis = Redis::start();
    let installation = Installation::over_redis(&redis.url()).await;
    let mut watchers = installation.watchers();
    let client = redis::Client::open(redis.url()).expect("a valid address");
    let mut connection = client.get_multiplexed_async_connection().await.expect("it answers");
    let written = installation.journal.append_plain(installation.stream, 1).await;
    let mut event = serde_json::to_value(&*written[0]).expect("plain data");
    event["audience"] = "OWNERS".into();
    event["actor"] = serde_json::json!({ "kind": "OPERATOR", "id": [1, 2] });
    event["signature"] = "new".into();
    let epoch = installation.journal.epoch().await;
    let news = |stream| {
        serde_json::json!({
            "from": uuid::Uuid::from_u128(7), "compressed": false,
            "news": { "epoch": epoch, "stream": stream, "seq": 1, "event": event, "region": "north" },
        })
    };
    let others = serde_json::json!({ "kind": "REGION", "id": uuid::Uuid::from_u128(9) });
    let known = serde_json::to_value(installation.stream).expect("plain data");
    let channel = format!("rollcall:{}:{}", epoch.id.simple(), installation.stream.as_uuid().as_u128() % 16);
    for message in ["{\"v\":2}".to_owned(), news(others).to_string(), news(known).to_string()] {
        let heard: u32 = redis::cmd("PUBLISH")
            .arg(&channel)
            .arg(message)
            .query_async(&mut connection)
            .await
            .expect("sent");
        assert_eq!(heard, 2, "both servers listen to it");
    }
    for watcher in &mut watchers {
        watcher.read_to(1).await;
        assert_eq!(watcher.seen, written);
    }
}
