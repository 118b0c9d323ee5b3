//! The end of an account, cut off between any two of its transactions (SES-7): whatever stands then, the job brings it to
//! its end, once.

use rollcall::primitives::ids::WorkspaceId;
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, Statement, TransactionTrait};
use serde_json::json;

use super::delete_account::DELETE_ACCOUNT;
use crate::on_both_stages;
use crate::operations::sample::{Place, sign_in};
use crate::support::app::{DEADLINE, Stage};
use crate::support::binary::Process;
use crate::support::cast::{PASSWORD, Person, REMOVE, Seat};

/// A statement that belongs to one step, and what tells it from others on its table.
#[derive(Clone, Copy)]
struct Step {
    when: &'static str,
    condition: &'static str,
}

impl Step {
    const fn event(condition: &'static str) -> Self {
        Self { when: "INSERT ON events", condition }
    }
}

/// Every transaction after the one that asks for the end, in their order; where there is one for each workspace, also that of
/// one alone.
const STEPS: &[Step] = &[
    Step::event("NEW.type = 'AccountDeletionBegun'"),
    Step { when: "UPDATE ON account_sessions", condition: "NEW.ended_at IS NOT NULL" },
    Step::event("NEW.type = 'MemberSessionEnded'"),
    Step::event("NEW.type = 'MemberSessionEnded' AND NEW.stream_id = {workspace}"),
    Step { when: "UPDATE ON accounts", condition: "NEW.ending = 'ENDING' AND NOT NEW.untold" },
    Step::event("NEW.type = 'MemberRemoved' AND NEW.actor_kind = 'ACCOUNT'"),
    Step::event("NEW.type = 'MemberRemoved' AND NEW.stream_id = {workspace}"),
    Step::event("NEW.type = 'MemberUpdated' AND NEW.actor_kind = 'ACCOUNT'"),
    Step::event("NEW.type = 'AssetsPurged'"),
    Step::event("NEW.type = 'AccountDeleted'"),
];

/// From here on the step fails, as if its server had died: it changes nothing, and all before it stands.
async fn cut_off(stage: &Stage, step: Step, workspace: &str) {
    let workspace = WorkspaceId::parse(workspace).expect("an id").as_uuid();
    let (when, condition) = (step.when, step.condition.replace("{workspace}", &stage.id(workspace)));
    if stage.here().app.gate.database().is_postgres() {
        let function = format!(
            "CREATE FUNCTION cut_off() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
             IF {condition} THEN RAISE EXCEPTION 'cut off'; END IF; RETURN NEW; END $$"
        );
        stage.execute(&function).await;
        stage
            .execute(&format!("CREATE TRIGGER cut_off BEFORE {when} FOR EACH ROW EXECUTE FUNCTION cut_off()"))
            .await;
    } else {
        let raise = "BEGIN SELECT RAISE(ABORT, 'cut off'); END";
        stage.execute(&format!("CREATE TRIGGER cut_off BEFORE {when} WHEN {condition} {raise}")).await;
    }
}

async fn mend(stage: &Stage, step: Step) {
    if stage.here().app.gate.database().is_postgres() {
        let table = step.when.rsplit(' ').next().expect("a table");
        stage.execute(&format!("DROP TRIGGER cut_off ON {table}")).await;
        stage.execute("DROP FUNCTION cut_off()").await;
    } else {
        stage.execute("DROP TRIGGER cut_off").await;
    }
}

async fn three_workspaces(stage: &Stage) -> Vec<Seat> {
    let mut admins = Vec::new();
    for name in ["Ada", "Eve", "Ira"] {
        let founder = stage.person(name).await;
        admins.push(stage.workspace(&founder, "WALLET").await);
    }
    admins
}

/// Somebody who is in two of them, with a window open in each; who was removed from the third, and took something along.
async fn somebody(stage: &Stage, admins: &[Seat], round: usize) -> Person {
    let bob = stage.person(&format!("Bob{round}")).await;
    for admin in &admins[..2] {
        stage.join(admin, &bob, "Workspace operator", &[]).await;
    }
    let left = stage.join(&admins[2], &bob, "Workspace admin", &[]).await;
    stage.asset(&left, &format!("Kept{round}")).await;
    let along = json!({ "memberId": left.member_id, "assets": { "everything": { "to": "PERSON" } } });
    stage.done(Some(&admins[2].token), REMOVE, along).await;
    bob
}

/// How often an event of this type stands in a workspace's log.
async fn told(stage: &Stage, admin: &Seat, kind: &str) -> usize {
    stage.event_types(&admin.workspace_id).await.iter().filter(|it| *it == kind).count()
}

on_both_stages! {
    /// SES-7, REV-4: each step in turn fails; then the job brings the end to its end, and nothing of it happens twice.
    async fn ses_7_an_end_that_was_cut_off_anywhere_is_finished_by_the_job(stage) {
        let admins = three_workspaces(stage).await;
        for (round, step) in STEPS.iter().enumerate() {
            let bob = somebody(stage, &admins, round).await;
            cut_off(stage, *step, &admins[0].workspace_id).await;
            stage.ask(Some(&bob.token), DELETE_ACCOUNT, json!({ "input": { "password": PASSWORD } })).await;
            stage.clock.advance_seconds(61);
            let stuck = stage.here().app.run_jobs().await;
            assert!(stuck.is_err(), "round {round}: {} is a step", step.condition);
            mend(stage, *step).await;
            for server in [stage.elsewhere(), stage.here()] {
                server.app.run_jobs().await.expect("the jobs run");
            }
            let place = format!("round {round}: {}", step.condition);
            let left = format!("SELECT id FROM accounts WHERE ending IS NOT NULL OR email = '{}'", bob.email);
            assert!(stage.sql(&left).await.is_empty(), "{place}");
            assert!(stage.sql("SELECT id FROM assets WHERE held_by_account_id IS NOT NULL").await.is_empty(), "{place}");
            for admin in &admins[..2] {
                assert_eq!(told(stage, admin, "MemberRemoved").await, round + 1, "{place}");
                // Where the membership has ended first, no session of it is left to be told of.
                assert!(told(stage, admin, "MemberSessionEnded").await <= round + 1, "{place}");
            }
            assert_eq!(told(stage, &admins[2], "AssetsPurged").await, round + 1, "{place}");
            for server in &stage.servers {
                let answer = stage.ask_at(server, Some(&bob.token), "{ viewer { account { id } } }", json!({})).await;
                assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAUTHENTICATED", "{place}");
            }
        }
    }
}

async fn database(url: &str) -> DatabaseConnection {
    let mut options = ConnectOptions::new(url.to_owned());
    options.max_connections(2).sqlx_logging(false);
    Database::connect(options).await.expect("it answers")
}

/// Returns when the statement counts as many as that.
async fn until(database: &DatabaseConnection, sql: &str, wanted: i64) {
    let reached = async {
        loop {
            let statement = Statement::from_string(database.get_database_backend(), sql);
            let row = database.query_one_raw(statement).await.expect("it answers").expect("a row");
            if row.try_get::<i64>("", "it").expect("a number") == wanted {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(DEADLINE, reached).await.unwrap_or_else(|_| panic!("never {wanted}: {sql}"));
}

/// Waits for a lock that the test holds, before an event of this type.
fn waiting(kind: &str) -> String {
    format!(
        "CREATE FUNCTION wait_for_it() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
         IF NEW.type = '{kind}' THEN PERFORM pg_advisory_xact_lock(43); END IF; RETURN NEW; END $$; \
         CREATE TRIGGER wait_for_it BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION wait_for_it();"
    )
}

const WAITS: &str = "SELECT COUNT(*) AS it FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid \
    WHERE l.locktype = 'advisory' AND NOT l.granted AND a.datname = current_database()";
const ON_ITS_WAY: &str = "SELECT COUNT(*) AS it FROM accounts WHERE ending IS NOT NULL";

/// SES-7: the same with the server's process, killed in the middle of a step. The one that is started after it goes on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ses_7_a_killed_server_leaves_an_end_to_the_next_one() {
    let place = Place::postgres().await;
    let settings = ["--database-url", place.url.as_str()];
    let mut server = Process::serve(&[&settings[..], &["--demo"]].concat()).await;
    let database = database(&place.url).await;
    let steps = [
        ("AccountDeletionBegun", "linus@example.com"),
        ("MemberRemoved", "edith@example.com"),
        ("AccountDeleted", "rosa@example.com"),
    ];
    for (kind, email) in steps {
        let token = sign_in(&server, email).await;
        database.execute_unprepared(&waiting(kind)).await.expect("it answers");
        let held = database.begin().await.expect("it begins");
        held.execute_unprepared("SELECT pg_advisory_xact_lock(43)").await.expect("it is free");
        let http = reqwest::Client::builder().timeout(DEADLINE).build().expect("a client");
        let body = json!({ "query": DELETE_ACCOUNT, "variables": { "input": { "password": "correct horse battery staple" } } });
        let asking = tokio::spawn(http.post(server.url()).bearer_auth(&token).json(&body).send());
        until(&database, WAITS, 1).await;
        server.signal("KILL").await;
        let _ = asking.await;
        held.rollback().await.expect("it ends");
        // Whatever the dead server had open is over.
        until(&database, WAITS, 0).await;
        let mended = "DROP TRIGGER wait_for_it ON events; DROP FUNCTION wait_for_it; UPDATE accounts SET ending_since = 0 \
                      WHERE ending IS NOT NULL";
        database.execute_unprepared(mended).await.expect("it answers");
        until(&database, ON_ITS_WAY, 1).await;
        server = Process::serve(&settings).await;
        until(&database, ON_ITS_WAY, 0).await;
        let gone = format!("SELECT COUNT(*) AS it FROM accounts WHERE email = '{email}'");
        until(&database, &gone, 0).await;
    }
    drop(server);
    database.close().await.expect("it closes");
    place.close().await;
}
