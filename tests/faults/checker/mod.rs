//! Reads a run's record against the journal that it left, and says which of the seven points of docs/delivery.md do not
//! hold. Pure: it asks nobody and waits for nothing.
//!
//! Never lenient where something is known; where a client could not know (an answer that was lost), either is allowed.

mod actors;
mod coverage;
mod ending_tests;
mod grants;
mod ledger;
mod promptness;
mod readers;
mod rights;
mod role_tests;
mod samples;
mod sockets;
mod tests;
mod told;

use std::fmt;

pub use grants::word;
pub use promptness::late;
pub use told::unfollowed;

use super::record::{Journal, Micros, Record};

/// The seven points, in the order of docs/delivery.md.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Point {
    NothingWithOldRights = 1,
    NothingAfterTheBlock = 2,
    ReadersSawTheJournal = 3,
    AcknowledgedOnce = 4,
    NothingByTheBlocked = 5,
    AllDeliveredInTime = 6,
    EveryFaultMetWork = 7,
}

/// Something that must not have happened, with the records that show it.
#[derive(Clone, Debug)]
pub struct Violation {
    pub point: Point,
    pub text: String,
}

impl Violation {
    fn new(point: Point, text: impl Into<String>) -> Self {
        Self { point, text: text.into() }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "point {} ({:?}): {}", self.point as u8, self.point, self.text)
    }
}

/// What a run has promised beside the points themselves.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    /// How long after the last fault everything has to have arrived.
    pub delivered_within: Micros,
    /// The kinds of fault that have to have happened.
    pub faults: &'static [&'static str],
}

/// Who was let in with rights that were taken away.
pub fn let_in(record: &Record, journal: &Journal) -> Vec<Violation> {
    rights::check(record, journal)
}

/// Everything that does not hold, by point.
pub fn check(record: &Record, journal: &Journal, terms: Terms) -> Vec<Violation> {
    let mut found = rights::check(record, journal);
    found.extend(sockets::check(record, journal));
    found.extend(readers::check(record, journal));
    found.extend(ledger::check(record, journal));
    found.extend(actors::check(record, journal));
    found.extend(told::check(record, journal));
    found.extend(promptness::check(record, journal, terms.delivered_within));
    found.extend(coverage::check(record, terms.faults));
    found.sort_by_key(|violation| violation.point);
    found
}
