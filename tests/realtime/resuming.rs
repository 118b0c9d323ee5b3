//! A subscriber gets every event once, in order, however often it reconnects and whatever happens to Redis (EVT-4,
//! EVT-5).

use serde_json::{Value, json};

use super::company::{Company, WORKSPACE_EVENTS, seq};
use crate::on_both_stages;
use crate::support::app::Stage;
use crate::support::servers::Redis;
use crate::support::socket::Socket;

/// A subscriber that goes on from its last cursor whenever it connects.
struct Follower {
    token: String,
    cursor: String,
    seen: Vec<i64>,
}

impl Follower {
    async fn read(&mut self, stage: &Stage, server: usize, count: usize) {
        let mut socket = Socket::open(&stage.servers[server], &self.token).await;
        socket.subscribe("all", WORKSPACE_EVENTS, json!({ "after": self.cursor })).await;
        for _ in 0..count {
            let shown: Value = socket.next("all").await["workspaceEvents"].clone();
            assert_ne!(shown["__typename"], "Resync");
            self.seen.push(seq(&shown["eventCursor"]));
            self.cursor = shown["eventCursor"].as_str().expect("a cursor").to_owned();
        }
    }
}

on_both_stages! {
    async fn evt_4_a_subscriber_that_reconnects_anywhere_misses_and_repeats_nothing(stage) {
        let company = Company::found(stage).await;
        let cursor = company.cursor().await;
        let start = seq(&json!(cursor));
        let mut follower = Follower { token: company.admin.token.clone(), cursor, seen: Vec::new() };
        for round in 0..10 {
            for number in 0..5 {
                company.register_asset(&format!("{round}-{number}")).await;
            }
            // Sometimes it leaves before it has read all.
            let count = if round % 3 == 0 { 2 } else { 5 };
            follower.read(stage, round % stage.servers.len(), count).await;
        }
        let rest = 50 - follower.seen.len();
        follower.read(stage, 0, rest).await;
        assert_eq!(follower.seen, (start + 1..=start + 50).collect::<Vec<_>>());
    }

    /// A backlog longer than what a server remembers is read from the journal.
    async fn evt_4_a_long_absence_is_made_up_for(stage) {
        let company = Company::found(stage).await;
        let cursor = company.cursor().await;
        let start = seq(&json!(cursor));
        for number in 0..300 {
            company.register_asset(&number.to_string()).await;
        }
        let mut follower = Follower { token: company.admin.token.clone(), cursor, seen: Vec::new() };
        follower.read(stage, stage.servers.len() - 1, 300).await;
        assert_eq!(follower.seen, (start + 1..=start + 300).collect::<Vec<_>>());
    }
}

/// EVT-5: with Redis stopped and started again in between nothing is lost, and nothing fails.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn evt_5_redis_stops_and_comes_back_and_nothing_is_lost() {
    let mut redis = Redis::start();
    let stage = Stage::postgres_with(redis.url()).await;
    let company = Company::found(&stage).await;
    let cursor = company.cursor().await;
    let start = seq(&json!(cursor));
    let mut window = Socket::open(stage.elsewhere(), &company.admin.token).await;
    window.subscribe("all", WORKSPACE_EVENTS, json!({ "after": cursor })).await;
    let mut seen = Vec::new();
    for phase in 0..3 {
        for number in 0..5 {
            company.register_asset(&format!("{phase}-{number}")).await;
        }
        for _ in 0..5 {
            seen.push(seq(&window.next("all").await["workspaceEvents"]["eventCursor"]));
        }
        assert!(stage.servers.iter().all(|server| server.app.hub.is_ready()), "the service stays ready");
        match phase {
            0 => redis.stop(),
            1 => redis.start_again(),
            _ => {}
        }
    }
    assert_eq!(seen, (start + 1..=start + 15).collect::<Vec<_>>());
    stage.close().await;
}

/// REV-1, EVT-5: a forced logout reaches the other server also without Redis.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn evt_5_a_block_reaches_the_other_server_without_redis() {
    let mut redis = Redis::start();
    let stage = Stage::postgres_with(redis.url()).await;
    let company = Company::found(&stage).await;
    let mut window = Socket::open(stage.elsewhere(), &company.member.token).await;
    redis.stop();
    company.block(&company.member).await;
    assert_eq!(window.expect_close(4401).await, "BLOCKED");
    stage.close().await;
}

/// delivery.md: another epoch is told to every subscriber, and it goes on from there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_epoch_is_told_to_every_subscriber() {
    let stage = Stage::sqlite().await;
    let company = Company::found(&stage).await;
    let mut window = Socket::open(stage.here(), &company.admin.token).await;
    window.listen("all", WORKSPACE_EVENTS, json!({})).await;
    let tx = stage.here().app.gate.database().begin().await.expect("a transaction");
    assert!(rollcall::platform::journal::renew_epoch(&tx).await.expect("it answers"));
    tx.commit().await.expect("committed");
    let told = window.next("all").await["workspaceEvents"].clone();
    assert_eq!((&told["__typename"], &told["reason"]), (&json!("Resync"), &json!("OTHER_HISTORY")));
    let cursor = company.register_asset("after").await;
    assert_eq!(window.next("all").await["workspaceEvents"]["eventCursor"], cursor);
    stage.close().await;
}
