//! `rollcall restored`: after a backup was brought back nobody is in, and no cursor of the lost history is taken for one
//! of the new (delivery.md, "The journal").

use std::net::SocketAddr;

use serde_json::{Value, json};

use super::sample::{ADA, GRACE, Place, cursor, enter_wallet, member, refusal, sign_in};
use crate::realtime::company::SESSION_EVENTS;
use crate::support::binary::{Process, run};
use crate::support::people::{mutation, text};
use crate::support::servers::Redis;
use crate::support::socket::Socket;

const EVENTS: &str = "subscription($after: EventCursor) { workspaceEvents(after: $after) { \
    __typename eventCursor ... on Resync { reason } } }";

async fn listen(address: SocketAddr, token: &str, after: Option<&str>) -> Socket {
    let mut socket = Socket::open_at(address, token).await;
    socket.listen("session", SESSION_EVENTS, json!({})).await;
    if let Some(after) = after {
        socket.subscribe("workspace", EVENTS, json!({ "after": after })).await;
    }
    socket
}

async fn expect_restored(socket: &mut Socket) {
    let end = socket.next("session").await["sessionEvents"].clone();
    assert_eq!((&end["__typename"], &end["cause"]), (&json!("SessionEnded"), &json!("RESTORED")));
    let (rest, _) = socket.until_closed().await;
    assert!(rest.iter().all(|message| message["type"] == "complete"), "nothing after the end: {rest:?}");
}

async fn workspace_event(socket: &mut Socket) -> Value {
    socket.next("workspace").await["workspaceEvents"].clone()
}

/// A server that has not noticed yet shows what the log tells first; then it says that all begins anew.
async fn expect_another_history(socket: &mut Socket) {
    loop {
        let event = workspace_event(socket).await;
        match event["__typename"].as_str() {
            Some("ServiceRestored") => {}
            Some("Resync") => return assert_eq!(event["reason"], "OTHER_HISTORY"),
            _ => panic!("not of this history: {event}"),
        }
    }
}

/// REV-4, EVT-1: who listens is logged out on every server; a key, which is no session, is told to begin anew.
async fn everybody_is_out_and_the_running_servers_notice(place: &Place, servers: &[Process]) {
    let [first, .., last] = [&servers[0], &servers[servers.len() - 1]];
    let ada = sign_in(first, ADA).await;
    let admin = enter_wallet(first, &ada).await;
    let create = mutation("createApiKey", "secret");
    let key = text(&first.done(Some(&admin), &create, json!({ "name": "sync" })).await["secret"]);
    let before = cursor(first, &admin).await;
    let mut person = listen(last.address, &ada, None).await;
    let mut window = listen(last.address, &admin, Some(&before)).await;
    let mut automation = listen(last.address, &key, Some(&before)).await;

    let (well, said) = run(&["restored", "--database-url", &place.url]).await;
    assert!(well, "{said}");
    // The sample has three workspaces.
    assert!(said.contains("in the logs of 3 workspaces and "), "{said}");
    assert!(said.contains("1 API keys work on"), "{said}");

    expect_restored(&mut person).await;
    expect_restored(&mut window).await;
    expect_another_history(&mut automation).await;
    for server in servers {
        for token in [&ada, &admin] {
            let refused = refusal(server, token).await;
            assert_eq!(refused["code"], "UNAUTHENTICATED");
            assert_eq!(refused["sessionEnd"]["cause"], "RESTORED");
        }
    }

    // A cursor of the old history is none of the new one's, on any server.
    for server in servers {
        let mut late = listen(server.address, &key, Some(&before)).await;
        expect_another_history(&mut late).await;
    }
    // Each log tells of it, and whoever signs in anew goes on after it.
    let ada = sign_in(last, ADA).await;
    let admin = enter_wallet(last, &ada).await;
    let again = cursor(last, &admin).await;
    assert_ne!(again, before);
    let mut window = listen(first.address, &admin, Some(&again)).await;
    let input = json!({ "kind": "FLOW", "name": "New", "externalId": "new" });
    last.done(Some(&admin), &mutation("registerAsset", ""), input).await;
    assert_eq!(workspace_event(&mut window).await["__typename"], "AssetRegistered");

    // Once more ends what began in between, and nothing else.
    let (well, said) = run(&["restored", "--database-url", &place.url]).await;
    assert!(well && said.contains("in the logs of 3 workspaces and "), "{said}");
    expect_restored(&mut window).await;
    assert_eq!(refusal(last, &ada).await["sessionEnd"]["cause"], "RESTORED");
    sign_in(first, ADA).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn restored_ends_every_session_on_sqlite() {
    let place = Place::sqlite();
    let servers = [Process::serve(&["--demo", "--database-url", &place.url]).await];
    everybody_is_out_and_the_running_servers_notice(&place, &servers).await;
    place.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn restored_ends_every_session_on_two_servers_with_postgresql_and_redis() {
    let place = Place::postgres().await;
    let redis = Redis::shared().url();
    let settings = ["--database-url", &place.url, "--redis-url", &redis];
    let first = Process::serve(&[&settings[..], &["--demo"]].concat()).await;
    let servers = [first, Process::serve(&settings).await];
    everybody_is_out_and_the_running_servers_notice(&place, &servers).await;
    drop(servers);
    place.close().await;
}

/// What a backup forgets: a session that was ended after it was made is in again, until `restored` is run.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_ended_after_the_backup_is_out_again_after_restored() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (live, backup) = (folder.path().join("live.db"), folder.path().join("backup.db"));
    let url = format!("sqlite://{}?mode=rwc", live.display());
    let server = Process::serve(&["--demo", "--database-url", &url]).await;
    let ada = sign_in(&server, ADA).await;
    let admin = enter_wallet(&server, &ada).await;
    let grace = sign_in(&server, GRACE).await;
    let inside = enter_wallet(&server, &grace).await;
    server.stop().await;
    std::fs::copy(&live, &backup).expect("a backup with the service stopped");

    let server = Process::serve(&["--database-url", &url]).await;
    let id = member(&server, &admin, GRACE).await;
    server.done(Some(&admin), &mutation("blockMember", ""), json!({ "memberId": id })).await;
    server.done(Some(&grace), &mutation("signOut", ""), json!({})).await;
    let lost = cursor(&server, &admin).await;
    server.stop().await;
    std::fs::copy(&backup, &live).expect("the backup is brought back");

    let (well, said) = run(&["restored", "--database-url", &url]).await;
    assert!(well, "{said}");
    let server = Process::serve(&["--database-url", &url]).await;
    for token in [&ada, &grace, &admin, &inside] {
        assert_eq!(refusal(&server, token).await["sessionEnd"]["cause"], "RESTORED");
    }
    let ada = sign_in(&server, ADA).await;
    let admin = enter_wallet(&server, &ada).await;
    let mut window = listen(server.address, &admin, Some(&lost)).await;
    assert_eq!(workspace_event(&mut window).await["reason"], "OTHER_HISTORY");
    server.stop().await;
}

#[tokio::test]
async fn restored_says_when_there_is_nothing_to_restore() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let url = format!("sqlite://{}?mode=rwc", folder.path().join("other.db").display());
    let (well, said) = run(&["restored", "--database-url", &url]).await;
    assert!(!well && said.contains("no installation"), "{said}");
}

/// So many workspaces that one statement for each would show: it says it everywhere at once, without a gap.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn evt_2_every_stream_is_told_under_its_own_next_number() {
    use rollcall::accounts::end_all_sessions;
    use rollcall::platform::journal::StreamId;
    use rollcall::primitives::ids::{AccountId, WorkspaceId};
    use rollcall::primitives::time::Clock;

    use crate::support::journal::{Fact, Journal};

    for journal in [Journal::on_sqlite().await, Journal::on_postgres().await] {
        let streams: Vec<StreamId> = (0..40)
            .map(|n| {
                if n % 2 == 0 {
                    StreamId::Workspace(WorkspaceId::new())
                } else {
                    StreamId::Account(AccountId::new())
                }
            })
            .collect();
        for (count, stream) in streams.iter().enumerate() {
            journal.create(*stream).await;
            journal.append(*stream, vec![Fact::plain(); count]).await;
        }
        let epoch = journal.epoch().await;
        let told = end_all_sessions(&journal.database, &Clock::system()).await.expect("done");
        assert_eq!((told.workspaces, told.accounts), (20, 20));
        assert_ne!(journal.epoch().await, epoch);
        for (count, stream) in streams.iter().enumerate() {
            let count = i64::try_from(count).expect("small");
            let read =
                rollcall::platform::journal::read_after(journal.database.reader(), *stream, count, 9).await;
            let read = read.expect("it can be read");
            let told: Vec<_> =
                read.iter().map(|event| (event.seq, event.kind.as_str(), event.stream)).collect();
            assert_eq!(told, [(count + 1, "ServiceRestored", *stream)]);
            // Whoever writes next goes on after it.
            assert_eq!(journal.append_plain(*stream, 1).await[0].seq, count + 2);
        }
    }
}

/// Before a server has noticed anything: the very check of the subscription, or of the page, sees which history it is.
async fn an_old_cursor_is_known_by_the_check(place: &Place) {
    // So long between two looks that it won't have noticed.
    let settings = ["--database-url", &place.url, "--head-poll-ms", "5000", "--lease-ms", "60000"];
    let server = Process::serve(&[&settings[..], &["--demo"]].concat()).await;
    let ada = sign_in(&server, ADA).await;
    let admin = enter_wallet(&server, &ada).await;
    let create = mutation("createApiKey", "secret");
    let key = text(&server.done(Some(&admin), &create, json!({ "name": "sync" })).await["secret"]);
    let before = cursor(&server, &admin).await;
    let input = json!({ "kind": "FLOW", "name": "Lost", "externalId": "lost" });
    server.done(Some(&admin), &mutation("registerAsset", ""), input).await;
    let (well, said) = run(&["restored", "--database-url", &place.url]).await;
    assert!(well, "{said}");

    let mut late = listen(server.address, &key, Some(&before)).await;
    let first = workspace_event(&mut late).await;
    assert_eq!(
        (&first["__typename"], &first["reason"]),
        (&json!("Resync"), &json!("OTHER_HISTORY")),
        "{first}"
    );
    let url = format!("http://{}/export/events?after={before}", server.address);
    let export = reqwest::Client::new().get(url).bearer_auth(&key).send().await.expect("it answers");
    assert_eq!(export.status(), 400);
    assert!(export.text().await.expect("text").contains("a history that is gone"));
    drop(server);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_old_cursor_is_refused_before_the_server_has_noticed_on_sqlite() {
    let place = Place::sqlite();
    an_old_cursor_is_known_by_the_check(&place).await;
    place.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_old_cursor_is_refused_before_the_server_has_noticed_on_postgresql() {
    let place = Place::postgres().await;
    an_old_cursor_is_known_by_the_check(&place).await;
    place.close().await;
}
