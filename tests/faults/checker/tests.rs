//! The checker itself: a good record passes, and for each point a bad one does not.

use std::collections::BTreeMap;

use rollcall::platform::journal::Event;
use uuid::Uuid;

use super::samples::{
    ADA, BY_ADMIN, BY_KEY, FAULT, PHONE, READER, SESSION, WORKSPACE, ask, event, journal, member, record,
    refused, shown, socket,
};
use super::{Point, Terms, check};
use crate::faults::record::{CredentialId, Heard, Journal, Outcome, Record, Rewind, SECOND, Sight, What};

const TERMS: Terms = Terms { delivered_within: 5 * SECOND, faults: &[FAULT] };

/// The points that do not hold.
fn broken(change: impl FnOnce(&mut Record, &mut Vec<Event>)) -> Vec<Point> {
    let (mut record, mut journal) = (record(), journal());
    change(&mut record, journal.0.get_mut(&WORKSPACE).unwrap());
    let mut points: Vec<Point> = check(&record, &journal, TERMS).iter().map(|found| found.point).collect();
    points.dedup();
    points
}

#[test]
fn a_run_in_which_all_was_kept_passes() {
    assert_eq!(
        check(&record(), &journal(), TERMS).iter().map(ToString::to_string).collect::<Vec<_>>(),
        [""; 0]
    );
}

#[test]
fn point_1_a_request_with_old_rights_after_the_answer_is_found() {
    let late =
        |by, what, begun| broken(|record, _| record.asks.push(ask(by, what, begun, Outcome::Done(None))));
    assert_eq!(late(SESSION, What::Read, 211), [Point::NothingWithOldRights]);
    assert_eq!(
        late(SESSION, What::Read, 900),
        [Point::NothingWithOldRights],
        "the unblocking revives no session"
    );
    assert_eq!(late(BY_KEY, What::Read, 211), [Point::NothingWithOldRights]);
    assert_eq!(
        late(BY_KEY, What::Read, 411),
        [Point::NothingWithOldRights],
        "a key stops with the admin's role"
    );
    assert_eq!(late(SESSION, What::Read, 209), [], "it had begun before the answer");
    assert_eq!(late(BY_KEY, What::Read, 310), [], "the key works again");
}

/// Is it found that somebody is let in after this deed? What the record holds beside it is of no interest.
fn let_in_after(deed: What, by: CredentialId, late: CredentialId) -> bool {
    let mut record = record();
    record.asks.push(ask(by, deed, 20, Outcome::Done(Some(1))));
    record.asks.push(ask(late, What::Read, 40, Outcome::Done(None)));
    let found = check(&record, &journal(), TERMS);
    found.iter().any(|one| one.point == Point::NothingWithOldRights && one.text.contains("40–50 µs"))
}

#[test]
fn point_1_whoever_was_put_out_or_has_left_is_found() {
    for late in [SESSION, BY_KEY] {
        assert!(let_in_after(What::Deactivate(ADA), BY_ADMIN, late));
        assert!(let_in_after(What::Remove(ADA), BY_ADMIN, late));
        assert!(let_in_after(What::Leave, SESSION, late));
        assert!(!let_in_after(What::Reactivate(ADA), BY_ADMIN, late));
        assert!(!let_in_after(What::Leave, BY_ADMIN, late), "somebody else has left");
    }
}

#[test]
fn point_1_another_password_ends_the_other_sessions() {
    assert!(!let_in_after(What::ChangePassword, PHONE, SESSION), "it hangs on the session that asked");
    assert!(!let_in_after(What::ChangePassword, PHONE, BY_KEY), "keys are no sessions");
    let elsewhere = broken(|record, _| {
        // Another session of the same person.
        record.credentials.push(record.credentials[PHONE.0].clone());
        let laptop = CredentialId(record.credentials.len() - 1);
        record.asks.push(ask(laptop, What::ChangePassword, 20, Outcome::Done(None)));
        record.asks.push(ask(SESSION, What::Read, 40, Outcome::Done(None)));
    });
    assert!(elsewhere.contains(&Point::NothingWithOldRights));
}

#[test]
fn point_1_nobody_is_in_after_a_restored_backup_but_keys() {
    assert!(let_in_after(What::Restore, BY_ADMIN, SESSION));
    assert!(let_in_after(What::Restore, BY_ADMIN, PHONE));
    assert!(!let_in_after(What::Restore, BY_ADMIN, BY_KEY));
}

#[test]
fn point_1_a_socket_that_is_let_in_after_the_answer_is_found() {
    let found = broken(|record, _| {
        let mut late = socket(SESSION, 300, None);
        late.closed = Some((400, None));
        record.sockets.push(late);
    });
    assert_eq!(found, [Point::NothingWithOldRights]);
}

#[test]
fn point_1_what_ends_sessions_one_by_one_counts_as_well() {
    for what in [What::SignOut, What::EndSession(SESSION), What::EndMemberSessions(ADA)] {
        let found = broken(|record, _| {
            record.asks.retain(|ask| ask.by != BY_ADMIN);
            record.asks.push(ask(SESSION, what.clone(), 700, Outcome::Done(None)));
            record.asks.push(ask(SESSION, What::Read, 800, Outcome::Done(None)));
        });
        assert!(found.contains(&Point::NothingWithOldRights), "{what:?}");
    }
}

#[test]
fn point_2_an_event_after_the_block_on_the_blocked_members_socket_is_found() {
    let found = broken(|record, _| {
        let mut reading = socket(SESSION, 60, Some(READER));
        reading.heard = vec![(211, shown(2))];
        reading.closed = Some((217, Some(4401)));
        // Instead of the admin's own.
        record.sockets[0].heard.pop();
        record.sockets.insert(1, reading);
    });
    assert_eq!(found, [Point::NothingAfterTheBlock]);
}

#[test]
fn point_2_anything_after_the_forced_logout_is_found() {
    let found = broken(|record, _| record.sockets[2].heard.push((218, Heard::RightsChanged)));
    assert_eq!(found, [Point::NothingAfterTheBlock]);
}

#[test]
fn point_3_a_hole_a_repetition_a_swap_and_a_stranger_are_found() {
    let read = |heard: &[i64]| {
        broken(|record, _| {
            record.sockets[0].heard.clear();
            record.sockets[1].heard = heard.iter().map(|seq| (500, shown(*seq))).collect();
        })
    };
    assert_eq!(read(&[1, 2, 3, 4, 5]), []);
    for heard in [[1, 2, 4, 5].as_slice(), &[1, 2, 2, 3, 4, 5], &[1, 3, 2, 4, 5], &[1, 2, 3, 4, 5, 6]] {
        assert!(read(heard).contains(&Point::ReadersSawTheJournal), "{heard:?}");
    }
}

#[test]
fn point_3_an_event_for_others_and_a_gap_in_the_numbers_are_found() {
    let for_others = broken(|record, _| {
        let stranger = Uuid::from_u128(99);
        record.readers[0].sight = Sight::Member { member: stranger, admin: false, joined: 0 };
    });
    assert!(for_others.contains(&Point::ReadersSawTheJournal));
    let gap = broken(|_, events| events[4].seq = 6);
    assert!(gap.contains(&Point::ReadersSawTheJournal));
}

#[test]
fn point_3_beginning_anew_without_a_reason_is_found() {
    let resync = Heard::Resync { reason: "BEYOND_HEAD".into(), seq: 2 };
    let found = broken(|record, _| record.sockets[1].heard.insert(0, (300, resync)));
    assert_eq!(found, [Point::ReadersSawTheJournal]);
}

#[test]
fn point_3_a_database_that_was_set_back_has_to_be_told() {
    let rewound = |resync: bool| {
        broken(|record, events| {
            // The copy ends with number 1; what follows is another history.
            events.truncate(1);
            events.push(event(2, "AssetRegistered", member(ADA)));
            record.rewound = Some(Rewind { at: 10_000, heads: BTreeMap::from([(WORKSPACE, 1)]) });
            record.asks.push(ask(SESSION, What::RegisterAsset, 11_000, Outcome::Done(Some(2))));
            if resync {
                let anew = Heard::Resync { reason: "OTHER_HISTORY".into(), seq: 1 };
                record.sockets[1].heard.extend([(12_000, anew), (12_010, shown(2))]);
            }
        })
    };
    assert_eq!(rewound(true), []);
    assert!(rewound(false).contains(&Point::ReadersSawTheJournal));
}

#[test]
fn point_4_what_was_acknowledged_and_is_not_there_is_found() {
    let lost = broken(|record, _| {
        record.asks.push(ask(BY_ADMIN, What::Unblock(ADA), 700, Outcome::Done(Some(9))));
    });
    assert_eq!(lost, [Point::AcknowledgedOnce]);
    let twice = broken(|record, _| {
        record.asks.push(ask(BY_ADMIN, What::Unblock(ADA), 700, Outcome::Done(Some(3))));
    });
    assert_eq!(twice, [Point::AcknowledgedOnce]);
}

#[test]
fn point_4_what_was_refused_and_is_there_is_found_and_what_is_unknown_may_be_there_once() {
    let written = |outcome: Outcome, times: i64| {
        broken(|record, events| {
            for seq in 6..6 + times {
                events.push(Event {
                    audience: rollcall::primitives::actor::Audience::Subject,
                    ..event(seq, "AssetRegistered", member(ADA))
                });
            }
            record.asks.push(ask(SESSION, What::RegisterAsset, 190, outcome));
        })
    };
    assert_eq!(written(refused(), 0), []);
    assert_eq!(written(refused(), 1), [Point::AcknowledgedOnce]);
    assert_eq!(written(Outcome::Unknown, 0), []);
    assert_eq!(written(Outcome::Unknown, 1), []);
    assert_eq!(written(Outcome::Unknown, 2), [Point::AcknowledgedOnce]);
}

#[test]
fn point_5_what_the_blocked_did_after_their_block_is_found() {
    let found = broken(|record, events| {
        // The order of the first two is the other one.
        events.swap(0, 1);
        (events[0].seq, events[1].seq) = (1, 2);
        (events[0].id, events[1].id) = (events[1].id, events[0].id);
        record.asks[0].outcome = Outcome::Done(Some(2));
        record.asks[2].outcome = Outcome::Done(Some(1));
    });
    assert_eq!(found, [Point::NothingByTheBlocked]);
}

#[test]
fn point_5_what_a_removed_member_writes_is_found() {
    let found = broken(|record, journal| {
        // The block becomes a removal, and what Ada wrote before it comes after it.
        journal.swap(0, 1);
        (journal[0].seq, journal[1].seq) = (1, 2);
        (journal[0].id, journal[1].id) = (journal[1].id, journal[0].id);
        journal[0].kind = "MemberRemoved".into();
        record.asks[0].outcome = Outcome::Done(Some(2));
        record.asks[2].outcome = Outcome::Done(Some(1));
        record.asks[2].what = What::Remove(ADA);
    });
    assert!(found.contains(&Point::NothingByTheBlocked), "{found:?}");
}

#[test]
fn point_6_what_comes_late_or_never_and_a_window_that_stays_open_are_found() {
    let late = broken(|record, _| record.sockets[1].heard[2].0 = 10 * SECOND);
    assert_eq!(late, [Point::AllDeliveredInTime]);
    let never = broken(|record, _| _ = record.sockets[1].heard.pop());
    assert_eq!(never, [Point::AllDeliveredInTime]);
    let open = broken(|record, _| record.sockets[2].closed = None);
    assert_eq!(open, [Point::AllDeliveredInTime]);
}

#[test]
fn point_7_a_fault_that_met_no_work_is_found() {
    let idle = broken(|record, _| (record.faults[0].from, record.faults[0].to) = (5000, 6000));
    assert_eq!(idle, [Point::EveryFaultMetWork]);
    assert_eq!(broken(|record, _| record.faults.clear()), [Point::EveryFaultMetWork]);
}

#[test]
fn an_empty_run_proves_nothing() {
    let found = check(&Record::default(), &Journal::default(), TERMS);
    assert_eq!(found.iter().map(|found| found.point).collect::<Vec<_>>(), [Point::EveryFaultMetWork]);
    assert_ne!(WORKSPACE, Uuid::nil());
}
