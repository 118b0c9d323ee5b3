//! One event to all subscribers of one operation, against a loop that writes a ready-made frame to as many sockets.

use std::time::Duration;

use super::cores::Core;
use super::house::House;
use super::load::Expected;
use super::plan::Plan;
use super::report::{Line, Report};
use super::role::{Bare, Load};
use super::seed::{self, OPERATOR, REVIEWER};
use super::spread::Spread;
use super::{process, watching};

/// Lets what connecting has left behind come to rest.
const REST: Duration = Duration::from_secs(2);
const SHARE_WANTED: f64 = 0.7;

/// The sum of what was measured with one number of sockets.
#[derive(Default)]
struct Measured {
    served: Vec<f64>,
    limit: Vec<f64>,
    ratios: Vec<f64>,
    /// From the first delivery to the last.
    streak: Vec<f64>,
    cpu: f64,
    limit_cpu: f64,
    load_cpu: f64,
}

pub async fn measure(plan: &Plan, report: &mut Report) {
    let sizes: &[usize] = plan.size(&[1_000, 5_000, 19_000], &[50, 200]);
    let most = sizes[sizes.len() - 1];
    let house = House::new(plan.ground()).await;
    let server = house.serve(plan, Core::Measured, &["--socket-ping-seconds", "25"]);
    let office = seed::offices(&house, &server, 1).await.remove(0);
    let mut seats = seed::seats(&house, &[(&office, OPERATOR, most), (&office, OPERATOR, 1)]).await;
    let target = seats.pop().expect("both were seated").remove(0);
    let tokens = seed::tokens(&seats[0]);
    let (mut served, mut limit, bare) = (Load::start(), Load::start(), Bare::start());
    let mut open = 0;
    for &size in sizes {
        served.open(&server.address, &tokens[open..size], &[watching::WATCH]);
        limit.open_bare(&bare, size - open);
        open = size;
        tokio::time::sleep(REST).await;
        let expected = Expected { deliveries: size as u64, closings: 0, keep: true };
        let mut measured = Measured::default();
        for round in 0..plan.size(30, 4) {
            let role = if round % 2 == 0 { REVIEWER } else { OPERATOR };
            let before = (process::cpu(server.process), served.cpu());
            let struck = served.strike(watching::set_role(&server, &office, &target, role), expected);
            measured.cpu += process::cpu(server.process) - before.0;
            measured.load_cpu += served.cpu() - before.1;
            let frame = struck.kept.expect("the text was wanted");
            let before = process::cpu(bare.process());
            let bare_struck = limit.strike_bare(&frame, 1, expected);
            measured.limit_cpu += process::cpu(bare.process()) - before;
            measured.served.push(size as f64 / struck.last);
            measured.streak.push(size as f64 / (struck.last - struck.first));
            measured.limit.push(size as f64 / bare_struck.last);
            measured.ratios.push(bare_struck.last / struck.last);
        }
        tell(report, size, &measured);
    }
}

fn tell(report: &mut Report, size: usize, measured: &Measured) {
    let deliveries = (size * measured.served.len()) as f64;
    let microseconds = |seconds: f64| seconds / deliveries * 1e6;
    eprintln!(
        "  {size}: from the first delivery on {}; CPU per delivery {:.1} µs, the limit's {:.1}, the load's {:.1}",
        Spread::of(measured.streak.clone()).told("", 0),
        microseconds(measured.cpu),
        microseconds(measured.limit_cpu),
        microseconds(measured.load_cpu),
    );
    let ratio = Spread::of(measured.ratios.clone());
    report.add(
        "fanout",
        Line {
            what: format!("one event to {size} subscribers, deliveries per second"),
            measured: Spread::of(measured.served.clone()).told("", 0),
            limit: format!("bare loop {}", Spread::of(measured.limit.clone()).told("", 0)),
            ratio: format!("{:.2}", ratio.median()),
            target: format!("ratio {SHARE_WANTED}"),
            reached: Some(ratio.median() >= SHARE_WANTED),
        },
    );
}
