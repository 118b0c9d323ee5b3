//! A database that is set back under running servers, as when a backup is restored: what was acknowledged since the
//! copy is gone, and every subscriber that has seen more than it holds must be told to begin anew. Then the operator says
//! so (`rollcall restored`), and nobody is in any more.
//!
//! Apart from the random faults, because what was acknowledged may vanish here and nowhere else.

use std::time::Duration;

use serde_json::json;
use tokio::time::Instant;

use super::checker::{self, Violation};
use super::clients::World;
use super::clients::cast::Seat;
use super::clients::drill::ask_once;
use super::clients::line::{Line, Step};
use super::cluster::{Cluster, Making};
use super::proxy::{Cut, Proxy};
use super::record::{Ask, Heard, Journal, Outcome, ReaderId, Record, Rewind, What};
use super::run::{Ended, Plan, Stage};
use crate::support::binary;
use crate::support::cast::{BLOCK, UNBLOCK};

/// How long subscribers may take to be told. The checker decides by the record; this only ends the waiting.
const TOLD_MAX: Duration = Duration::from_secs(8);

/// The lease must not do what the look at the heads has to: sockets outlast the time that the copying takes.
pub const MAKING: Making = Making { servers: 3, lease_ms: 30_000, planted: None };

pub async fn run(cluster: Cluster, plan: Plan) -> Ended {
    let mut stage = Stage::set(&cluster, plan.seed).await;
    let clients = stage.open(plan).await;
    let seats: Vec<Seat> = clients.admins_and_one_drilled();
    stage.world.recorder.with().since = stage.heads().await;
    let working = clients.begin(&stage.world, plan);
    let half = Duration::from_secs(plan.seconds.div_ceil(2));
    tokio::time::sleep(half).await;
    back_up(&cluster).await;
    tokio::time::sleep(half).await;
    stage.stop_work(working).await;
    stage.wait_until_read(plan.terms).await;
    set_back(&cluster, &stage).await;
    wait_until_told(&stage).await;
    go_on(&stage, &seats).await;
    stage.healed();
    let world = stage.world.clone();
    let mut ended = stage.end(plan.terms, &cluster).await;
    ended.violations.extend(say_restored(&cluster, &world, &seats, &ended.journal).await);
    ended
}

/// The operator says that a backup was brought back, as the runbook has it: from then on nobody is in any more, on any
/// server, and every window is told.
async fn say_restored(cluster: &Cluster, world: &World, seats: &[Seat], journal: &Journal) -> Vec<Violation> {
    let mut windows = Vec::new();
    for (at, seat) in seats.iter().enumerate() {
        for token in [&seat.token, &seat.person.phone] {
            // Whoever was put out last has no window.
            windows.extend(Line::open(world, token, at % world.fronts.len(), None).await);
        }
    }
    assert!(!windows.is_empty(), "the admins are in");
    let begun = world.recorder.now();
    let (well, said) = binary::run(&["restored", "--database-url", &cluster.direct]).await;
    assert!(well, "{said}");
    let (ended, outcome) = (world.recorder.now(), Outcome::Done(None));
    let by = seats[0].token.id;
    world.recorder.with().asks.push(Ask { by, server: 0, what: What::Restore, begun, ended, outcome });
    for server in 0..world.fronts.len() {
        for seat in seats {
            ask_once(world, &seat.token, server, false).await;
            world
                .ask(server, &seat.person.phone, What::Read, ("{ viewer { account { id } } }", json!({})))
                .await;
        }
    }
    let told = tokio::time::timeout(TOLD_MAX, async {
        for window in &mut windows {
            loop {
                if let Step::Closed(code) = window.step().await {
                    assert_eq!(code, Some(4401), "a forced logout");
                    break;
                }
            }
        }
    });
    assert!(told.await.is_ok(), "a window outlived `rollcall restored`");
    checker::let_in(&world.recorder.with(), journal)
}

async fn back_up(cluster: &Cluster) {
    let mut postgres = cluster.postgres.as_ref().expect("there is a PostgreSQL").lock().await;
    tokio::task::block_in_place(|| {
        postgres.stop();
        postgres.back_up();
        postgres.start_again();
    });
}

async fn set_back(cluster: &Cluster, stage: &Stage) {
    let lines = || cluster.servers.iter().flat_map(|server| &server.to_database);
    lines().for_each(|line| line.cut(Cut::Both));
    lines().for_each(Proxy::reset);
    let mut postgres = cluster.postgres.as_ref().expect("there is a PostgreSQL").lock().await;
    tokio::task::block_in_place(|| {
        postgres.stop();
        postgres.set_back();
        postgres.start_again();
    });
    let rewind = Rewind { at: stage.world.recorder.now(), heads: stage.heads().await };
    stage.world.recorder.with().rewound = Some(rewind);
    lines().for_each(Proxy::mend);
}

/// Until everybody who has seen more than the copy holds was told to begin anew.
async fn wait_until_told(stage: &Stage) {
    let deadline = Instant::now() + TOLD_MAX;
    while Instant::now() < deadline && !all_told(&stage.world.recorder.with()) {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn all_told(record: &Record) -> bool {
    let rewind = record.rewound.as_ref().expect("it was set back");
    (0..record.readers.len()).filter(|at| record.readers[*at].stays).all(|at| {
        let copied = rewind.heads.get(&record.readers[at].stream).copied().unwrap_or_default();
        let heard: Vec<_> = record.heard_by(ReaderId(at)).collect();
        let beyond =
            heard.iter().any(|(_, _, heard)| matches!(heard, Heard::Event { seq, .. } if *seq > copied));
        let told = heard.iter().any(|(_, _, heard)| matches!(heard, Heard::Resync { .. }));
        told || !beyond
    })
}

/// Life goes on in the restored history.
async fn go_on(stage: &Stage, seats: &[Seat]) {
    let world = &stage.world;
    let [first, second, drilled] = seats else { panic!("two admins and one who is put out") };
    for number in 0..30 {
        let by = if number % 2 == 0 { first } else { second };
        ask_once(world, &by.token, number % world.fronts.len(), true).await;
    }
    let input = json!({ "input": { "memberId": drilled.member_id } });
    for server in 0..world.fronts.len() {
        world.ask(server, &first.token, What::Block(drilled.member), (BLOCK, input.clone())).await;
        world.ask(server, &second.token, What::Unblock(drilled.member), (UNBLOCK, input.clone())).await;
    }
}
