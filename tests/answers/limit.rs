//! How many idempotency keys a person or an API key may have at a time.

use futures_util::future::join_all;
use rollcall::access::answers::{self, Claimed, KeyLimit, KeyedCall};
use rollcall::primitives::idempotency::Digest;
use rollcall::primitives::ids::AccountId;
use serde_json::json;
use uuid::Uuid;

use super::keys::{code, company, count, keyed};
use crate::on_both_stages;
use crate::support::app::Stage;
use crate::support::cast::REGISTER_ASSET;

const MOST: i64 = 5;
const LIMIT: KeyLimit = KeyLimit { keys_max: 5 };
const HELD: &str = "SELECT COALESCE(SUM(held), 0) AS it FROM answer_holders";
const STORED: &str = "SELECT COUNT(*) AS it FROM answers";

fn call(holder: Uuid, number: usize) -> KeyedCall {
    KeyedCall {
        // Another session for each: they count together all the same.
        credential: Uuid::now_v7(),
        holder,
        key: Digest::of(&[&number.to_be_bytes()]),
        body: Digest::of(&[b"body"]),
        account: AccountId::new(),
        workspace: None,
    }
}

async fn claim(stage: &Stage, call: &KeyedCall) -> Claimed {
    let server = if call.key.as_bytes()[0].is_multiple_of(2) { stage.here() } else { stage.elsewhere() };
    answers::claim(&server.app.gate, LIMIT, call).await.expect("it answers")
}

async fn sum(stage: &Stage, sql: &str) -> i64 {
    let row = stage.sql(&format!("SELECT CAST(it AS bigint) AS it FROM ({sql}) t")).await.remove(0);
    row.try_get("", "it").expect("a number")
}

on_both_stages! {
    /// LIF-6: of many that come at once, on whatever server, exactly as many are taken as the limit lets.
    async fn lif_6_many_keys_at_once_make_exactly_as_many_as_the_limit(stage) {
        let (one, other) = (Uuid::now_v7(), Uuid::now_v7());
        let calls: Vec<KeyedCall> = (0..24).map(|number| call(one, number)).collect();
        let claimed = join_all(calls.iter().map(|call| claim(stage, call))).await;
        let (mine, none): (Vec<_>, Vec<_>) = claimed.iter().partition(|claimed| matches!(claimed, Claimed::Mine(_)));
        assert_eq!((mine.len(), sum(stage, HELD).await, count(stage, STORED).await), (5, MOST, MOST));
        assert!(none.iter().all(|claimed| **claimed == Claimed::NoneFree { retry_after_seconds: 24 * 3600 }), "{none:?}");
        assert!(matches!(claim(stage, &call(other, 1)).await, Claimed::Mine(_)), "another one's are counted apart");
        // A key that is known is answered as ever; one whose call failed is free for another.
        let known = calls.iter().zip(&claimed).find(|(_, claimed)| matches!(claimed, Claimed::Mine(_))).expect("one");
        assert_eq!(claim(stage, known.0).await, Claimed::UnderWay);
        let Claimed::Mine(run) = known.1 else { panic!("not mine") };
        answers::release(&stage.here().app.gate, *run).await.expect("it answers");
        assert!(matches!(claim(stage, &call(one, 100)).await, Claimed::Mine(_)));
        assert!(matches!(claim(stage, &call(one, 101)).await, Claimed::NoneFree { .. }));
    }

    /// LIF-6: what is over is in nobody's way, whether or not the job has come by; and the job counts it out.
    async fn lif_6_keys_whose_day_is_over_make_room(stage) {
        let holder = Uuid::now_v7();
        for number in 0..5 {
            assert!(matches!(claim(stage, &call(holder, number)).await, Claimed::Mine(_)));
            stage.clock.advance_seconds(60);
        }
        let full = claim(stage, &call(holder, 5)).await;
        assert_eq!(full, Claimed::NoneFree { retry_after_seconds: 24 * 3600 - 300 });
        stage.clock.advance_seconds(24 * 3600 - 300);
        assert!(matches!(claim(stage, &call(holder, 6)).await, Claimed::Mine(_)));
        assert!(matches!(claim(stage, &call(holder, 7)).await, Claimed::NoneFree { .. }));
        stage.advance_hours(24);
        let (here, elsewhere) = (&stage.here().app.gate, &stage.elsewhere().app.gate);
        let (one, other) = tokio::join!(answers::purge(here), answers::purge(elsewhere));
        assert_eq!(one.expect("it purges") + other.expect("it purges"), 5);
        assert_eq!((sum(stage, HELD).await, count(stage, "SELECT COUNT(*) AS it FROM answer_holders").await), (0, 0));
    }

    /// LIF-6: over HTTP: refused with the way out, changes nothing; known keys answer, and without a key it goes through.
    async fn lif_6_a_key_too_many_is_refused_with_the_way_out(stage) {
        let (admin, _) = company(stage).await;
        let again = stage.take_seat(&admin.person, &admin.workspace_id).await;
        let asset = |name: &str| (REGISTER_ASSET, json!({ "input": { "kind": "FLOW", "name": name, "externalId": name } }));
        let (_, first) = keyed(stage, stage.here(), (Some(&admin.token), "one"), asset("one")).await;
        assert_eq!(first["data"]["registerAsset"]["userErrors"], json!([]), "{first:#}");
        // As after so many calls.
        stage.execute("UPDATE answer_holders SET held = 10000").await;
        // Another session of the same person has no more of them.
        for token in [&admin.token, &again.token] {
            let (status, refused) = keyed(stage, stage.elsewhere(), (Some(token), "two"), asset("two")).await;
            assert_eq!((status, code(&refused)), (429, "RATE_LIMITED"), "{refused:#}");
            assert_eq!(refused["errors"][0]["extensions"]["retryAfterSeconds"], 24 * 3600);
            let message = refused["errors"][0]["message"].as_str().expect("text");
            assert!(message.contains("without a key") && message.contains("ROLLCALL_IDEMPOTENCY_KEYS_MAX"), "{message}");
        }
        assert_eq!(count(stage, "SELECT COUNT(*) AS it FROM events WHERE type = 'AssetRegistered'").await, 1);
        assert_eq!(keyed(stage, stage.elsewhere(), (Some(&admin.token), "one"), asset("one")).await.1, first);
        let key = stage.api_key(&admin).await;
        let (_, by_key) = keyed(stage, stage.here(), (Some(&key), "two"), asset("two")).await;
        assert_eq!(by_key["data"]["registerAsset"]["userErrors"], json!([]), "an API key has keys of its own");
        stage.done(Some(&admin.token), REGISTER_ASSET, json!({ "kind": "FLOW", "name": "x", "externalId": "x" })).await;
    }
}

/// LIF-6: the limit is the operator's.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lif_6_the_operator_sets_how_many_keys_there_may_be() {
    let stage = Stage::sqlite_with(|config| config.key_limits.idempotency_keys_max = 2).await;
    let (admin, _) = company(&stage).await;
    let mut statuses = Vec::new();
    for name in ["one", "two", "three"] {
        let input = json!({ "input": { "kind": "FLOW", "name": name, "externalId": name } });
        let (status, _) =
            keyed(&stage, stage.here(), (Some(&admin.token), name), (REGISTER_ASSET, input)).await;
        statuses.push(status);
    }
    assert_eq!(statuses, [200, 200, 429]);
    stage.close().await;
}
