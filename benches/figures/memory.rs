//! What a subscriber costs in memory while nothing happens, and after much has happened.

use std::time::Duration;

use super::burst::SETTINGS;
use super::cores::Core;
use super::house::House;
use super::load::Expected;
use super::plan::Plan;
use super::process::resident_kib;
use super::report::{Line, Report};
use super::role::{Bare, Load};
use super::seed::{self, ADMIN};
use super::watching;

const EVENTS: usize = 20;
const IDLE_WANTED: f64 = 6.0;
const BURST_WANTED: f64 = 12.0;

pub async fn measure(plan: &Plan, report: &mut Report) {
    let size = plan.size(10_000, 200);
    // A ping comes every 25 s: each has had one.
    let idle = Duration::from_secs(plan.size(30, 3));
    let house = House::new(plan.ground()).await;
    let server = house.serve(plan, Core::Measured, SETTINGS);
    house.hold_mails_back().await;
    let office = seed::offices(&house, &server, 1).await.remove(0);
    let mut seats = seed::seats(&house, &[(&office, ADMIN, size), (&office, ADMIN, 100)]).await;
    // What the first connections make once isn't theirs.
    let (mut first, mut load, mut limit) = (Load::start(), Load::start(), Load::start());
    let warming = seats.pop().expect("both were seated");
    first.open(&server.address, &seed::tokens(&warming), &[watching::WATCH]);
    let empty = resident_kib(server.process);
    load.open(&server.address, &seed::tokens(&seats[0]), &[watching::WATCH]);
    let bare = Bare::start();
    let bare_empty = resident_kib(bare.process());
    limit.open_bare(&bare, size);
    tokio::time::sleep(idle).await;
    let each = |resident: f64, before: f64| (resident - before) / size as f64;
    let bare_idle = each(resident_kib(bare.process()), bare_empty);
    tell(report, ("after a ping", size), (each(resident_kib(server.process), empty), bare_idle), IDLE_WANTED);
    let expected = Expected { deliveries: (size * EVENTS) as u64, ..Expected::default() };
    load.strike(watching::invite(&server, &office, EVENTS), expected);
    tokio::time::sleep(Duration::from_secs(5)).await;
    let burst = each(resident_kib(server.process), empty);
    tell(report, ("after a burst of 20 events", size), (burst, bare_idle), BURST_WANTED);
}

fn tell(report: &mut Report, (when, size): (&str, usize), (measured, limit): (f64, f64), wanted: f64) {
    report.add(
        "memory",
        Line {
            what: format!("resident memory per subscriber, {when}, {size} subscribers"),
            measured: format!("{measured:.1} KiB"),
            limit: format!("bare loop {limit:.1} KiB"),
            ratio: String::new(),
            target: format!("{wanted:.0} KiB"),
            reached: Some(measured <= wanted),
        },
    );
}
