//! Idempotency keys across crashes: a server that is killed between the commit and the answer's keeping, and one that is
//! killed before the commit. Never done twice, never lost without a word (LIF-6).

use std::time::Duration;

use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, Statement, TransactionTrait};
use serde_json::{Value, json};

use super::keys::{code, keyed};
use crate::on_both_stages;
use crate::operations::sample::{ADA, GRACE, Place, enter_wallet, member, sign_in};
use crate::support::app::DEADLINE;
use crate::support::binary::Process;
use crate::support::cast::BLOCK;
use crate::support::people::mutation;

const BLOCKS: &str = "SELECT COUNT(*) AS it FROM events WHERE type = 'MemberBlocked'";
/// Keeping an answer waits for a lock that the test holds.
const SLOW_KEEPING: &str = "CREATE FUNCTION wait_to_keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
    IF NEW.settled THEN PERFORM pg_advisory_xact_lock(41); END IF; RETURN NEW; END $$; \
    CREATE TRIGGER wait_to_keep BEFORE UPDATE ON answers FOR EACH ROW EXECUTE FUNCTION wait_to_keep();";

async fn ask(server: &Process, token: &str, query: &str, variables: Value) -> Option<Value> {
    let http = reqwest::Client::builder().timeout(DEADLINE).build().expect("a client");
    let request = http
        .post(server.url())
        .bearer_auth(token)
        .header("idempotency-key", "over-a-crash")
        .json(&json!({ "query": query, "variables": variables }));
    request.send().await.ok()?.json().await.ok()
}

async fn database(url: &str) -> DatabaseConnection {
    let mut options = ConnectOptions::new(url.to_owned());
    options.max_connections(3).sqlx_logging(false);
    Database::connect(options).await.expect("it answers")
}

async fn number(database: &DatabaseConnection, sql: &str) -> i64 {
    let statement = Statement::from_string(database.get_database_backend(), sql);
    let row = database.query_one_raw(statement).await.expect("it answers").expect("a row");
    row.try_get("", "it").expect("a number")
}

/// Returns when the statement counts this many, or more.
async fn until(database: &DatabaseConnection, sql: &str, wanted: i64) {
    let reached = async {
        while number(database, sql).await < wanted {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(DEADLINE, reached).await.unwrap_or_else(|_| panic!("never {wanted}: {sql}"));
}

/// The servers' clock is the machine's: the minute for which a run counts as under way is over by the test's own hand.
async fn a_minute_passes(database: &DatabaseConnection) {
    database.execute_unprepared("UPDATE answers SET held_until = 0").await.expect("it answers");
}

struct House {
    place: Place,
    servers: [Process; 2],
    database: DatabaseConnection,
    admin: String,
    block: (String, Value),
}

impl House {
    async fn open() -> Self {
        let place = Place::postgres().await;
        let settings = ["--database-url", place.url.as_str()];
        let first = Process::serve(&[&settings[..], &["--demo"]].concat()).await;
        let servers = [first, Process::serve(&settings).await];
        let ada = sign_in(&servers[0], ADA).await;
        let admin = enter_wallet(&servers[0], &ada).await;
        let grace = member(&servers[0], &admin, GRACE).await;
        let database = database(&place.url).await;
        let block = (mutation("blockMember", "member { status }"), json!({ "input": { "memberId": grace } }));
        Self { place, servers, database, admin, block }
    }

    async fn ask(&self, server: usize) -> Option<Value> {
        ask(&self.servers[server], &self.admin, &self.block.0, self.block.1.clone()).await
    }

    async fn close(self) {
        let Self { place, servers: [first, second], database, .. } = self;
        drop((first, second));
        let _ = database.close().await;
        place.close().await;
    }
}

/// LIF-6: killed between the commit and the answer's keeping. The other server says that it took effect, and where.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lif_6_what_took_effect_before_a_crash_is_told_and_not_done_again() {
    let house = House::open().await;
    house.database.execute_unprepared(SLOW_KEEPING).await.expect("it answers");
    let before = number(&house.database, BLOCKS).await;
    let held = house.database.begin().await.expect("it begins");
    held.execute_unprepared("SELECT pg_advisory_xact_lock(41)").await.expect("it is free");
    let killed = async {
        until(&house.database, BLOCKS, before + 1).await;
        house.servers[0].signal("KILL").await;
    };
    let (lost, ()) = tokio::join!(house.ask(0), killed);
    assert!(lost.is_none(), "nobody heard the answer: {lost:?}");
    held.rollback().await.expect("it ends");
    let meanwhile = house.ask(1).await.expect("the other one answers");
    assert_eq!(code(&meanwhile), "IDEMPOTENCY_KEY_IN_USE", "its answer might still be on its way");
    a_minute_passes(&house.database).await;
    let told = house.ask(1).await.expect("the other one answers");
    assert_eq!(code(&told), "ANSWER_LOST");
    let extensions = &told["errors"][0]["extensions"];
    assert_eq!((&extensions["outcome"], &extensions["retryable"]), (&json!("TOOK_EFFECT"), &json!(false)));
    assert!(extensions["eventCursor"].as_str().is_some_and(|cursor| cursor.starts_with("e1.")), "{told:#}");
    assert_eq!(number(&house.database, BLOCKS).await, before + 1);
    house.close().await;
}

/// LIF-6: killed before the commit. The other server does it, once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lif_6_what_a_crash_cut_off_before_it_took_effect_is_done_once() {
    let house = House::open().await;
    let before = number(&house.database, BLOCKS).await;
    let held = house.database.begin().await.expect("it begins");
    held.execute_unprepared("SELECT 1 FROM streams FOR UPDATE").await.expect("they are free");
    let waits = "SELECT COUNT(*) AS it FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid \
                 WHERE NOT l.granted AND a.datname = current_database()";
    let killed = async {
        until(&house.database, "SELECT COUNT(*) AS it FROM answers", 1).await;
        until(&house.database, waits, 1).await;
        house.servers[0].signal("KILL").await;
    };
    let (lost, ()) = tokio::join!(house.ask(0), killed);
    assert!(lost.is_none(), "nobody heard the answer: {lost:?}");
    held.rollback().await.expect("it ends");
    a_minute_passes(&house.database).await;
    let done = house.ask(1).await.expect("the other one answers");
    assert_eq!(done["data"]["blockMember"]["member"]["status"], "BLOCKED", "{done:#}");
    assert_eq!(house.ask(1).await.expect("it answers"), done);
    assert_eq!(number(&house.database, BLOCKS).await, before + 1);
    house.close().await;
}

on_both_stages! {
    /// LIF-6: the answer could not be kept. What it did is known by the commit itself.
    async fn lif_6_an_answer_that_could_not_be_kept_is_told_as_lost(stage) {
        let (ada, bob) = (stage.person("Ada").await, stage.person("Bob").await);
        let admin = stage.workspace(&ada, "TEAM").await;
        let member = stage.join(&admin, &bob, "Member", &[]).await;
        let block = || (BLOCK, json!({ "input": { "memberId": member.member_id } }));
        let asked = (Some(admin.token.as_str()), "k");
        let (_, first) = keyed(stage, stage.here(), asked, block()).await;
        assert_eq!(first["data"]["blockMember"]["member"]["status"], "BLOCKED");
        // As a crash between the two leaves it.
        stage.sql("UPDATE answers SET settled = FALSE, answer = NULL").await;
        let (status, under_way) = keyed(stage, stage.elsewhere(), asked, block()).await;
        assert_eq!((status, code(&under_way)), (409, "IDEMPOTENCY_KEY_IN_USE"));
        stage.clock.advance_seconds(60);
        let (status, lost) = keyed(stage, stage.elsewhere(), asked, block()).await;
        assert_eq!((status, code(&lost)), (409, "ANSWER_LOST"));
        assert_eq!(lost["errors"][0]["extensions"]["eventCursor"], first["data"]["blockMember"]["eventCursor"]);
    }

    /// LIF-6: a run that was taken for dead and is not can't commit any more once another has its key.
    async fn lif_6_a_run_that_lost_its_key_commits_nothing(stage) {
        use rollcall::access::answers::{self, Claimed, KeyLimit, KeyedCall};
        use rollcall::access::Failure;
        use rollcall::primitives::idempotency::Digest;
        use rollcall::primitives::ids::{AccountId, WorkspaceId};

        let ada = stage.person("Ada").await;
        let admin = stage.workspace(&ada, "TEAM").await;
        let workspace = WorkspaceId::parse(&admin.workspace_id).expect("an id");
        let call = KeyedCall {
            credential: uuid::Uuid::now_v7(), holder: uuid::Uuid::now_v7(), key: Digest::of(&[b"k"]), body: Digest::of(&[b"b"]),
            account: AccountId::new(), workspace: Some(workspace),
        };
        let (gate, limit) = (&stage.here().app.gate, KeyLimit { keys_max: 1 });
        let Claimed::Mine(slow) = answers::claim(gate, limit, &call).await.expect("it answers") else { panic!("not mine") };
        assert_eq!(answers::claim(gate, limit, &call).await.expect("it answers"), Claimed::UnderWay);
        let tx = gate.under(slow).by_job::<rollcall::access::Never>(workspace).await.expect("it opens");
        drop(tx);
        stage.clock.advance_seconds(61);
        let Claimed::Mine(quick) = answers::claim(gate, limit, &call).await.expect("it answers") else { panic!("not mine") };
        for (claim, commits) in [(slow, false), (quick, true)] {
            let tx = gate.under(claim).by_job::<rollcall::access::Never>(workspace).await.expect("it opens");
            let ended = tx.commit().await;
            assert_eq!(ended.is_ok(), commits, "{ended:?}");
            assert!(commits || matches!(ended, Err(Failure::Unavailable)));
        }
        stage.clock.advance_seconds(61);
        let known = answers::claim(gate, limit, &call).await.expect("it answers");
        assert!(matches!(known, Claimed::TookEffect(_)), "{known:?}");
    }
}
