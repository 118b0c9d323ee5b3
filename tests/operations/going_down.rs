//! SIGTERM: what is under way ends well, sockets are told to come back, and nothing is heard of it in the log.

use std::time::Duration;

use rollcall::platform::database::Database;
use sea_orm::{ConnectOptions, ConnectionTrait, Statement, TransactionTrait};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::sample::{ADA, Place, cursor, enter_wallet, sign_in};
use crate::support::app::DEADLINE;
use crate::support::binary::Process;
use crate::support::people::mutation;
use crate::support::servers::Redis;
use crate::support::socket::Socket;
use crate::support::storage;

const EVENTS: &str = "subscription($after: EventCursor) { workspaceEvents(after: $after) { \
    __typename ... on AssetRegistered { assetId } } }";

/// A request that is under way for as long as its body isn't whole.
struct Slow {
    stream: TcpStream,
    rest: &'static str,
}

impl Slow {
    async fn begin(server: &Process) -> Self {
        let mut stream = TcpStream::connect(server.address).await.expect("it listens");
        let (body, rest) = ("{\"query\":\"{ __typ", "ename }\"}");
        let length = body.len() + rest.len();
        let head = format!(
            "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
        );
        stream.write_all(head.as_bytes()).await.expect("it takes it");
        Self { stream, rest }
    }

    async fn end(mut self) -> String {
        self.stream.write_all(self.rest.as_bytes()).await.expect("it takes it");
        let mut answer = String::new();
        self.stream.read_to_string(&mut answer).await.expect("it answers, and closes");
        answer
    }
}

fn quiet(log: &str) {
    let loud: Vec<&str> =
        log.lines().filter(|line| line.contains("WARN") || line.contains("ERROR")).collect();
    assert!(loud.is_empty(), "{loud:#?}");
}

async fn readiness(server: &Process) -> u16 {
    reqwest::get(format!("http://{}/readyz", server.address)).await.expect("it answers").status().as_u16()
}

async fn goes_down_well(settings: &[&str]) {
    let server = Process::serve(&[settings, &["--demo", "--grace-seconds", "1"]].concat()).await;
    let ada = sign_in(&server, ADA).await;
    let admin = enter_wallet(&server, &ada).await;
    let after = cursor(&server, &admin).await;
    let mut window = Socket::open_at(server.address, &admin).await;
    window.listen("workspace", EVENTS, json!({ "after": after })).await;
    let slow = Slow::begin(&server).await;
    while readiness(&server).await != 200 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }

    // What is only remembered here yet is written down before the end.
    let made =
        server.done(Some(&admin), &mutation("createApiKey", "secret"), json!({ "name": "late" })).await;
    let key = made["secret"].as_str().expect("a secret").to_owned();
    cursor(&server, &key).await;
    assert_eq!(window.next("workspace").await["workspaceEvents"]["__typename"], "ApiKeyCreated");

    server.signal("TERM").await;
    server.says("no longer ready").await;
    // The proxy is told, and until it has noticed everything goes on.
    assert_eq!(readiness(&server).await, 503);
    let input = json!({ "kind": "FLOW", "name": "Last", "externalId": "last" });
    server.done(Some(&admin), &mutation("registerAsset", ""), input).await;
    server.says("no more connections").await;
    assert!(TcpStream::connect(server.address).await.is_err(), "nobody listens any more");
    // A request that was let in is answered, on a connection that then ends.
    let answer = slow.end().await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("__typename"), "{answer}");
    // What was committed and acknowledged is shown before the farewell.
    assert_eq!(window.next("workspace").await["workspaceEvents"]["__typename"], "AssetRegistered");
    assert_eq!(window.expect_close(1012).await, "Service restart");
    let (status, log) = server.ended().await;
    assert!(status.success(), "{log}");
    quiet(&log);
    let database = sea_orm::Database::connect(settings[1]).await.expect("it opens");
    let used = "SELECT 1 AS it FROM api_keys WHERE name = 'late' AND last_used_at IS NOT NULL";
    assert!(
        database
            .query_one_raw(Statement::from_string(database.get_database_backend(), used))
            .await
            .expect("it reads")
            .is_some()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_on_sqlite_goes_down_without_losing_anything() {
    let place = Place::sqlite();
    goes_down_well(&["--database-url", &place.url]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_on_postgresql_and_redis_goes_down_without_losing_anything() {
    let place = Place::postgres().await;
    goes_down_well(&["--database-url", &place.url, "--redis-url", &Redis::shared().url()]).await;
    place.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_that_does_not_end_is_cut_off() {
    let place = Place::sqlite();
    let settings = ["--database-url", &place.url, "--drain-seconds-max", "1", "--body-seconds-max", "300"];
    let server = Process::serve(&settings).await;
    let mut slow = Slow::begin(&server).await;
    let (status, log) = server.stop().await;
    assert!(status.success() && log.contains("were cut off"), "{log}");
    let mut answer = Vec::new();
    let _ = slow.stream.read_to_end(&mut answer).await;
    assert!(answer.is_empty(), "{answer:?}");
}

/// A mutation that a socket asked for has its answer before the farewell.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_runs_on_a_socket_is_answered_before_it_is_closed() {
    let place = Place::postgres().await;
    let redis = Redis::shared().url();
    let server = Process::serve(&["--demo", "--database-url", &place.url, "--redis-url", &redis]).await;
    let ada = sign_in(&server, ADA).await;
    let admin = enter_wallet(&server, &ada).await;
    let mut options = ConnectOptions::new(place.url.clone());
    options.max_connections(1).sqlx_logging(false);
    let database = sea_orm::Database::connect(options).await.expect("it answers");
    let lock = database.begin().await.expect("a transaction");
    lock.execute_unprepared("SELECT 1 FROM streams FOR UPDATE").await.expect("held");

    let mut socket = Socket::open_at(server.address, &admin).await;
    let input = json!({ "input": { "kind": "FLOW", "name": "Last", "externalId": "last" } });
    socket.subscribe("m", &mutation("registerAsset", "asset { name }"), input).await;
    // Asked and answered behind it: so it is under way.
    socket.subscribe("fence", "{ __typename }", json!({})).await;
    socket.next("fence").await;
    socket.expect_complete("fence").await;
    server.signal("TERM").await;
    server.says("are told to come back").await;
    lock.rollback().await.expect("let go");
    let done = socket.next("m").await;
    assert_eq!(done["registerAsset"]["asset"]["name"], "Last", "{done}");
    socket.expect_complete("m").await;
    socket.expect_close(1012).await;
    let (status, log) = server.ended().await;
    assert!(status.success(), "{log}");
    quiet(&log);
    database.close().await.expect("closed");
    place.close().await;
}

/// A stranger holds a connection for a while and no longer, whatever they send of a head.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_head_that_is_never_whole_ends_its_connection() {
    let place = Place::sqlite();
    let settings = ["--database-url", &place.url, "--head-seconds-max", "1", "--idle-seconds-max", "2"];
    let server = Process::serve(&settings).await;
    let mut read = Vec::new();
    // Nothing at all; and a part of a head.
    for words in ["", "GET /healthz HTTP/1.1\r\nhost: x\r\nx-slow: "] {
        let mut stranger = TcpStream::connect(server.address).await.expect("it listens");
        stranger.write_all(words.as_bytes()).await.expect("it takes it");
        let began = std::time::Instant::now();
        let _ = stranger.read_to_end(&mut read).await;
        assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    }
    // Somebody who has asked before may rest longer, and not for ever.
    let mut known = TcpStream::connect(server.address).await.expect("it listens");
    known.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").await.expect("it takes it");
    let began = std::time::Instant::now();
    let mut answer = Vec::new();
    known.read_to_end(&mut answer).await.expect("it closes");
    assert!(String::from_utf8_lossy(&answer).starts_with("HTTP/1.1 200"));
    assert!(began.elapsed() > Duration::from_millis(1500) && began.elapsed() < Duration::from_secs(8));
    server.stop().await;
}

/// Whoever still holds a connection when its time is over keeps nobody from going down.
#[tokio::test]
async fn a_connection_that_never_comes_back_holds_up_no_end() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let closes = async |database: Database| {
        let held = database.begin().await.expect("a transaction");
        tokio::time::timeout(DEADLINE, database.close()).await.expect("it gives up waiting");
        drop(held);
    };
    tokio::join!(closes(storage::in_folder(folder.path()).await), closes(storage::on_postgres().await));
}
