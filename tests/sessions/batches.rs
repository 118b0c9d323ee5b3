//! Checks that arrive together share a statement (delivery.md, "The check on every request").

use std::sync::Arc;

use serde_json::json;

use crate::realtime::company::Company;
use crate::support::app::Stage;

const TOGETHER: usize = 64;
const ROUNDS: usize = 40;

fn counts(stage: &Stage) -> (u64, u64) {
    let figures = stage.here().app.gate.checker().figures();
    let own = figures.iter().find(|figures| figures.kind == "workspace_session").expect("it counts");
    (own.checks, own.statements)
}

/// Sixty-four requests at a time take at most one statement for ten of them, and nobody waits for company.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_requests_at_once_take_a_statement_for_ten_of_them_at_most() {
    let stage = Arc::new(Stage::postgres().await);
    let token = Company::found(&stage).await.member.token.clone();
    let before = counts(&stage);
    let asking = (0..TOGETHER).map(|_| {
        let (stage, token) = (Arc::clone(&stage), token.clone());
        tokio::spawn(async move {
            for _ in 0..ROUNDS {
                let answer = stage.ask(Some(&token), "{ __typename }", json!({})).await;
                assert_eq!(answer["data"]["__typename"], "Query", "{answer}");
            }
        })
    });
    futures_util::future::join_all(asking).await.into_iter().for_each(|asked| asked.expect("answered"));
    let after = counts(&stage);
    let (checks, statements) = (after.0 - before.0, after.1 - before.1);
    assert_eq!(checks, (TOGETHER * ROUNDS) as u64);
    eprintln!("{checks} checks, {statements} statements");
    assert!(statements * 10 <= checks, "{checks} checks took {statements} statements");
    // Alone, each has its own.
    for _ in 0..10 {
        stage.ask(Some(&token), "{ __typename }", json!({})).await;
    }
    assert_eq!(counts(&stage), (after.0 + 10, after.1 + 10));
    let figures = reqwest::get(format!("http://{}/metrics", stage.here().address)).await.expect("it answers");
    let figures = figures.text().await.expect("text");
    let line = format!("rollcall_checks_total{{kind=\"workspace_session\"}} {}\n", after.0 + 10);
    assert!(figures.contains(&line), "{figures}");
    for name in [
        "rollcall_check_statements_total{kind=\"api_key\"} 0",
        "rollcall_look_age_seconds ",
        "rollcall_feed_age_seconds ",
    ] {
        assert!(figures.contains(name), "{name}: {figures}");
    }
    Arc::into_inner(stage).expect("nobody asks any more").close().await;
}
