//! From an event's time, which is read before the commit, to its delivery on another server, with little load.

use std::time::Duration;

use rollcall::primitives::time::Timestamp;

use super::cores::Core;
use super::house::{Ground, House};
use super::limit::Limit;
use super::load::{Expected, Struck};
use super::plan::Plan;
use super::report::{Line, Report};
use super::role::Load;
use super::seed::{self, OPERATOR, REVIEWER};
use super::spread::Spread;
use super::watching;

const WATCHERS: usize = 10;
const PAUSE: Duration = Duration::from_millis(20);
const WITHIN: f64 = 0.003;

pub async fn measure(plan: &Plan, report: &mut Report) {
    let house = House::new(Ground::Postgres).await;
    let near = house.serve(plan, Core::Rest, &[]);
    let far = house.serve(plan, Core::Measured, &[]);
    let office = seed::offices(&house, &near, 1).await.remove(0);
    let mut seats = seed::seats(&house, &[(&office, OPERATOR, WATCHERS), (&office, OPERATOR, 1)]).await;
    let target = seats.pop().expect("both were seated").remove(0);
    let mut load = Load::start();
    load.open(&far.address, &seed::tokens(&seats[0]), &[watching::WATCH]);
    let mut limit = Limit::new(&house).await;
    let (mut times, mut limits) = (Vec::new(), Vec::new());
    for round in 0..plan.size(500, 20) {
        let role = if round % 2 == 0 { REVIEWER } else { OPERATOR };
        let expected = Expected { deliveries: WATCHERS as u64, closings: 0, keep: true };
        times.push(since_event(&load.strike(watching::set_role(&near, &office, &target, role), expected)));
        limits.push(limit.commit().await + limit.publish().await);
        tokio::time::sleep(PAUSE).await;
    }
    let (times, limits) = (Spread::of(times), Spread::of(limits));
    let told = |spread: &Spread| {
        format!("p50 {:.2} ms, p99 {:.2} ms", spread.median() * 1e3, spread.percentile(99) * 1e3)
    };
    report.add(
        "delivery",
        Line {
            what: format!("commit (begun) to delivery on another server, {WATCHERS} sockets"),
            measured: told(&times),
            limit: format!("commit of a row and a message through Redis {}", told(&limits)),
            ratio: format!("{:.1}", times.median() / limits.median()),
            target: format!("p50 {:.0} ms", WITHIN * 1e3),
            reached: Some(times.median() <= WITHIN),
        },
    );
}

/// Seconds from what the event says of itself to when the last one heard it.
fn since_event(struck: &Struck) -> f64 {
    let text = struck.kept.as_ref().expect("the text was wanted");
    let told: serde_json::Value = serde_json::from_str(text).expect("JSON");
    let occurred = told["payload"]["data"]["workspaceEvents"]["occurredAt"].as_str().expect("a time");
    let occurred = Timestamp::parse_rfc3339(occurred).expect("a time");
    (struck.kept_at - occurred.as_micros()) as f64 / 1e6
}
