//! The checker where somebody, or a workspace, ends for good: members deleted for ever, passwords set anew, accounts and
//! workspaces deleted.

use rollcall::platform::journal::{Effect, Event, StreamId, Subject};
use rollcall::primitives::actor::{Actor, Audience, EndCause};
use rollcall::primitives::ids::{AccountId, MemberId, WorkspaceId};
use serde_json::{Value, json};
use uuid::Uuid;

use super::samples::{
    ADA, ADMIN, BY_ADMIN, FAULT, PHONE, SESSION, WORKSPACE, ask, event, journal, member, record, shown,
    socket,
};
use super::{Point, Terms, Violation, check};
use crate::faults::record::{
    Credential, CredentialId, Heard, Holder, Journal, Outcome, Reader, ReaderId, Record, SECOND, Sight, What,
};

const TERMS: Terms = Terms { delivered_within: 5 * SECOND, faults: &[FAULT] };
const ACCOUNT: Uuid = Uuid::from_u128(40);
const EVE: Uuid = Uuid::from_u128(42);
/// Eve's account session, her session in the workspace, her key; and somebody without any.
const LAPTOP: CredentialId = CredentialId(4);
const INSIDE: CredentialId = CredentialId(5);
const BY_EVES_KEY: CredentialId = CredentialId(6);
const NOBODY: CredentialId = CredentialId(7);

fn run() -> (Record, Journal) {
    let (mut record, mut journal) = (record(), journal());
    let holders = [
        Holder::Account { account: ACCOUNT, session: Uuid::from_u128(41) },
        Holder::Member { workspace: WORKSPACE, member: EVE, session: Uuid::from_u128(43), parent: LAPTOP },
        Holder::Key { workspace: WORKSPACE, maker: EVE, key: Uuid::from_u128(44) },
        Holder::Account { account: Uuid::nil(), session: Uuid::nil() },
    ];
    record.credentials.extend(holders.map(|holder| Credential { holder, issued_at: 0, floor: 0 }));
    journal.0.insert(ACCOUNT, Vec::new());
    (record, journal)
}

fn points(change: impl FnOnce(&mut Record, &mut Journal)) -> Vec<Point> {
    let (mut record, mut journal) = run();
    change(&mut record, &mut journal);
    let found: Vec<Violation> = check(&record, &journal, TERMS);
    let mut points: Vec<Point> = found.iter().map(|found| found.point).collect();
    points.dedup();
    points
}

/// Is it found that somebody is let in after this deed?
fn let_in(deed: (What, CredentialId), late: (What, CredentialId), recovered: Option<u64>) -> bool {
    let (mut record, journal) = run();
    record.asks.push(ask(deed.1, deed.0, 20, Outcome::Done(Some(1))));
    let recovered = recovered.map(|at| ask(PHONE, What::Recover(WORKSPACE), at, Outcome::Unknown));
    record.asks.extend(recovered);
    record.asks.push(ask(late.1, late.0, 40, Outcome::Done(None)));
    let found = check(&record, &journal, TERMS);
    found.iter().any(|one| one.point == Point::NothingWithOldRights && one.text.contains("40–50 µs"))
}

/// Puts an event into the workspace's stream, where the admin is shown it.
fn happen(record: &mut Record, journal: &mut Journal, event: Event) {
    let seq = event.seq;
    journal.0.get_mut(&WORKSPACE).unwrap().push(event);
    record.sockets[1].heard.push((1000 + u64::try_from(seq).unwrap(), shown(seq)));
}

fn about_eve(seq: i64, kind: &str, cause: Option<EndCause>) -> Event {
    let own = MemberId::from_uuid(EVE);
    let effect = cause.map(|cause| Effect::EndMemberSessions { member: own, below_generation: 2, cause });
    Event { subject: Some(Subject::Member(own)), effect, ..event(seq, kind, member(ADMIN)) }
}

fn told(seq: i64, kind: &str, payload: Value) -> Event {
    let own = AccountId::from_uuid(ACCOUNT);
    Event {
        stream: StreamId::Account(own),
        subject: Some(Subject::Account(own)),
        audience: Audience::Subject,
        payload,
        ..event(seq, kind, Actor::Account(own))
    }
}

#[test]
fn a_run_with_somebody_more_passes() {
    assert_eq!(points(|_, _| {}), []);
}

#[test]
fn point_1_a_member_who_was_deleted_for_ever_is_found() {
    let late = |by| let_in((What::DeleteForever(EVE), BY_ADMIN), (What::Read, by), None);
    assert!(late(INSIDE) && late(BY_EVES_KEY));
    assert!(!late(LAPTOP), "the account stays theirs");
    assert!(!late(SESSION), "somebody else");
}

#[test]
fn point_1_sessions_and_passwords_from_before_a_reset_are_found() {
    let late = |what, by| {
        let deed = What::ResetPassword { account: ACCOUNT, password: 2 };
        let_in((deed, NOBODY), (what, by), None)
    };
    assert!(late(What::Read, LAPTOP) && late(What::Read, INSIDE));
    assert!(!late(What::Read, BY_EVES_KEY), "keys are no sessions");
    assert!(!late(What::Read, SESSION), "somebody else's");
    let with = |account, password| late(What::SignIn { account, password }, NOBODY);
    assert!(with(ACCOUNT, 1));
    assert!(!with(ACCOUNT, 2) && !with(Uuid::from_u128(30), 1));
}

#[test]
fn point_1_whoever_deleted_their_account_is_found_with_any_password() {
    let late = |what, by| let_in((What::DeleteAccount, LAPTOP), (what, by), None);
    assert!(late(What::Read, LAPTOP) && late(What::Read, INSIDE));
    assert!(late(What::SignIn { account: ACCOUNT, password: 9 }, NOBODY));
    assert!(!late(What::Read, SESSION), "somebody else's");
}

#[test]
fn point_1_whoever_comes_into_a_deleted_workspace_is_found() {
    let late = |what, by, recovered| let_in((What::DeleteWorkspace, BY_ADMIN), (what, by), recovered);
    for by in [SESSION, INSIDE, BY_EVES_KEY, BY_ADMIN] {
        assert!(late(What::Read, by, None));
        assert!(late(What::Read, by, Some(35)), "they stay dead when it is brought back");
    }
    assert!(!late(What::Read, LAPTOP, None), "accounts stay");
    assert!(late(What::Enter(WORKSPACE), LAPTOP, None));
    assert!(late(What::Accept { workspace: WORKSPACE, member: ADA }, LAPTOP, None));
    assert!(!late(What::Enter(WORKSPACE), LAPTOP, Some(35)), "it may be back");
    assert!(!late(What::Enter(Uuid::from_u128(9)), LAPTOP, None), "another one");
}

#[test]
fn point_2_a_window_that_was_put_out_for_another_reason_or_none_is_found() {
    let window = |cause: Option<EndCause>, told: &str| {
        points(|record, journal| {
            record.asks.push(ask(BY_ADMIN, What::Remove(EVE), 700, Outcome::Done(None)));
            happen(record, journal, about_eve(6, "MemberRemoved", cause));
            let mut own = socket(INSIDE, 60, None);
            own.heard = vec![(710, Heard::SessionEnded(told.into()))];
            own.closed = Some((711, Some(4401)));
            record.sockets.push(own);
        })
    };
    assert_eq!(window(Some(EndCause::Removed), "REMOVED"), []);
    assert_eq!(window(Some(EndCause::Removed), "BLOCKED"), [Point::NothingAfterTheBlock]);
    assert_eq!(window(None, "REMOVED"), [Point::NothingAfterTheBlock]);
    let silent = points(|record, _| {
        let mut own = socket(LAPTOP, 60, None);
        own.closed = Some((711, Some(4401)));
        record.sockets.push(own);
    });
    assert_eq!(silent, [Point::NothingAfterTheBlock], "nothing has ended");
}

#[test]
fn point_2_what_is_shown_of_a_deleted_workspace_is_found() {
    let window = |last: i64| {
        points(|record, journal| {
            record.asks.push(ask(BY_ADMIN, What::DeleteWorkspace, 700, Outcome::Done(Some(6))));
            let effect = Some(Effect::CheckAnew);
            journal.0.get_mut(&WORKSPACE).unwrap().push(Event {
                effect,
                audience: Audience::Members,
                ..event(6, "WorkspaceDeleted", member(ADMIN))
            });
            // Those who stay have no session there any more.
            record.readers[0].stays = false;
            record.sockets.iter_mut().for_each(|socket| socket.closed = Some((720, None)));
            let sight = Sight::Member { member: EVE, admin: false, joined: 0 };
            record.readers.push(Reader {
                name: "Eve".into(),
                stream: WORKSPACE,
                sight,
                first: 3,
                stays: false,
            });
            let mut own = socket(INSIDE, 60, Some(ReaderId(1)));
            own.heard = (4..=last).map(|seq| (705, shown(seq))).collect();
            own.closed = Some((711, Some(4401)));
            record.sockets.push(own);
        })
    };
    assert_eq!(window(5), []);
    assert_eq!(window(6), [Point::NothingAfterTheBlock]);
}

/// 6: Eve is deleted for ever. On her own stream: she is told so, as often as this.
fn deleted_for_ever(record: &mut Record, journal: &mut Journal, times: i64) {
    record.asks.push(ask(BY_ADMIN, What::DeleteForever(EVE), 700, Outcome::Done(Some(6))));
    happen(record, journal, about_eve(6, "MemberDeletedForever", Some(EndCause::Removed)));
    let payload = json!({ "memberId": MemberId::from_uuid(EVE) });
    let told = (1..=times).map(|seq| told(seq, "MembershipDeleted", payload.clone()));
    journal.0.get_mut(&ACCOUNT).unwrap().extend(told);
}

#[test]
fn points_4_and_6_a_deletion_that_is_told_twice_never_or_for_no_reason_is_found() {
    let told_times = |times| points(|record, journal| deleted_for_ever(record, journal, times));
    assert_eq!(told_times(1), []);
    assert_eq!(told_times(2), [Point::AcknowledgedOnce]);
    assert_eq!(told_times(0), [Point::AllDeliveredInTime]);
    for kind in ["MembershipWorkspaceDeleted", "MembershipWorkspaceRecovered"] {
        let for_no_reason = points(|_, journal| {
            let payload = json!({ "workspace": WorkspaceId::from_uuid(WORKSPACE) });
            journal.0.get_mut(&ACCOUNT).unwrap().push(told(1, kind, payload));
        });
        assert_eq!(for_no_reason, [Point::AcknowledgedOnce], "{kind}");
    }
}

#[test]
fn point_4_ends_that_were_acknowledged_and_are_not_there_are_found() {
    for (what, by) in [
        (What::DeleteForever(EVE), BY_ADMIN),
        (What::DeleteWorkspace, BY_ADMIN),
        (What::DeleteAccount, LAPTOP),
        (What::ResetPassword { account: ACCOUNT, password: 1 }, NOBODY),
        (What::Recover(WORKSPACE), PHONE),
    ] {
        let lost = points(|record, _| record.asks.push(ask(by, what.clone(), 700, Outcome::Done(None))));
        assert!(lost.contains(&Point::AcknowledgedOnce), "{what:?}");
    }
}

#[test]
fn point_5_what_is_by_or_about_whoever_is_gone_for_ever_is_found() {
    let late = |event: Event| {
        points(|record, journal| {
            deleted_for_ever(record, journal, 1);
            happen(record, journal, event);
        })
    };
    assert!(late(event(7, "AssetRenamed", member(EVE))).contains(&Point::NothingByTheBlocked));
    assert!(late(about_eve(7, "MemberUpdated", None)).contains(&Point::NothingByTheBlocked));
    assert_eq!(late(event(7, "AssetRenamed", member(ADMIN))), []);
}

#[test]
fn point_5_what_is_written_in_a_deleted_workspace_is_found() {
    let late = |kind: &str, recovered: bool| {
        points(|record, journal| {
            record.asks.push(ask(BY_ADMIN, What::DeleteWorkspace, 700, Outcome::Done(Some(6))));
            record.readers[0].stays = false;
            record.sockets[0].closed = Some((720, None));
            record.sockets[1].closed = Some((720, None));
            let events = journal.0.get_mut(&WORKSPACE).unwrap();
            events.push(event(6, "WorkspaceDeleted", member(ADMIN)));
            if recovered {
                record.asks.push(ask(PHONE, What::Recover(WORKSPACE), 800, Outcome::Done(None)));
                events.push(event(7, "WorkspaceRecovered", Actor::System));
            }
            let next = 7 + i64::from(recovered);
            events.push(event(next, kind, member(ADMIN)));
        })
    };
    assert_eq!(late("AssetRenamed", false), [Point::NothingByTheBlocked]);
    assert_eq!(late("AssetRenamed", true), []);
    assert_eq!(
        late("MemberSessionEnded", false),
        [],
        "what ended before is told of when somebody comes to it"
    );
}

/// Eve's account has ended; her membership so often.
fn account_ended(removed: i64, last_word: bool) -> Vec<Point> {
    points(|record, journal| {
        record.asks.push(ask(LAPTOP, What::DeleteAccount, 700, Outcome::Done(None)));
        let own = journal.0.get_mut(&ACCOUNT).unwrap();
        own.push(told(1, "AccountDeletionBegun", json!({})));
        if last_word {
            own.push(told(2, "AccountDeleted", json!({})));
        }
        for seq in 6..6 + removed {
            let actor = Actor::Account(AccountId::from_uuid(ACCOUNT));
            let event = Event { actor, ..about_eve(seq, "MemberRemoved", Some(EndCause::Removed)) };
            happen(record, journal, event);
        }
    })
}

#[test]
fn points_4_and_6_an_account_that_is_taken_out_twice_or_never_is_found() {
    assert_eq!(account_ended(1, true), []);
    assert_eq!(account_ended(2, true), [Point::AcknowledgedOnce]);
    assert_eq!(account_ended(0, true), [Point::AllDeliveredInTime]);
    assert_eq!(account_ended(1, false), [Point::AllDeliveredInTime]);
    let for_no_reason = points(|record, journal| {
        let actor = Actor::Account(AccountId::from_uuid(ACCOUNT));
        let event = Event { actor, ..about_eve(6, "MemberRemoved", Some(EndCause::Removed)) };
        happen(record, journal, event);
    });
    assert_eq!(for_no_reason, [Point::AcknowledgedOnce]);
}
