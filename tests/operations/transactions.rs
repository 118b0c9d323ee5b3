//! Transactions that end badly: a commit whose answer is lost, and deadlocks (architecture.md, "The one idea").

use std::time::Duration;

use rollcall::platform::database::{is_unavailable, query_one};
use rollcall::platform::journal::{StreamId, lock_stream};
use rollcall::primitives::ids::WorkspaceId;
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, TransactionTrait};
use serde_json::{Value, json};

use super::relay::{Loss, Relay, address_of};
use crate::realtime::company::Company;
use crate::support::app::{DEADLINE, Stage};
use crate::support::journal::Journal;
use crate::support::people::{mutation, text};

async fn beside(stage: &Stage) -> DatabaseConnection {
    let mut options = ConnectOptions::new(stage.config.database.database_url.expose().to_owned());
    options.max_connections(2).sqlx_logging(false);
    Database::connect(options).await.expect("it answers")
}

/// Returns when somebody waits for a lock in this database.
async fn somebody_waits(database: &DatabaseConnection) {
    let sql = "SELECT 1 FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid \
               WHERE NOT l.granted AND a.datname = current_database()";
    let waiting = async {
        loop {
            let statement = sea_orm::Statement::from_string(sea_orm::DbBackend::Postgres, sql);
            if !database.query_all_raw(statement).await.expect("it answers").is_empty() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(DEADLINE, waiting).await.expect("somebody waits");
}

/// A stage whose last server reaches its database by a relay.
async fn with_relay(mut stage: Stage) -> (Stage, Relay, DatabaseConnection) {
    let database = beside(&stage).await;
    let direct = stage.config.database.database_url.expose().to_owned();
    let relay = Relay::to(address_of(&direct)).await;
    stage.config.database.database_url = relay.url(&direct).parse().unwrap();
    stage.start_server().await;
    (stage, relay, database)
}

async fn count(stage: &Stage, sql: &str) -> i64 {
    stage.sql(sql).await[0].try_get("", "it").expect("a number")
}

/// A commit that makes its own stream, and is on its way when its answer is already lost, is waited for: "nothing was
/// changed" would be wrong a moment later.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_stream_whose_commits_answer_was_lost_is_there_and_said_to_be() {
    let stage = Stage::postgres().await;
    let ada = stage.human("Ada").await;
    let (stage, relay, database) = with_relay(stage).await;
    relay.lose(Loss::Answer);
    let create = mutation("createWorkspace", "membership { workspaceId }");
    let input = json!({ "input": { "name": "Engine", "kind": "TEAM" } });
    let asking = stage.ask_at(stage.elsewhere(), Some(&ada.token), &create, input);
    let meanwhile = async {
        relay.held().await;
        somebody_waits(&database).await;
        relay.let_through();
    };
    let (answer, ()) = tokio::join!(asking, meanwhile);
    let created = &answer["data"]["createWorkspace"];
    assert_eq!(created["userErrors"], json!([]), "{answer:#}");
    stage.enter(&ada, &text(&created["membership"]["workspaceId"])).await;
    assert_eq!(count(&stage, "SELECT COUNT(*) AS it FROM workspaces").await, 1);
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_block_whose_commits_answer_was_lost_holds_and_is_said_to() {
    let stage = Stage::postgres().await;
    let company = Company::found(&stage).await;
    let (admin, member) = (company.admin.token.clone(), company.member.id.clone());
    let (stage, relay, database) = with_relay(stage).await;
    relay.lose(Loss::Answer);
    let block = mutation("blockMember", "member { status }");
    let asking =
        stage.ask_at(stage.elsewhere(), Some(&admin), &block, json!({ "input": { "memberId": member } }));
    let meanwhile = async {
        relay.held().await;
        somebody_waits(&database).await;
        relay.let_through();
    };
    let (answer, ()) = tokio::join!(asking, meanwhile);
    assert_eq!(answer["data"]["blockMember"]["member"]["status"], "BLOCKED", "{answer:#}");
    let told = "SELECT COUNT(*) AS it FROM events WHERE type = 'MemberBlocked'";
    assert_eq!(count(&stage, told).await, 1);
    stage.close().await;
}

/// A commit that the database never heard of changed nothing, is said not to have, and may be tried again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_that_never_arrived_changed_nothing() {
    let stage = Stage::postgres().await;
    let ada = stage.human("Ada").await;
    let (stage, relay, _) = with_relay(stage).await;
    let create = mutation("createWorkspace", "membership { workspaceId }");
    let input = json!({ "input": { "name": "Engine", "kind": "TEAM" } });
    let ask = || stage.ask_at(stage.elsewhere(), Some(&ada.token), &create, input.clone());
    relay.lose(Loss::Question);
    let refused = ask().await;
    let extensions = &refused["errors"][0]["extensions"];
    assert_eq!(
        (&extensions["code"], &extensions["retryable"]),
        (&json!("UNAVAILABLE"), &json!(true)),
        "{refused:#}"
    );
    assert!(!text(&refused["errors"][0]["message"]).contains("unknown"), "{refused:#}");
    assert_eq!(count(&stage, "SELECT COUNT(*) AS it FROM workspaces").await, 0);
    assert_eq!(ask().await["data"]["createWorkspace"]["userErrors"], json!([]));
    assert_eq!(count(&stage, "SELECT COUNT(*) AS it FROM workspaces").await, 1);
    stage.close().await;
}

/// Whoever reads assignments finds the database without room.
const ASSIGNMENTS_OUT_OF_REACH: &str = "
    ALTER TABLE assignments RENAME TO assignments_kept;
    CREATE FUNCTION out_of_reach() RETURNS SETOF assignments_kept LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'no room' USING ERRCODE = '53300'; END $$;
    CREATE VIEW assignments AS SELECT * FROM out_of_reach();";

/// What is asked back with a change may fail after it was committed. The change stands, and nobody is told to repeat it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_whose_answer_cant_be_read_any_more_is_not_to_be_tried_again() {
    let stage = Stage::postgres().await;
    let company = Company::found(&stage).await;
    beside(&stage).await.execute_unprepared(ASSIGNMENTS_OUT_OF_REACH).await.expect("it is renamed");
    let block = mutation("blockMember", "eventCursor member { status assignments { assetId } }");
    let input = json!({ "input": { "memberId": company.member.id } });
    let answer = stage.ask_at(stage.here(), Some(&company.admin.token), &block, input).await;
    let error = &answer["errors"][0];
    assert_eq!(error["path"][0], "blockMember", "{answer:#}");
    assert!(error["path"].as_array().is_some_and(|path| path.len() > 1), "{answer:#}");
    let said = (&error["extensions"]["code"], &error["extensions"]["retryable"]);
    assert_eq!(said, (&json!("UNAVAILABLE"), &json!(false)), "{answer:#}");
    let told = "SELECT COUNT(*) AS it FROM events WHERE type = 'MemberBlocked'";
    assert_eq!(count(&stage, told).await, 1);
    stage.close().await;
}

/// Whoever begins the end of an account finds the database without room.
const NO_END_BEGINS: &str = "
    CREATE FUNCTION out_of_reach() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'no room' USING ERRCODE = '53300'; END $$;
    CREATE TRIGGER no_end_begins BEFORE UPDATE ON accounts FOR EACH ROW WHEN (NEW.ending = 'ENDING')
        EXECUTE FUNCTION out_of_reach();";

/// SES-7: an end that was asked for is taken up by the job, so whoever asked isn't told that nothing was changed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deletion_that_was_asked_for_and_not_begun_is_not_said_to_have_changed_nothing() {
    let stage = Stage::postgres().await;
    let ada = stage.human("Ada").await;
    let database = beside(&stage).await;
    database.execute_unprepared(NO_END_BEGINS).await.expect("it is made");
    let delete = mutation("deleteAccount", "deletedAccountId");
    let input = json!({ "input": { "password": "a quiet afternoon" } });
    let answer = stage.ask_at(stage.here(), Some(&ada.token), &delete, input).await;
    let extensions = &answer["errors"][0]["extensions"];
    let said = (&extensions["code"], &extensions["retryable"], &extensions["outcome"]);
    assert_eq!(said, (&json!("UNAVAILABLE"), &json!(false), &json!("UNKNOWN")), "{answer:#}");
    database.execute_unprepared("DROP TRIGGER no_end_begins ON accounts").await.expect("it is gone");
    stage.advance_hours(1);
    // It begins what was asked for, and then finishes what has begun.
    stage.run_jobs().await;
    stage.run_jobs().await;
    assert_eq!(count(&stage, "SELECT COUNT(*) AS it FROM accounts").await, 0);
    stage.close().await;
}

/// Holds the member's row and asks for the stream that the mutation holds, which waits for the row: so often it loses.
/// What comes of the mutation.
async fn block_through_deadlocks(stage: &Stage, company: &Company<'_>, times: usize) -> Value {
    let database = beside(stage).await;
    let tx = database.begin().await.expect("a transaction");
    let run = async |sql: String| {
        tx.execute_unprepared(&sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"))
    };
    // The other one looks for deadlocks first, and so is the one that the database gives up on.
    run("SET LOCAL deadlock_timeout = '1h'".into()).await;
    let (member, workspace) = (uuid_of(&company.member.id), uuid_of(&company.workspace));
    run(format!("UPDATE members SET revision = revision WHERE id = '{member}'")).await;
    let block = mutation("blockMember", "member { status }");
    let asking = company.stage.ask(
        Some(&company.admin.token),
        &block,
        json!({ "input": { "memberId": company.member.id } }),
    );
    let meanwhile = async {
        for _ in 0..times {
            somebody_waits(&database).await;
            run("SAVEPOINT here".into()).await;
            run(format!("SELECT 1 FROM streams WHERE id = '{workspace}' FOR UPDATE")).await;
            // It is ours: the mutation that held it is no more.
            run("ROLLBACK TO SAVEPOINT here".into()).await;
        }
        run("ROLLBACK".into()).await;
    };
    tokio::join!(asking, meanwhile).0
}

fn uuid_of(id: &str) -> uuid::Uuid {
    use rollcall::primitives::ids::{MemberId, WorkspaceId};
    let member = MemberId::parse(id).map(MemberId::as_uuid);
    member.or_else(|_| WorkspaceId::parse(id).map(WorkspaceId::as_uuid)).expect("an id")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mutation_that_lost_to_a_deadlock_is_done_again_unseen() {
    let stage = Stage::postgres().await;
    let company = Company::found(&stage).await;
    let answer = block_through_deadlocks(&stage, &company, 2).await;
    assert_eq!(answer["data"]["blockMember"]["member"]["status"], "BLOCKED", "{answer:#}");
    let told = "SELECT COUNT(*) AS it FROM events WHERE type = 'MemberBlocked'";
    assert_eq!(count(&stage, told).await, 1);
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mutation_that_always_loses_is_refused_after_four_attempts() {
    let stage = Stage::postgres().await;
    let company = Company::found(&stage).await;
    let answer = block_through_deadlocks(&stage, &company, 4).await;
    let extensions = &answer["errors"][0]["extensions"];
    assert_eq!(
        (&extensions["code"], &extensions["retryable"]),
        (&json!("UNAVAILABLE"), &json!(true)),
        "{answer:#}"
    );
    let told = "SELECT COUNT(*) AS it FROM events WHERE type = 'MemberBlocked'";
    assert_eq!(count(&stage, told).await, 0);
    stage.close().await;
}

/// REV-1: a server that froze or lost its network in a transaction holds a workspace's lock, and nobody could be put out
/// there while it does. PostgreSQL ends its transaction; what the server says when it is back changes nothing.
#[tokio::test]
async fn a_server_that_froze_in_a_transaction_gives_the_lock_up() {
    let journal = Journal::on_postgres().await;
    let stream = StreamId::Workspace(WorkspaceId::new());
    journal.create(stream).await;
    let frozen = journal.database.begin().await.expect("a transaction");
    lock_stream(&frozen, stream).await.expect("it answers").expect("it exists");
    for (setting, wanted) in [
        ("idle_in_transaction_session_timeout", "10s"),
        ("lock_timeout", "5s"),
        ("tcp_keepalives_idle", "10"),
        ("tcp_user_timeout", "20000"),
    ] {
        let row = query_one(&frozen, &format!("SHOW {setting}"), vec![]).await.expect("it answers");
        let set: String = row.expect("a row").try_get_by_index(0).expect("a text");
        assert_eq!(set, wanted, "{setting}");
    }
    // Not ten seconds: that PostgreSQL counts them is its own affair.
    let sql = "SET LOCAL idle_in_transaction_session_timeout = '1ms'";
    frozen.execute_unprepared(sql).await.expect("set");

    let other = journal.reopened().await;
    let next = other.begin().await.expect("a transaction");
    lock_stream(&next, stream).await.expect("it is free again").expect("it exists");

    let error = lock_stream(&frozen, stream).await.expect_err("the transaction is gone");
    assert!(is_unavailable(&error), "{error}");
}
