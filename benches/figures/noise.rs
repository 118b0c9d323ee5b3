//! Is the machine quiet enough? The limit against itself: what differs there is noise.

use super::load::Expected;
use super::plan::Plan;
use super::report::{Line, Report};
use super::role::{Bare, Load};
use super::spread::Spread;

/// How far two equal things may differ, and each from itself, before figures mean nothing.
const DIFFERENCE_MAX: f64 = 0.05;
const UNREST_MAX: f64 = 0.4;

pub fn measure(plan: &Plan, report: &mut Report) {
    let count = plan.size(5_000, 200);
    let (bare, mut load) = (Bare::start(), Load::start());
    load.open_bare(&bare, count);
    let frame = format!(r#"{{"id":"1","type":"next","payload":"{}"}}"#, "x".repeat(300));
    let expected = Expected { deliveries: count as u64, ..Expected::default() };
    let mut both = [Vec::new(), Vec::new()];
    for _ in 0..plan.size(40, 6) {
        for one in &mut both {
            one.push(count as f64 / load.strike_bare(&frame, 1, expected).last);
        }
    }
    let [one, other] = both.map(Spread::of);
    let ratio = one.median() / other.median();
    let quiet = (ratio - 1.0).abs() <= DIFFERENCE_MAX && one.unrest().max(other.unrest()) <= UNREST_MAX;
    if !quiet {
        println!("The machine is too noisy to compare: read the figures below as a smoke test.");
    }
    report.add(
        "noise",
        Line {
            what: format!("the limit against itself, {count} sockets, deliveries per second"),
            measured: one.told("", 0),
            limit: other.told("", 0),
            ratio: format!("{ratio:.2}"),
            target: format!("within {DIFFERENCE_MAX} of 1"),
            reached: Some(quiet),
        },
    );
}
