//! Point 7: every kind of fault did happen while work was going on.

use super::{Point, Violation};
use crate::faults::record::{Fault, Record};

pub(super) fn check(record: &Record, kinds: &[&str]) -> Vec<Violation> {
    let met_work =
        |fault: &&Fault| record.asks.iter().any(|ask| ask.begun <= fault.to && ask.ended >= fault.from);
    let missing = kinds.iter().filter(|kind| {
        !record.faults.iter().filter(|fault| fault.kind == **kind).any(|fault| met_work(&fault))
    });
    let text = |kind: &&str| format!("no fault of the kind \"{kind}\" met work under way");
    missing.map(|kind| Violation::new(Point::EveryFaultMetWork, text(kind))).collect()
}
