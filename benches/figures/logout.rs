//! From the answer of `blockMember` on one server to the forced logout of a socket on another.

use std::time::Duration;

use super::cores::Core;
use super::house::{Ground, House};
use super::limit::Limit;
use super::load::Expected;
use super::plan::Plan;
use super::report::{Line, Report};
use super::role::Load;
use super::seed::{self, ADMIN, OPERATOR, Office, Seat};
use super::spread::Spread;
use super::watching;

const REST: Duration = Duration::from_secs(2);
/// Lets the rest of a workspace be told before the next block.
const PAUSE: Duration = Duration::from_millis(50);

/// Many workspaces, in which few hear of a block.
pub async fn measure(plan: &Plan, report: &mut Report) {
    let (offices, rounds) = (plan.size(1_000, 10), plan.size(500, 20));
    scene(plan, report, &Case { name: "logout", offices, each: 10, role: OPERATOR, rounds, within: 0.020 })
        .await;
}

/// One workspace, in which everybody hears of each block.
pub async fn measure_crowd(plan: &Plan, report: &mut Report) {
    let (each, rounds) = (plan.size(10_000, 100), plan.size(200, 20));
    scene(plan, report, &Case { name: "crowd", offices: 1, each, role: ADMIN, rounds, within: 0.040 }).await;
}

struct Case {
    name: &'static str,
    offices: usize,
    /// Members of each workspace.
    each: usize,
    /// Admins all hear of each block; others hear of nothing.
    role: &'static str,
    rounds: usize,
    /// What 99 of 100 logouts may take, in seconds.
    within: f64,
}

impl Case {
    /// How many are told of a block: the one who is put out, and whoever watches as an admin and is still in.
    fn told(&self, number: usize) -> usize {
        if self.role == ADMIN { self.each - number } else { 1 }
    }
}

async fn scene(plan: &Plan, report: &mut Report, case: &Case) {
    let house = House::new(Ground::Postgres).await;
    let near = house.serve(plan, Core::Rest, &[]);
    let far = house.serve(plan, Core::Measured, &["--socket-ping-seconds", "25"]);
    let offices = seed::offices(&house, &near, case.offices).await;
    let wanted: Vec<(&Office, &str, usize)> =
        offices.iter().map(|office| (office, case.role, case.each)).collect();
    let seats = seed::seats(&house, &wanted).await;
    let mut load = Load::start();
    let tokens: Vec<String> = seats.iter().flat_map(|seats| seed::tokens(seats)).collect();
    load.open(&far.address, &tokens, &[watching::WATCH, watching::OWN]);
    tokio::time::sleep(REST).await;
    let mut limit = Limit::new(&house).await;
    let (mut logouts, mut whole, mut limits) = (Vec::new(), Vec::new(), Vec::new());
    for number in 0..case.rounds {
        let (office, victim) = victim(&offices, &seats, number);
        let expected = Expected { deliveries: case.told(number) as u64, closings: 1, keep: false };
        let struck = load.strike(watching::block(&near, office, victim), expected);
        logouts.push((struck.closed - struck.answered).max(0.0));
        whole.push(struck.closed);
        limits.push(limit.publish().await);
        tokio::time::sleep(PAUSE).await;
    }
    let (logouts, limits) = (Spread::of(logouts), Spread::of(limits));
    let milliseconds = |spread: &Spread, percent| spread.percentile(percent) * 1e3;
    eprintln!("  from the request on: {}", Spread::of(whole).map(|it| it * 1e3).told(" ms", 2));
    report.add(
        case.name,
        Line {
            what: format!(
                "block answered to forced logout on another server, {} sockets in {} workspaces",
                tokens.len(),
                case.offices
            ),
            measured: format!(
                "p50 {:.2} ms, p99 {:.2} ms",
                milliseconds(&logouts, 50),
                milliseconds(&logouts, 99)
            ),
            limit: format!(
                "Redis alone p50 {:.2} ms, p99 {:.2} ms",
                milliseconds(&limits, 50),
                milliseconds(&limits, 99)
            ),
            ratio: format!("{:.1}", logouts.percentile(99) / limits.percentile(99)),
            target: format!("p99 {:.0} ms", case.within * 1e3),
            reached: Some(logouts.percentile(99) <= case.within),
        },
    );
}

/// Another member each time, all over the workspaces.
fn victim<'a>(offices: &'a [Office], seats: &'a [Vec<Seat>], number: usize) -> (&'a Office, &'a Seat) {
    let office = number % offices.len();
    (&offices[office], &seats[office][number / offices.len()])
}
