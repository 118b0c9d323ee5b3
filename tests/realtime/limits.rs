//! What one socket may take up, and what becomes of one that takes too much or gives no sign (EVT-7).

use std::time::Duration;

use serde_json::json;

use super::company::{Company, SESSION_EVENTS, WORKSPACE_EVENTS, seq};
use crate::support::app::{DEADLINE, Server, Stage};
use crate::support::socket::{Heard, Socket};

#[tokio::test]
async fn operations_on_one_socket_are_bounded() {
    let mut stage = Stage::sqlite().await;
    stage.config.socket_limits.socket_operations_max = 3;
    let server = stage.start_server().await;
    let ada = stage.human("Ada").await;
    let mut socket = Socket::open(&stage.servers[server], &ada.token).await;
    for id in ["1", "2"] {
        socket.listen(id, SESSION_EVENTS, json!({})).await;
    }
    socket.subscribe("3", SESSION_EVENTS, json!({})).await;
    socket.subscribe("4", SESSION_EVENTS, json!({})).await;
    assert_eq!(socket.refusal("4").await[0]["extensions"]["code"], "GRAPHQL_LIMIT_EXCEEDED");
    socket.complete("1").await;
    socket.fence().await;
    stage.close().await;
}

#[tokio::test]
async fn sockets_on_one_server_are_bounded() {
    let mut stage = Stage::sqlite().await;
    stage.config.socket_limits.sockets_max = 1;
    let server = stage.start_server().await;
    let ada = stage.human("Ada").await;
    let first = Socket::open(&stage.servers[server], &ada.token).await;
    let mut second = Socket::connect(&stage.servers[server]).await;
    second.expect_close(1013).await;
    drop(first);
    stage.close().await;
}

/// One account has a share, whatever its sessions, and each API key another: clients stop on 1008 instead of coming back
/// for ever.
#[tokio::test]
async fn sockets_of_one_account_and_of_one_key_are_bounded() {
    let mut stage = Stage::sqlite().await;
    stage.config.socket_limits.sockets_per_account_max = 2;
    let at = stage.start_server().await;
    let company = Company::found(&stage).await;
    let server = &stage.servers[at];
    let (key, _) = company.api_key().await;
    let admin = [&company.admin.token, &company.admin.human.token];
    for (first, second) in [(admin[0], admin[1]), (&key, &key)] {
        let held = [Socket::open(server, first).await, Socket::open(server, second).await];
        for token in [first, second] {
            let mut one_more = Socket::connect(server).await;
            one_more.init(token).await;
            let reason = one_more.expect_close(1008).await;
            assert!(reason.contains("close others"), "{reason}");
        }
        Socket::open(server, &company.member.token).await;
        let [freed, kept] = held;
        drop(freed);
        let let_in = async {
            loop {
                let mut again = Socket::connect(server).await;
                again.init(second).await;
                if let Heard::Message(_) = again.hear().await {
                    return again;
                }
            }
        };
        tokio::time::timeout(DEADLINE, let_in).await.expect("its place is free again");
        drop(kept);
    }
    stage.close().await;
}

/// A connection that nobody has signed in on takes no place from those who have a session.
#[tokio::test]
async fn silent_strangers_keep_nobody_out() {
    let mut stage = Stage::sqlite().await;
    stage.config.socket_limits.sockets_max = 4;
    stage.config.socket_limits.connection_init_seconds = 60;
    let server = stage.start_server().await;
    let ada = stage.human("Ada").await;
    let mut strangers = Vec::new();
    for _ in 0..4 {
        strangers.push(silent(&stage.servers[server]).await);
    }
    let inside = Socket::open(&stage.servers[server], &ada.token).await;
    // Half of the sixteen who may wait come from one address.
    for _ in 4..8 {
        strangers.push(silent(&stage.servers[server]).await);
    }
    let mut one_more = Socket::connect(&stage.servers[server]).await;
    one_more.expect_close(1013).await;
    // Whoever is heard out makes room for the next.
    let mut first = strangers.remove(0);
    first.init(&ada.token).await;
    assert_eq!(first.message().await, json!({ "type": "connection_ack" }));
    strangers.push(silent(&stage.servers[server]).await);
    drop((inside, first));
    stage.close().await;
}

/// Somebody who is connected, and known to be, but says nothing of who they are.
async fn silent(server: &Server) -> Socket {
    let mut socket = Socket::connect(server).await;
    socket.send(json!({ "type": "ping" })).await;
    assert_eq!(socket.message().await["type"], "pong");
    socket
}

/// EVT-7: what waits for a slow reader is bounded in bytes, so long answers don't multiply by the number of messages.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn evt_7_long_answers_that_nobody_reads_stop_the_reading() {
    const LONG: usize = 60_000;
    let stage = Stage::sqlite().await;
    let ada = stage.human("Ada").await;
    let mut socket = Socket::open(stage.here(), &ada.token).await;
    let ping = json!({ "type": "ping", "payload": { "long": "x".repeat(LONG) } });
    let taken = socket.send_until_stuck(&ping).await;
    // What the system buffers on both ways is beyond the service; the bound by number alone is reached far later.
    let limits = &stage.config.socket_limits;
    assert!(limits.socket_backlog_bytes_max < LONG * limits.socket_backlog_max / 10);
    assert!(taken < limits.socket_backlog_max, "{taken} long messages were taken");
    drop(socket);
    stage.close().await;
}

/// EVT-7: a reader that takes nothing is told to resume, and holds up nobody.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn evt_7_a_reader_that_makes_no_progress_is_closed_and_resumes() {
    let mut stage = Stage::sqlite().await;
    stage.config.socket_limits.socket_stall_seconds = 1;
    stage.config.socket_limits.socket_backlog_max = 16;
    let at = stage.start_server().await;
    let company = Company::found(&stage).await;
    let server = &stage.servers[at];
    let cursor = company.cursor().await;
    let start = seq(&json!(cursor));
    let mut stuck = Socket::open(server, &company.admin.token).await;
    stuck.subscribe("all", WORKSPACE_EVENTS, json!({ "after": cursor })).await;
    // Each of these is answered with as much; nobody reads the answers.
    stuck.send_until_stuck(&json!({ "type": "ping", "payload": { "long": "x".repeat(60_000) } })).await;
    let mut quick = Socket::open(server, &company.admin.token).await;
    quick.subscribe("all", WORKSPACE_EVENTS, json!({ "after": cursor })).await;
    for number in 0..20 {
        company.register_asset(&number.to_string()).await;
        let shown = quick.next("all").await;
        assert_eq!(seq(&shown["workspaceEvents"]["eventCursor"]), start + 1 + number);
    }
    let alone = async {
        while server.app.hub.connected() > 1 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(DEADLINE, alone).await.expect("the stuck one is let go");
    let (messages, _) = stuck.until_closed().await;
    let seen: Vec<i64> = messages
        .iter()
        .filter(|message| message["id"] == "all")
        .map(|message| seq(&message["payload"]["data"]["workspaceEvents"]["eventCursor"]))
        .collect();
    assert_eq!(seen, (start + 1..).take(seen.len()).collect::<Vec<_>>(), "what it got is whole");
    stage.close().await;
}

/// delivery.md: a revocation goes next; a socket that can't take it within two seconds is aborted.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn blk_2_a_stuck_socket_does_not_outlive_the_block() {
    let mut stage = Stage::sqlite().await;
    stage.config.socket_limits.socket_stall_seconds = 300;
    let at = stage.start_server().await;
    let company = Company::found(&stage).await;
    let mut stuck = Socket::open(&stage.servers[at], &company.member.token).await;
    stuck.send_until_stuck(&json!({ "type": "ping", "payload": { "long": "x".repeat(60_000) } })).await;
    company.block(&company.member).await;
    let hub = &stage.servers[at].app.hub;
    tokio::time::timeout(DEADLINE, hub.drained()).await.expect("it is let go");
    stage.close().await;
}

/// delivery.md: nothing new can leak; after a lease without proof the sockets are closed.
#[tokio::test]
async fn without_the_database_sockets_are_closed_at_the_lease() {
    let mut stage = Stage::sqlite().await;
    stage.config.delivery.lease_ms = 600;
    let at = stage.start_server().await;
    let ada = stage.human("Ada").await;
    let mut socket = Socket::open(&stage.servers[at], &ada.token).await;
    stage.servers[at].app.gate.database().close().await;
    socket.expect_close(1013).await;
    assert!(!stage.servers[at].app.hub.is_ready());
    let mut late = Socket::connect(&stage.servers[at]).await;
    late.init(&ada.token).await;
    late.expect_close(1013).await;
    stage.close().await;
}

#[tokio::test]
async fn a_client_that_gives_no_sign_of_life_is_let_go() {
    let mut stage = Stage::sqlite().await;
    stage.config.socket_limits.socket_ping_seconds = 1;
    let at = stage.start_server().await;
    let ada = stage.human("Ada").await;
    let socket = Socket::open(&stage.servers[at], &ada.token).await;
    let hub = &stage.servers[at].app.hub;
    assert_eq!(hub.connected(), 1);
    // Unread pings are unanswered ones.
    tokio::time::timeout(DEADLINE, hub.drained()).await.expect("it is let go");
    drop(socket);
    stage.close().await;
}

#[tokio::test]
async fn a_client_that_answers_pings_stays() {
    let mut stage = Stage::sqlite().await;
    stage.config.socket_limits.socket_ping_seconds = 1;
    let at = stage.start_server().await;
    let ada = stage.human("Ada").await;
    let mut socket = Socket::open(&stage.servers[at], &ada.token).await;
    // Reading answers them; a silent client would not live to see the fourth.
    for _ in 0..4 {
        socket.pinged().await;
    }
    socket.fence().await;
    stage.close().await;
}
