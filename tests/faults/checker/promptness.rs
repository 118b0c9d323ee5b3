//! Point 6: after the last fault everything is delivered in time: to each reader that stays, all that it is to see; and
//! to each socket whose session has ended, the end.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::readers::View;
use super::sockets::end_of;
use super::{Point, Violation};
use crate::faults::record::{Heard, Journal, Micros, Outcome, ReaderId, Record, SECOND};

pub(super) fn check(record: &Record, journal: &Journal, within: Micros) -> Vec<Violation> {
    let found = late(record, journal, within);
    found.into_iter().map(|text| Violation::new(Point::AllDeliveredInTime, text)).collect()
}

/// What has not arrived within this time after the last fault, or after it was acknowledged.
pub fn late(record: &Record, journal: &Journal, within: Micros) -> Vec<String> {
    let known = acknowledgements(record);
    let readers =
        (0..record.readers.len()).filter_map(|at| unseen(record, journal, ReaderId(at), (&known, within)));
    readers.chain(open_too_long(record, journal, within)).collect()
}

/// When each number was first acknowledged to somebody.
fn acknowledgements(record: &Record) -> BTreeMap<(Uuid, i64), Micros> {
    let mut known = BTreeMap::new();
    for ask in &record.asks {
        let (Outcome::Done(Some(seq)), Some(stream)) = (&ask.outcome, record.workspace_of(ask.by)) else {
            continue;
        };
        let at = known.entry((stream, *seq)).or_insert(ask.ended);
        *at = ask.ended.min(*at);
    }
    known
}

type Known<'a> = (&'a BTreeMap<(Uuid, i64), Micros>, Micros);

/// The first thing that a reader should have seen, and has not or too late.
fn unseen(record: &Record, journal: &Journal, id: ReaderId, (known, within): Known<'_>) -> Option<String> {
    let reader = &record.readers[id.0];
    if !reader.stays {
        return None;
    }
    let (mut after, mut seen) = (reader.first, BTreeMap::new());
    for (_, at, heard) in record.heard_by(id) {
        match heard {
            Heard::Resync { seq, .. } => (after, seen) = (*seq, BTreeMap::new()),
            Heard::Event { seq, .. } => _ = seen.entry(*seq).or_insert(at),
            _ => {}
        }
    }
    let view = View::of(reader, journal);
    let settled = record.settled.get(&reader.stream).copied().unwrap_or(i64::MAX);
    for event in journal.after(reader.stream, after).iter().filter(|event| view.must_see(event)) {
        if event.seq > settled {
            break;
        }
        // What nobody was told of is there at the latest when the work ended.
        let known = known.get(&(reader.stream, event.seq)).copied().unwrap_or(record.stopped_at);
        let due = record.healed_at.max(known) + within;
        match seen.get(&event.seq) {
            None => {
                return Some(format!(
                    "{} never saw number {} ({}){}",
                    reader.name,
                    event.seq,
                    event.kind,
                    last_sockets(record, id)
                ));
            }
            Some(at) if *at > due => {
                let late = (at - due) as f64 / SECOND as f64;
                return Some(format!(
                    "{} saw number {} ({}) {late:.3} s too late",
                    reader.name, event.seq, event.kind
                ));
            }
            Some(_) => {}
        }
    }
    None
}

/// How a reader fared at last.
fn last_sockets(record: &Record, id: ReaderId) -> String {
    let sockets: Vec<_> = record.sockets.iter().filter(|socket| socket.reader == Some(id)).collect();
    let last = &sockets[sockets.len().saturating_sub(3)..];
    let told = last.iter().map(|socket| {
        let crate::faults::record::Socket { server, begun, acknowledged, heard, closed, .. } = socket;
        let heard = heard.last();
        format!("\n  at server {server} from {begun} µs, let in {acknowledged:?}, heard last {heard:?}, closed {closed:?}")
    });
    told.collect()
}

/// Sockets that live on without their session.
fn open_too_long(record: &Record, journal: &Journal, within: Micros) -> Vec<String> {
    let mut found = Vec::new();
    for socket in record.sockets.iter().filter(|socket| socket.acknowledged.is_some()) {
        let Some(end) = end_of(record, journal, socket.by) else { continue };
        let due = record.healed_at.max(record.stopped_at) + within;
        if socket.closed.is_none_or(|(at, _)| at > due) {
            found.push(format!(
                "a socket of server {}, opened at {} µs, outlived its session, which ended with number {} ({})",
                socket.server, socket.begun, end.seq, end.kind
            ));
        }
    }
    found
}
