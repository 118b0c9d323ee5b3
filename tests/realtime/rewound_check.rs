//! A check that was under way while the database was set back (EVT-4).

use std::time::Duration;

use sea_orm::ConnectionTrait;
use serde_json::json;

use super::company::{Company, WORKSPACE_EVENTS, seq};
use crate::support::app::{DEADLINE, Stage};
use crate::support::people::text;
use crate::support::socket::Socket;

/// Holds each check of a workspace session after its snapshot was taken, as long as somebody has the lock.
const HOLD: [&str; 3] = [
    "CREATE FUNCTION held() RETURNS boolean VOLATILE LANGUAGE plpgsql AS \
     $$ BEGIN PERFORM pg_advisory_xact_lock_shared(7); RETURN true; END $$",
    "ALTER TABLE workspace_sessions RENAME TO workspace_sessions_table",
    "CREATE VIEW workspace_sessions AS SELECT * FROM workspace_sessions_table WHERE held()",
];

async fn checks_held(stage: &Stage) -> i64 {
    let rows =
        stage.sql("SELECT count(*) AS held FROM pg_locks WHERE locktype = 'advisory' AND NOT granted").await;
    rows[0].try_get("", "held").expect("a number")
}

/// EVT-4: the head that such a check read belongs to the history that is lost; a subscription that began there would be
/// shown nothing until the new history reaches it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn evt_4_a_check_of_a_lost_history_begins_no_subscription() {
    let mut stage = Stage::postgres().await;
    stage.config.database.database_wait_ms = 60_000;
    // So that a check that is held holds up no look at the heads.
    stage.config.database.database_connections_max = 32;
    let at = stage.start_server().await;
    let company = Company::found(&stage).await;
    let back_to = seq(&json!(company.cursor().await));
    for number in 0..5 {
        company.register_asset(&number.to_string()).await;
    }
    let mut socket = Socket::open(&stage.servers[at], &company.admin.token).await;
    // Listening to it, the server knows how far the stream is.
    socket.listen("other", WORKSPACE_EVENTS, json!({})).await;
    for sql in HOLD {
        stage.sql(sql).await;
    }
    let database = stage.here().app.gate.database();
    let lock = database.begin().await.expect("a transaction");
    lock.execute_unprepared("SELECT pg_advisory_xact_lock(7)").await.expect("nobody has it");
    socket.subscribe("late", WORKSPACE_EVENTS, json!({})).await;
    let held = async {
        while checks_held(&stage).await == 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(DEADLINE, held).await.expect("the check is under way");

    let before = stage.servers[at].app.hub.history();
    stage.sql(&format!("DELETE FROM events WHERE stream_kind = 'WORKSPACE' AND seq > {back_to}")).await;
    stage.sql(&format!("UPDATE streams SET seq = {back_to} WHERE kind = 'WORKSPACE'")).await;
    let noticed = async {
        while stage.servers[at].app.hub.history() == before {
            stage.servers[at].app.hub.look().await.expect("it answers");
        }
    };
    tokio::time::timeout(DEADLINE, noticed).await.expect("the server notices");
    // The connection is called for it, and asks again for itself before it takes the answer that it waits for.
    for _ in 0..5 {
        stage.sql("SELECT 1").await;
    }
    lock.rollback().await.expect("it lets go");

    company.register_asset("anew").await;
    let shown = async {
        loop {
            let message = socket.message().await;
            let event = &message["payload"]["data"]["workspaceEvents"];
            if message["id"] == "late" && text(&event["__typename"]) != "Resync" {
                return event.clone();
            }
        }
    };
    let event =
        tokio::time::timeout(DEADLINE, shown).await.expect("nothing of the new history is passed over");
    assert_eq!((&event["__typename"], seq(&event["eventCursor"])), (&json!("AssetRegistered"), back_to + 1));
    stage.close().await;
}
