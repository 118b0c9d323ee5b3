//! Point 3: each subscriber's record is exactly the journal filtered by its audience, from its first cursor on, across
//! reconnects; and the journal's numbers are 1, 2, 3 … without gaps. Only a database that was set back may break it off,
//! and then every subscriber that had seen more than the copy holds was told to begin anew.

use rollcall::platform::journal::{Effect, Event, Subject};
use rollcall::primitives::actor::Audience;
use uuid::Uuid;

use super::{Point, Violation};
use crate::faults::record::{Heard, Journal, Micros, Reader, ReaderId, Record, Sight};

pub(super) fn check(record: &Record, journal: &Journal) -> Vec<Violation> {
    let gaps = journal.0.iter().filter_map(|(stream, events)| gap(*stream, events));
    let readers = (0..record.readers.len()).flat_map(|at| read_wrong(record, journal, ReaderId(at)));
    gaps.chain(readers).map(|text| Violation::new(Point::ReadersSawTheJournal, text)).collect()
}

fn gap(stream: Uuid, events: &[Event]) -> Option<String> {
    let (expected, event) = (1..).zip(events).find(|(expected, event)| event.seq != *expected)?;
    Some(format!("stream {stream} has no number {expected}; {} comes next", event.seq))
}

/// An unbroken piece of what a reader was told.
struct Piece {
    /// It begins after this number.
    after: i64,
    seen: Vec<(Micros, i64, Uuid)>,
}

fn read_wrong(record: &Record, journal: &Journal, id: ReaderId) -> Vec<String> {
    let reader = &record.readers[id.0];
    let mut wrong = Vec::new();
    let mut pieces = vec![Piece { after: reader.first, seen: Vec::new() }];
    for (socket, at, heard) in record.heard_by(id) {
        match heard {
            Heard::Event { seq, id } => {
                pieces.last_mut().expect("there is one").seen.push((at, *seq, *id));
            }
            Heard::Resync { reason, seq } => {
                if record.rewound.as_ref().is_none_or(|rewind| at < rewind.at) {
                    wrong.push(format!(
                        "{} was told to begin anew ({reason}) at {at} µs by server {} for no reason",
                        reader.name, socket.server
                    ));
                }
                pieces.push(Piece { after: *seq, seen: Vec::new() });
            }
            _ => {}
        }
    }
    match &record.rewound {
        None => wrong.extend(pieces.last().and_then(|piece| compare(reader, journal, piece))),
        Some(rewind) => {
            let last = pieces.pop().expect("there is one");
            // Whoever left before has not met the copy.
            if !reader.stays && last.seen.iter().all(|(at, ..)| *at < rewind.at) {
                return wrong;
            }
            let copied = rewind.heads.get(&reader.stream).copied().unwrap_or_default();
            let beyond = last.seen.iter().any(|(at, seq, _)| *at < rewind.at && *seq > copied);
            if beyond {
                wrong.push(format!(
                    "{} had seen more than number {copied}, the last of the copy, and was never told to begin anew",
                    reader.name
                ));
            }
            wrong.extend(compare(reader, journal, &last));
        }
    }
    wrong
}

/// The first difference between what was seen and what was to be seen.
fn compare(reader: &Reader, journal: &Journal, piece: &Piece) -> Option<String> {
    let view = View::of(reader, journal);
    let mut seen = piece.seen.iter().peekable();
    for event in journal.after(reader.stream, piece.after) {
        match seen.peek() {
            Some((at, seq, id)) if *seq == event.seq => {
                if *id != event.id.as_uuid() || !view.may_see(event) {
                    return Some(format!(
                        "{} was shown number {seq} as {id} at {at} µs; the journal has {} {} for {:?} there",
                        reader.name,
                        event.kind,
                        event.id.as_uuid(),
                        event.audience
                    ));
                }
                seen.next();
            }
            // Whether anything is missing at the end is for point 6.
            None => return None,
            Some((at, seq, _)) if view.must_see(event) => {
                return Some(format!(
                    "{} saw number {seq} at {at} µs where {} ({}) was next",
                    reader.name, event.seq, event.kind
                ));
            }
            Some(_) => {}
        }
    }
    let (at, seq, id) = seen.next()?;
    Some(format!(
        "{} saw number {seq} ({id}) at {at} µs, again or out of order or out of nowhere",
        reader.name
    ))
}

/// What a reader may see of its stream.
pub(super) struct View {
    sight: Sight,
    /// Where the member became an admin or ceased to be one, in order; before the first number there is `admin`.
    changes: Vec<(i64, bool)>,
}

impl View {
    pub(super) fn of(reader: &Reader, journal: &Journal) -> Self {
        let (own, admin) = match reader.sight {
            Sight::Member { member, admin, .. } => (Some(member), admin),
            Sight::Account(_) => (None, false),
        };
        let changes = journal.stream(reader.stream).iter().filter_map(|event| match &event.effect {
            Some(Effect::ChangeMemberRights { member, rights }) if Some(member.as_uuid()) == own => {
                Some((event.seq, rights.admin))
            }
            _ => None,
        });
        Self { sight: reader.sight, changes: std::iter::once((0, admin)).chain(changes).collect() }
    }

    /// Could it be shown the event under some rights that it has had since?
    fn may_see(&self, event: &Event) -> bool {
        self.under(event, self.rights_since(event).contains(&true))
    }

    /// Must it be shown the event, under all rights that it has had since?
    pub(super) fn must_see(&self, event: &Event) -> bool {
        self.under(event, !self.rights_since(event).contains(&false))
    }

    fn under(&self, event: &Event, admin: bool) -> bool {
        match self.sight {
            Sight::Account(account) => subject(event) == Some(account),
            Sight::Member { member, joined, .. } => {
                (admin || event.seq >= joined) && meant_for(event, member, admin)
            }
        }
    }

    /// Is the member an admin: as of the event, and at each change after it?
    fn rights_since(&self, event: &Event) -> Vec<bool> {
        let later = self.changes.partition_point(|(seq, _)| *seq <= event.seq);
        self.changes[later.saturating_sub(1)..].iter().map(|(_, admin)| *admin).collect()
    }
}

fn meant_for(event: &Event, member: Uuid, admin: bool) -> bool {
    let about = subject(event) == Some(member);
    match event.audience {
        Audience::Members => true,
        Audience::Admins => admin,
        Audience::AdminsAndSubject => admin || about,
        Audience::Subject => about,
    }
}

pub(super) fn subject(event: &Event) -> Option<Uuid> {
    event.subject.map(|subject| match subject {
        Subject::Member(member) => member.as_uuid(),
        Subject::Account(account) => account.as_uuid(),
    })
}
