//! The proof of docs/delivery.md: the service as it is run, people at work on it, a nemesis that hurts its parts, and a
//! checker that reads afterwards what everybody did and saw. docs/faults.md tells how to run it longer.

mod aimed;
mod checker;
mod clients;
mod cluster;
mod dice;
mod nemesis;
#[cfg(feature = "planted-bugs")]
mod planted;
mod proxy;
mod record;
mod rewound;
mod run;
mod summary;

use self::checker::Terms;
use self::cluster::{Cluster, Making};
use self::nemesis::{Blow, ON_POSTGRES, ON_SQLITE};
use self::record::SECOND;
use self::run::Plan;

/// A number from the environment, for long runs and for running a seed again.
fn told(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{variable}: no number")))
}

const POSTGRES_FAULTS: &[&str] = &[
    Blow::KillServer.name(),
    Blow::FreezeServer.name(),
    Blow::CutDatabase.name(),
    Blow::CutRedis.name(),
    Blow::CutClients.name(),
    Blow::Reset.name(),
    Blow::RestartRedis.name(),
    Blow::FreezeRedis.name(),
    Blow::TerminateConnections.name(),
    Blow::RestartPostgres.name(),
];
const SQLITE_FAULTS: &[&str] =
    &[Blow::KillServer.name(), Blow::FreezeServer.name(), Blow::CutClients.name(), Blow::Reset.name()];

/// What a run is by itself: short, and patient with a machine that other tests are running on.
fn terms(faults: &'static [&'static str]) -> Terms {
    let seconds = told("ROLLCALL_FAULT_DELIVERED_WITHIN_SECONDS").unwrap_or(20);
    Terms { delivered_within: seconds * SECOND, faults }
}

/// EVT-2, EVT-4, EVT-5, REV-1, REV-2, REV-3, REV-4, BLK-2, WSP-5, WSP-10, SES-5, SES-7, DEL-1: nothing is lost, and nobody
/// acts with rights that were taken away, on three servers whose parts are killed, frozen, cut off and started anew.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_servers_keep_their_promises_under_faults() {
    let plan = Plan {
        seed: told("ROLLCALL_FAULT_SEED").unwrap_or(20_261_121),
        seconds: told("ROLLCALL_FAULT_SECONDS").unwrap_or(20),
        offices: 2,
        drilled: 3,
        endings: true,
        hands: ON_POSTGRES,
        terms: terms(POSTGRES_FAULTS),
    };
    eprintln!("seed {}", plan.seed);
    let ended = run::run(Cluster::postgres(Making::default()).await, plan).await;
    summary::judge(&ended);
}

/// EVT-2, EVT-4, EVT-6, REV-1, REV-3, REV-4, BLK-2, WSP-5, WSP-10, SES-5, SES-7: the same on one server with a SQLite file.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_server_on_sqlite_keeps_its_promises_under_faults() {
    let plan = Plan {
        seed: told("ROLLCALL_FAULT_SEED").unwrap_or(20_261_122),
        seconds: told("ROLLCALL_FAULT_SECONDS").unwrap_or(10),
        offices: 1,
        drilled: 3,
        endings: true,
        hands: ON_SQLITE,
        terms: terms(SQLITE_FAULTS),
    };
    eprintln!("seed {}", plan.seed);
    let ended = run::run(Cluster::sqlite().await, plan).await;
    summary::judge(&ended);
}

/// EVT-4: a database that was set back is not taken for the history that subscribers remember.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn subscribers_are_told_to_begin_anew_when_the_database_was_set_back() {
    let plan = Plan {
        seed: told("ROLLCALL_FAULT_SEED").unwrap_or(20_261_123),
        seconds: 5,
        offices: 1,
        drilled: 2,
        endings: false,
        hands: [&[], &[]],
        terms: terms(&[]),
    };
    eprintln!("seed {}", plan.seed);
    let ended = rewound::run(Cluster::postgres(rewound::MAKING).await, plan).await;
    summary::judge(&ended);
}

/// REV-1, REV-3, BLK-2: a block is answered while a check of the blocked is under way on a server that is cut off, and
/// while they write at every server.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_block_in_the_worst_of_moments_is_a_block() {
    let plan = Plan {
        seed: told("ROLLCALL_FAULT_SEED").unwrap_or(20_261_124),
        seconds: 0,
        offices: 1,
        drilled: aimed::DRILLED,
        endings: false,
        hands: [&[], &[]],
        terms: terms(&[aimed::CUT]),
    };
    eprintln!("seed {}", plan.seed);
    let ended = aimed::run(Cluster::postgres(Making::default()).await, plan).await;
    summary::judge(&ended);
}
