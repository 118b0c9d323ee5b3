//! The checker has to see what it is there to see: each planted bug is found, by the points named here.
//!
//! Built with the feature `planted-bugs` alone; `bin/faults --planted` runs it.

use std::collections::BTreeSet;

use rollcall::planted::Bug;

use super::checker::Point;
use super::cluster::{Cluster, Making};
use super::nemesis::ON_POSTGRES;
use super::run::{self, Ended, Plan};
use super::{aimed, rewound, terms};

/// A bug that so many seeds don't bring to light is not found.
const SEEDS: u64 = 5;

/// What a bug is looked for with.
#[derive(Clone, Copy, Debug)]
enum Scene {
    Random,
    Aimed,
    Rewound,
}

async fn play(scene: Scene, bug: Bug, seed: u64) -> Ended {
    let plan = Plan {
        seed,
        seconds: 12,
        offices: 1,
        drilled: 3,
        endings: false,
        hands: ON_POSTGRES,
        terms: terms(&[]),
    };
    let making = match scene {
        Scene::Rewound => rewound::MAKING,
        Scene::Random | Scene::Aimed => Making::default(),
    };
    let cluster = Cluster::postgres(Making { planted: Some(bug.name()), ..making }).await;
    match scene {
        Scene::Random => run::run(cluster, plan).await,
        Scene::Aimed => aimed::run(cluster, Plan { drilled: aimed::DRILLED, ..plan }).await,
        Scene::Rewound => rewound::run(cluster, Plan { seconds: 5, ..plan }).await,
    }
}

/// The bug is found, and by at least one of these points.
async fn is_found(bug: Bug, scene: Scene, by: &[Point]) {
    for seed in 1..=SEEDS {
        let ended = play(scene, bug, seed).await;
        let points: BTreeSet<Point> = ended.violations.iter().map(|found| found.point).collect();
        let first = ended.violations.iter().find(|found| by.contains(&found.point));
        eprintln!("{} ({scene:?}, seed {seed}): {points:?}", bug.name());
        if let Some(first) = first {
            eprintln!("{first}\n");
            return;
        }
    }
    panic!("{} was not found by {by:?} within {SEEDS} seeds", bug.name());
}

macro_rules! planted {
    ($($(#[$doc:meta])* $name:ident: $bug:ident, $scene:ident, $points:expr;)*) => { $(
        $(#[$doc])*
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            is_found(Bug::$bug, Scene::$scene, &$points).await;
        }
    )* };
}

planted! {
    an_allow_cache_of_a_second_is_found: AllowCache, Aimed, [Point::NothingWithOldRights];
    joining_a_batch_in_flight_is_found: JoinInFlight, Aimed, [Point::NothingWithOldRights];
    checking_before_attaching_is_found: CheckThenAttach, Aimed, [Point::NothingAfterTheBlock, Point::AllDeliveredInTime];
    locking_and_reading_in_one_statement_is_found: LockAndReadAtOnce, Aimed, [Point::NothingByTheBlocked];
    a_re_subscription_without_catch_up_is_found: ResubscribeAtHead, Random, [Point::ReadersSawTheJournal, Point::AllDeliveredInTime];
    numbers_from_a_sequence_are_found: NumbersFromSequence, Random, [Point::ReadersSawTheJournal, Point::AllDeliveredInTime];
    a_rewound_database_taken_for_the_old_history_is_found: RewindUnseen, Rewound, [Point::ReadersSawTheJournal];
}

#[test]
fn every_bug_is_looked_for() {
    let source = include_str!("planted.rs");
    for bug in Bug::ALL {
        let listed = format!(": {bug:?}, ");
        assert!(source.contains(&listed), "nobody looks for {bug:?}");
    }
}
