//! An event for one member: does it cost more, the more others there are?

use std::time::{Duration, Instant};

use super::cores::Core;
use super::house::{House, Server};
use super::load::Expected;
use super::plan::Plan;
use super::report::{Line, Report};
use super::role::{Bare, Load};
use super::seed::{self, DEVELOPER, OPERATOR, Office, Seat};
use super::spread::Spread;
use super::{process, watching};

const REST: Duration = Duration::from_secs(3);
const TIMES_MORE_MAX: f64 = 2.0;

/// What one event took with so many sockets.
struct Measured {
    times: Spread,
    /// Of the server, in seconds for each event, without what it uses when nothing happens.
    cpu: f64,
    limit: Spread,
}

pub async fn measure(plan: &Plan, report: &mut Report) {
    let (few, many) = plan.size((1_000, 19_000), (50, 200));
    let house = House::new(plan.ground()).await;
    let server = house.serve(plan, Core::Measured, &["--socket-ping-seconds", "25"]);
    let office = seed::offices(&house, &server, 1).await.remove(0);
    let assets = seed::assets(&server, &office, 2).await;
    let mut seats = seed::seats(&house, &[(&office, OPERATOR, many), (&office, DEVELOPER, 1)]).await;
    let target = seats.pop().expect("both were seated").remove(0);
    let tokens = seed::tokens(&seats[0]);
    let scene = Scene { server, office, target, assets, rounds: plan.size(300, 10) };
    let (mut load, mut limit, bare) = (Load::start(), Load::start(), Bare::start());
    limit.open_bare(&bare, 1);
    load.open(&scene.server.address, std::slice::from_ref(&scene.target.token), &[watching::WATCH]);
    load.open(&scene.server.address, &tokens[..few], &[watching::WATCH]);
    let among_few = scene.measure(&mut load, &mut limit).await;
    load.open(&scene.server.address, &tokens[few..], &[watching::WATCH]);
    let among_many = scene.measure(&mut load, &mut limit).await;
    let line = |what: &str, one: f64, other: f64, limit: &Spread| Line {
        what: format!("an event for one member among {many} sockets and among {few}, {what}"),
        measured: format!("{:.2} ms and {:.2} ms", other * 1e3, one * 1e3),
        limit: format!("one frame by the bare loop {}", limit.map(|it| it * 1e3).told(" ms", 2)),
        ratio: format!("{:.2}", other / one),
        target: format!("ratio {TIMES_MORE_MAX:.0}"),
        reached: Some(other / one <= TIMES_MORE_MAX),
    };
    let (few, many) = (among_few.times.median(), among_many.times.median());
    report.add("alone", line("request to delivery, p50", few, many, &among_many.limit));
    report.add("alone", line("CPU of the server", among_few.cpu, among_many.cpu, &among_many.limit));
}

struct Scene {
    server: Server,
    office: Office,
    target: Seat,
    assets: Vec<String>,
    rounds: usize,
}

impl Scene {
    async fn measure(&self, load: &mut Load, limit: &mut Load) -> Measured {
        tokio::time::sleep(REST).await;
        let idle = self.cpu_while_idle().await;
        let (mut times, mut limits, mut cpu) = (Vec::new(), Vec::new(), 0.0);
        for round in 0..self.rounds {
            let asset = &self.assets[round % self.assets.len()];
            let request = watching::assign(&self.server, &self.office, &self.target, asset);
            let expected = Expected { deliveries: 1, closings: 0, keep: true };
            let (before, began) = (process::cpu(self.server.process), Instant::now());
            let struck = load.strike(request, expected);
            cpu += process::cpu(self.server.process) - before - idle * began.elapsed().as_secs_f64();
            times.push(struck.last);
            let frame = struck.kept.expect("the text was wanted");
            limits.push(limit.strike_bare(&frame, 1, Expected { keep: false, ..expected }).last);
        }
        Measured { times: Spread::of(times), cpu: cpu / self.rounds as f64, limit: Spread::of(limits) }
    }

    /// Seconds of CPU in a second without events.
    async fn cpu_while_idle(&self) -> f64 {
        let (before, began) = (process::cpu(self.server.process), Instant::now());
        tokio::time::sleep(REST).await;
        (process::cpu(self.server.process) - before) / began.elapsed().as_secs_f64()
    }
}
