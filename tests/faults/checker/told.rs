//! What follows from an end: points 4 and 6 where one deed is told on several streams. A membership that was deleted is told
//! to its person, once; a workspace that was deleted or brought back to everybody in it; and an account that has ended is
//! taken out of every workspace, once, and is the last word of its own stream.

use std::collections::BTreeMap;

use rollcall::platform::journal::Event;
use rollcall::primitives::actor::Actor;
use rollcall::primitives::ids::split;
use uuid::Uuid;

use super::readers::subject;
use super::{Point, Violation};
use crate::faults::record::{Holder, Journal, Record};

pub(super) fn check(record: &Record, journal: &Journal) -> Vec<Violation> {
    // What was told of a history that is gone, nobody can count.
    if record.rewound.is_some() {
        return Vec::new();
    }
    let late = unfollowed(record, journal).into_iter();
    let late = late.map(|text| Violation::new(Point::AllDeliveredInTime, text));
    let twice = causeless(record, journal).into_iter();
    late.chain(twice.map(|text| Violation::new(Point::AcknowledgedOnce, text))).collect()
}

/// What an end still asks for.
pub fn unfollowed(record: &Record, journal: &Journal) -> Vec<String> {
    let owners = owners(record);
    let mut found = Vec::new();
    for event in all(journal) {
        let stream = event.stream.as_uuid();
        match event.kind.as_str() {
            "AccountDeletionBegun" => {
                let members = owners.iter().filter(|(_, account)| **account == stream);
                let left = members.filter(|(member, _)| endings_of(journal, **member) == 0);
                found.extend(left.map(|(member, _)| {
                    format!("account {stream} has ended, and its member {member} is in its workspace still")
                }));
                if journal.stream(stream).last().is_none_or(|last| last.kind != "AccountDeleted") {
                    found.push(format!(
                        "account {stream} has ended, and its stream goes on without its last word"
                    ));
                }
            }
            "MemberDeletedForever" => {
                let told =
                    subject(event).and_then(|member| Some((member, journal.0.get(owners.get(&member)?)?)));
                let missing = told.filter(|(member, told)| times(told, "MembershipDeleted", *member) == 0);
                found.extend(
                    missing.map(|(member, _)| format!("{member} was deleted for ever, and not told so")),
                );
            }
            _ => {}
        }
    }
    found
}

/// What was told, or done to a member, twice or for no reason.
fn causeless(record: &Record, journal: &Journal) -> Vec<String> {
    let owners = owners(record);
    let mut found = Vec::new();
    for (stream, events) in &journal.0 {
        for event in events {
            let Some(about) = about(event) else { continue };
            let (here, causes) = match event.kind.as_str() {
                "MembershipDeleted" => {
                    (times(events, &event.kind, about), count(journal, "MemberDeletedForever", about))
                }
                "MembershipWorkspaceDeleted" => (
                    times(events, &event.kind, about),
                    times(journal.stream(about), "WorkspaceDeleted", about),
                ),
                "MembershipWorkspaceRecovered" => (
                    times(events, &event.kind, about),
                    times(journal.stream(about), "WorkspaceRecovered", about),
                ),
                "MemberRemoved" if matches!(event.actor, Actor::Account(_)) => {
                    let ended = owners
                        .get(&about)
                        .map_or(0, |account| count_in(journal, *account, "AccountDeletionBegun"));
                    (endings_of(journal, about), ended)
                }
                _ => continue,
            };
            if here > causes {
                let (seq, kind) = (event.seq, &event.kind);
                found.push(format!(
                    "number {seq} ({kind}) of stream {stream}: {here} times, with {causes} reasons"
                ));
            }
        }
    }
    found
}

fn all(journal: &Journal) -> impl Iterator<Item = &Event> {
    journal.0.values().flatten()
}

/// Members whose account is known.
fn owners(record: &Record) -> BTreeMap<Uuid, Uuid> {
    let owners = record.credentials.iter().filter_map(|credential| {
        let Holder::Member { member, parent, .. } = credential.holder else { return None };
        match record.credential(parent).holder {
            Holder::Account { account, .. } => Some((member, account)),
            _ => None,
        }
    });
    owners.collect()
}

/// How often a member was taken out because their account ended.
fn endings_of(journal: &Journal, member: Uuid) -> usize {
    let by_account =
        |event: &&Event| event.kind == "MemberRemoved" && matches!(event.actor, Actor::Account(_));
    all(journal).filter(by_account).filter(|event| subject(event) == Some(member)).count()
}

fn times(events: &[Event], kind: &str, of: Uuid) -> usize {
    events.iter().filter(|event| event.kind == kind && about(event) == Some(of)).count()
}

fn count(journal: &Journal, kind: &str, of: Uuid) -> usize {
    journal.0.values().map(|events| times(events, kind, of)).sum()
}

fn count_in(journal: &Journal, stream: Uuid, kind: &str) -> usize {
    journal.stream(stream).iter().filter(|event| event.kind == kind).count()
}

/// The member or the workspace that is told of.
fn about(event: &Event) -> Option<Uuid> {
    let id = |path: &str| event.payload.pointer(path)?.as_str().and_then(id_of);
    match event.kind.as_str() {
        "MembershipDeleted" => id("/memberId"),
        "MembershipWorkspaceDeleted" | "MembershipWorkspaceRecovered" => id("/workspace"),
        "WorkspaceDeleted" | "WorkspaceRecovered" => Some(event.stream.as_uuid()),
        "MemberDeletedForever" | "MemberRemoved" => subject(event),
        _ => None,
    }
}

fn id_of(id: &str) -> Option<Uuid> {
    id.parse().ok().or_else(|| split(id).map(|(_, id)| id))
}
