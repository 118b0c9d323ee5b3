//! The primary dies and its synchronous standby takes over: blocks that were acknowledged hold, and every subscriber
//! begins anew (delivery.md, "What holds when things fail").

use std::net::SocketAddr;

use rollcall::access::Refusal;
use rollcall::access::check::Checker;
use rollcall::primitives::secret::{Secret, SecretKind};
use rollcall::primitives::time::Clock;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use super::relay::Relay;
use super::sample::{ADA, GRACE, cursor, enter_wallet, member, refusal, sign_in};
use crate::support::app::DEADLINE;
use crate::support::binary::{Process, run};
use crate::support::gate::AGES;
use crate::support::own_postgres::{OwnPostgres, execute};
use crate::support::people::mutation;
use crate::support::servers::Redis;
use crate::support::socket::Socket;
use crate::support::standby::Standby;
use crate::support::storage;

const EVENTS: &str = "subscription($after: EventCursor) { workspaceEvents(after: $after) { \
    __typename eventCursor ... on Resync { reason } } }";

fn here(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}

async fn event(socket: &mut Socket) -> Value {
    socket.next("e").await["workspaceEvents"].clone()
}

async fn listen(server: &Process, token: &str, after: &str) -> Socket {
    let mut socket = Socket::open_at(server.address, token).await;
    socket.subscribe("e", EVENTS, json!({ "after": after })).await;
    socket
}

/// REV-1, EVT-4.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failover_to_a_synchronous_standby_keeps_blocks_and_makes_subscribers_begin_anew() {
    let mut primary = OwnPostgres::start();
    execute(&primary.url("postgres"), "CREATE DATABASE rollcall").await.expect("made");
    let standby = Standby::of(&primary).await;
    let (well, said) =
        run(&["serve", "--listen", "127.0.0.1:0", "--database-url", &standby.url("rollcall")]).await;
    assert!(!well && said.contains("standby"), "a standby is nothing to serve from: {said}");

    let relay = Relay::to(here(primary.port())).await;
    let (url, redis) = (relay.url(&primary.url("rollcall")), Redis::shared().url());
    // The lease outlasts the failover, so that sockets live through it.
    let settings = ["--database-url", &url, "--redis-url", &redis, "--lease-ms", "60000"];
    let first = Process::serve(&[&settings[..], &["--demo"]].concat()).await;
    let servers = [first, Process::serve(&settings).await];
    let admin = enter_wallet(&servers[0], &sign_in(&servers[0], ADA).await).await;
    let grace = enter_wallet(&servers[0], &sign_in(&servers[0], GRACE).await).await;
    let start = cursor(&servers[0], &admin).await;
    let mut window = listen(&servers[1], &admin, &start).await;
    let id = member(&servers[0], &admin, GRACE).await;
    servers[0].done(Some(&admin), &mutation("blockMember", ""), json!({ "memberId": id })).await;
    assert_eq!(event(&mut window).await["__typename"], "MemberBlocked");
    let before = cursor(&servers[0], &admin).await;

    primary.stop();
    for server in &servers {
        assert_eq!(refusal(server, &grace).await["code"], "UNAVAILABLE", "nobody knows, so nobody is let in");
    }
    standby.promote().await;
    relay.move_to(here(standby.port()));

    assert_eq!(event(&mut window).await["reason"], "OTHER_HISTORY");
    for server in &servers {
        let known = async {
            loop {
                let refused = refusal(server, &grace).await;
                if refused["code"] != "UNAVAILABLE" {
                    return refused;
                }
            }
        };
        let refused = tokio::time::timeout(DEADLINE, known).await.expect("it knows again");
        assert_eq!(
            refused["sessionEnd"]["cause"], "BLOCKED",
            "acknowledged before, it holds after: {refused}"
        );
        let mut late = listen(server, &admin, &before).await;
        assert_eq!(event(&mut late).await["reason"], "OTHER_HISTORY");
    }
    // Sessions live on, and the numbers go on where they were.
    let input = json!({ "kind": "FLOW", "name": "New", "externalId": "new" });
    servers[1].done(Some(&admin), &mutation("registerAsset", ""), input).await;
    assert_eq!(event(&mut window).await["__typename"], "AssetRegistered");
}

/// REV-2: a standby may not have heard yet of a session that its primary had made. So what it doesn't know isn't gone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rev_2_a_token_that_a_standby_does_not_know_is_not_refused_for_good() {
    let primary = OwnPostgres::start();
    execute(&primary.url("postgres"), "CREATE DATABASE rollcall").await.expect("made");
    let standby = Standby::of(&primary).await;
    let relay = Relay::to(here(primary.port())).await;
    let database = storage::opened(&relay.url(&primary.url("rollcall"))).await;
    let checker = Checker::new(database.clone(), Clock::system(), AGES, DEADLINE);
    let kinds = [SecretKind::AccountSession, SecretKind::WorkspaceSession, SecretKind::ApiKey];
    let unknown = kinds.map(Secret::mint);
    for secret in &unknown {
        assert_eq!(checker.check(secret).await.unwrap_err(), Refusal::Unknown);
    }
    relay.move_to(here(standby.port()));
    let answered_by_standby = async {
        let question = database.statement("SELECT pg_is_in_recovery() AS it", []);
        loop {
            let row = database.checker().query_one_raw(question.clone()).await;
            if matches!(row, Ok(Some(row)) if row.try_get("", "it") == Ok(true)) {
                break;
            }
        }
    };
    tokio::time::timeout(DEADLINE, answered_by_standby).await.expect("it answers");
    for secret in &unknown {
        assert_eq!(checker.check(secret).await.unwrap_err(), Refusal::Unavailable);
    }
    database.close().await;
}
