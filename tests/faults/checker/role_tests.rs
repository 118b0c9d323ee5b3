//! The checker where roles change: what a role gives and gives no more, and a role that is gone.

use rollcall::platform::journal::Event;
use uuid::Uuid;

use super::samples::{
    ADA, BY_ADMIN, FAULT, READER, WORKSPACE, ask, event, given_role, journal, member, record, role_edited,
    shown, socket,
};
use super::{Point, Terms, Violation, check};
use crate::faults::record::{
    Credential, CredentialId, Heard, Holder, Outcome, Reader, ReaderId, Record, SECOND, Sight, What,
};

const TERMS: Terms = Terms { delivered_within: 5 * SECOND, faults: &[FAULT] };
const FIRST: Uuid = Uuid::from_u128(71);
const SECOND_EDIT: Uuid = Uuid::from_u128(72);
/// A session that Ada has since her last block.
const LATER: CredentialId = CredentialId(4);

fn edit(mark: Uuid) -> What {
    What::UpdateRole { role: super::samples::KEEPERS, mark }
}

/// 6: Ada gets a role that gives the right to manage assets. 7: it gives it no more. 8: again, and the answer was lost.
/// 9: the role is gone, and its successor gives nothing.
fn found(change: impl FnOnce(&mut Record, &mut Vec<Event>)) -> Vec<Violation> {
    let (mut record, mut journal) = (record(), journal());
    let parent = CredentialId(1);
    let holder = Holder::Member { workspace: WORKSPACE, member: ADA, session: Uuid::from_u128(33), parent };
    record.credentials.push(Credential { holder, issued_at: 550, floor: 5 });
    let done = |seq| Outcome::Done(Some(seq));
    record.asks.extend([
        ask(BY_ADMIN, What::SetRole { member: ADA, admin: false }, 610, done(6)),
        ask(BY_ADMIN, edit(FIRST), 700, done(7)),
        ask(BY_ADMIN, edit(SECOND_EDIT), 800, Outcome::Unknown),
        ask(BY_ADMIN, What::DeleteRole(super::samples::KEEPERS), 900, done(9)),
    ]);
    let events = journal.0.get_mut(&WORKSPACE).unwrap();
    events.extend([
        given_role(6),
        role_edited(7, "RoleUpdated", false, FIRST),
        role_edited(8, "RoleUpdated", true, SECOND_EDIT),
        role_edited(9, "RoleDeleted", false, FIRST),
    ]);
    record.sockets[1].heard.extend((6..=9).map(|seq| (1000, shown(seq))));
    change(&mut record, events);
    check(&record, &journal, TERMS)
}

fn points(change: impl FnOnce(&mut Record, &mut Vec<Event>)) -> Vec<Point> {
    let mut points: Vec<Point> = found(change).iter().map(|found| found.point).collect();
    points.dedup();
    points
}

#[test]
fn edits_of_roles_that_were_kept_pass() {
    let texts: Vec<String> = found(|_, _| {}).iter().map(ToString::to_string).collect();
    assert_eq!(texts, [""; 0]);
}

#[test]
fn point_1_what_a_role_gives_no_more_is_found_to_be_used() {
    let used = |what: What, begun| {
        points(|record, _| record.asks.push(ask(LATER, what, begun, Outcome::Done(None))))
            .contains(&Point::NothingWithOldRights)
    };
    assert!(!used(What::RegisterAsset, 690), "the role gives it");
    assert!(used(What::RegisterAsset, 720), "the role gives it no more");
    assert!(!used(What::RegisterAsset, 705), "it had begun before the answer");
    assert!(!used(What::RegisterAsset, 795), "it may have met the next edit, whose answer was lost");
    assert!(used(What::RegisterAsset, 920), "the role is gone");
    assert!(used(What::CreateKey, 720), "no role of a workspace's own makes an admin");
    assert!(!used(What::Read, 920), "everybody may read");
}

#[test]
fn point_2_a_window_that_is_not_told_of_other_rights_is_found() {
    let window = |told: Option<u64>| {
        points(|record, _| {
            let sight = Sight::Member { member: ADA, admin: false, joined: 0 };
            let reader = Reader { name: "Ada".into(), stream: WORKSPACE, sight, first: 5, stays: false };
            record.readers.push(reader);
            let mut own = socket(LATER, 600, Some(ReaderId(READER.0 + 1)));
            own.heard = vec![(650, shown(6)), (720, shown(7))];
            own.heard.splice(1..1, told.map(|at| (at, Heard::RightsChanged)));
            record.sockets.push(own);
        })
    };
    assert_eq!(window(Some(715)), []);
    assert_eq!(window(None), [Point::NothingAfterTheBlock]);
    assert_eq!(window(Some(690)), [Point::NothingAfterTheBlock], "that was of something before");
}

#[test]
fn point_4_an_edit_that_is_lost_or_there_twice_is_found() {
    let lost = points(|record, _| {
        let edited = edit(Uuid::from_u128(73));
        record.asks.push(ask(BY_ADMIN, edited, 850, Outcome::Done(Some(8))));
    });
    assert_eq!(lost, [Point::AcknowledgedOnce]);
    for mark in [FIRST, SECOND_EDIT] {
        let twice = points(|record, events| {
            events.push(role_edited(10, "RoleUpdated", true, mark));
            record.sockets[1].heard.push((1001, shown(10)));
        });
        assert!(twice.contains(&Point::AcknowledgedOnce), "{mark}");
    }
    let deleted_twice = points(|record, events| {
        events.push(role_edited(10, "RoleDeleted", false, FIRST));
        record.sockets[1].heard.push((1001, shown(10)));
    });
    assert!(deleted_twice.contains(&Point::AcknowledgedOnce));
}

#[test]
fn point_5_what_no_role_gave_the_right_to_and_a_role_that_is_gone_are_found() {
    let late = |event: Event| {
        points(|record, events| {
            events.push(event);
            record.sockets[1].heard.push((1001, shown(10)));
        })
    };
    assert!(late(event(10, "AssetRegistered", member(ADA))).contains(&Point::NothingByTheBlocked));
    assert!(!late(event(10, "AssetRenamed", member(ADA))).contains(&Point::NothingByTheBlocked));
    assert!(late(given_role(10)).contains(&Point::NothingByTheBlocked));
    let edited = role_edited(10, "RoleUpdated", true, Uuid::from_u128(74));
    assert!(late(edited).contains(&Point::NothingByTheBlocked));
}
