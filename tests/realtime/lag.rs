//! What the dashboard shows of a subscriber who doesn't keep up (EVT-7).

use std::time::Duration;

use serde_json::json;

use super::company::{Company, WORKSPACE_EVENTS};
use crate::support::app::{DEADLINE, Server, Stage};
use crate::support::socket::Socket;

/// Returns when the figure is this one.
async fn until(server: &Server, wanted: u64) {
    let line = format!("rollcall_subscriber_lag_events {wanted}");
    let shown = async {
        loop {
            let figures =
                reqwest::get(format!("http://{}/metrics", server.address)).await.expect("it answers");
            if figures.text().await.expect("text").lines().any(|it| it == line) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(DEADLINE, shown).await.unwrap_or_else(|_| panic!("never: {line}"));
}

/// EVT-7: who reads is at the head; who takes nothing falls behind by every event, and counts until it is gone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn evt_7_the_figures_tell_how_far_the_furthest_behind_is() {
    let stage = Stage::sqlite_with(|config| config.socket_limits.socket_stall_seconds = 300).await;
    let (company, server) = (Company::found(&stage).await, stage.here());
    let cursor = company.cursor().await;
    let mut quick = Socket::open(server, &company.admin.token).await;
    quick.listen("all", WORKSPACE_EVENTS, json!({ "after": cursor })).await;
    let mut stuck = Socket::open(server, &company.admin.token).await;
    stuck.listen("all", WORKSPACE_EVENTS, json!({ "after": cursor })).await;
    until(server, 0).await;
    stuck.send_until_stuck(&json!({ "type": "ping", "payload": { "long": "x".repeat(60_000) } })).await;
    for number in 0..20 {
        company.register_asset(&number.to_string()).await;
        quick.next("all").await;
    }
    until(server, 20).await;
    drop(stuck);
    until(server, 0).await;
    stage.close().await;
}
