//! One change that makes twenty events, to all who watch: what matters is that they leave in one write.

use std::time::Duration;

use super::cores::Core;
use super::house::House;
use super::load::Expected;
use super::plan::Plan;
use super::report::{Line, Report};
use super::role::{Bare, Load};
use super::seed::{self, ADMIN};
use super::spread::Spread;
use super::{process, watching};

const EVENTS: usize = 20;
const REST: Duration = Duration::from_secs(2);
const PAUSE: Duration = Duration::from_millis(300);
const RATE_WANTED: f64 = 500_000.0;

/// The server's settings: as many invitations as are needed, and a ping as in the figure of the memory.
pub const SETTINGS: &[&str] = &["--socket-ping-seconds", "25", "--invitations-per-hour-max", "1000000"];

pub async fn measure(plan: &Plan, report: &mut Report) {
    let size = plan.size(5_000, 100);
    let house = House::new(plan.ground()).await;
    let server = house.serve(plan, Core::Measured, SETTINGS);
    house.hold_mails_back().await;
    let office = seed::offices(&house, &server, 1).await.remove(0);
    let seats = seed::seats(&house, &[(&office, ADMIN, size)]).await.remove(0);
    let (mut served, mut limit, bare) = (Load::start(), Load::start(), Bare::start());
    served.open(&server.address, &seed::tokens(&seats), &[watching::WATCH]);
    limit.open_bare(&bare, size);
    tokio::time::sleep(REST).await;
    let deliveries = size * EVENTS;
    let expected = Expected { deliveries: deliveries as u64, closings: 0, keep: true };
    let (mut rates, mut limits, mut streaks, mut cpu) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..plan.size(20, 3) {
        let before = process::cpu(server.process);
        let struck = served.strike(watching::invite(&server, &office, EVENTS), expected);
        cpu.push(deliveries as f64 / (process::cpu(server.process) - before));
        rates.push(deliveries as f64 / struck.last);
        streaks.push(deliveries as f64 / (struck.last - struck.first));
        let frame = struck.kept.expect("the text was wanted");
        limits.push(deliveries as f64 / limit.strike_bare(&frame, EVENTS, expected).last);
        tokio::time::sleep(PAUSE).await;
    }
    let (rates, limits) = (Spread::of(rates), Spread::of(limits));
    eprintln!("  from the first delivery on {}", Spread::of(streaks).told("", 0));
    eprintln!("  deliveries per second of the server's CPU {}", Spread::of(cpu).told("", 0));
    report.add(
        "burst",
        Line {
            what: format!("{EVENTS} events of one change to {size} subscribers, deliveries per second"),
            measured: rates.told("", 0),
            limit: format!("bare loop, {EVENTS} frames in one write {}", limits.told("", 0)),
            ratio: format!("{:.2}", rates.median() / limits.median()),
            target: format!("{RATE_WANTED:.0} on one core"),
            reached: Some(rates.median() >= RATE_WANTED),
        },
    );
}
