//! What the hub hands out, and in which order (EVT-2, EVT-4).

use rollcall::platform::hub::{Attachment, Identity, ReadError, Verdict};
use rollcall::platform::journal::{Effect, StreamId, Subject};
use rollcall::primitives::actor::{AssetScope, Audience, EndCause};
use rollcall::primitives::ids::{AccountId, ApiKeyId, MemberId, RoleId, WorkspaceId};
use rollcall::primitives::rights::Rights;

use super::watcher::{PATIENCE, Watcher, deaf_hub, member_of};
use crate::support::journal::{Fact, Journal};

async fn workspace(journal: &Journal) -> (StreamId, WorkspaceId) {
    let workspace = WorkspaceId::new();
    journal.create(StreamId::Workspace(workspace)).await;
    (StreamId::Workspace(workspace), workspace)
}

#[tokio::test]
async fn evt_4_events_are_seen_once_and_in_order_whatever_the_bus_repeats_and_reorders() {
    let journal = Journal::on_sqlite().await;
    let (stream, _) = workspace(&journal).await;
    let hub = deaf_hub(journal.database.clone(), journal.epoch().await);
    let mut watcher = Watcher::on(&hub, stream, 0);
    let events = journal.append_plain(stream, 5).await;
    for at in [0, 2, 0, 1, 1, 4, 3, 2] {
        hub.deliver(&events[at]);
    }
    watcher.read_to(5).await;
    assert_eq!(watcher.seen, events);
}

/// EVT-5: the look at the heads owes nothing to the bus.
#[tokio::test]
async fn evt_5_what_the_bus_lost_is_found_by_the_look_at_the_heads() {
    let journal = Journal::on_sqlite().await;
    let (stream, _) = workspace(&journal).await;
    let hub = deaf_hub(journal.database.clone(), journal.epoch().await);
    let mut watcher = Watcher::on(&hub, stream, 0);
    journal.append_plain(stream, 600).await;
    hub.look().await.expect("the database answers");
    watcher.read_to(600).await;
    assert_eq!(watcher.seqs(), (1..=600).collect::<Vec<_>>());
}

#[tokio::test]
async fn an_event_that_was_committed_between_the_registration_and_the_check_is_not_missed() {
    let journal = Journal::on_sqlite().await;
    let (stream, workspace) = workspace(&journal).await;
    let hub = deaf_hub(journal.database.clone(), journal.epoch().await);
    let attachment = hub.attach(member_of(workspace, MemberId::new(), 1), [None; 2]);
    let reader = attachment.workspace().expect("it is a member").clone();
    let events = journal.append_plain(stream, 2).await;
    // The check's snapshot was taken after the first; the second is delivered before its answer is here.
    hub.deliver(&events[1]);
    reader.saw(1);
    attachment.set_interest(true, false);
    let found = tokio::time::timeout(PATIENCE, async {
        loop {
            let found = reader.read_after(1, 10, 0).await.expect("it can be read");
            if !found.is_empty() {
                return found;
            }
            tokio::task::yield_now().await;
        }
    });
    assert_eq!(found.await.expect("it is found"), events[1..]);
}

#[tokio::test]
async fn a_cursor_far_back_is_served_from_the_journal_and_then_live() {
    let journal = Journal::on_sqlite().await;
    let (stream, workspace) = workspace(&journal).await;
    let hub = deaf_hub(journal.database.clone(), journal.epoch().await);
    journal.append_plain(stream, 100).await;
    let mut early = Watcher::on(&hub, stream, 100);
    for event in journal.append_plain(stream, 40).await {
        hub.deliver(&event);
    }
    let mut late = Watcher::start(&hub, member_of(workspace, MemberId::new(), 1), 140, 30);
    late.read_to(140).await;
    for event in journal.append_plain(stream, 3).await {
        hub.deliver(&event);
    }
    late.read_to(143).await;
    early.read_to(143).await;
    assert_eq!(late.seqs(), (31..=143).collect::<Vec<_>>());
    assert_eq!(early.seqs(), (101..=143).collect::<Vec<_>>());
}

/// EVT-8: what the operator has archived is a hole that is told, not one that is passed over.
#[tokio::test]
async fn archived_events_are_told_as_such() {
    let journal = Journal::on_sqlite().await;
    let (stream, workspace) = workspace(&journal).await;
    let hub = deaf_hub(journal.database.clone(), journal.epoch().await);
    journal.append_plain(stream, 50).await;
    journal.execute("DELETE FROM events WHERE seq <= 20").await;
    journal.execute("UPDATE streams SET floor = 20").await;
    let mut below = Watcher::start(&hub, member_of(workspace, MemberId::new(), 1), 50, 10);
    assert_eq!(below.read().await, Err(ReadError::Archived));
    let mut above = Watcher::start(&hub, member_of(workspace, MemberId::new(), 1), 50, 20);
    above.read_to(50).await;
    assert_eq!(above.seqs(), (21..=50).collect::<Vec<_>>());
}

/// BLK-2: the connections are marked before the delivery returns, not when they get round to reading.
#[tokio::test]
async fn blk_2_a_block_marks_every_connection_of_that_member_and_nobody_elses() {
    let journal = Journal::on_sqlite().await;
    let (stream, workspace) = workspace(&journal).await;
    let hub = deaf_hub(journal.database.clone(), journal.epoch().await);
    let member = MemberId::new();
    let own =
        [1, 1, 2].map(|generation| Watcher::start(&hub, member_of(workspace, member, generation), 0, 0));
    let other = Watcher::on(&hub, stream, 0);
    let block = Effect::EndMemberSessions { member, below_generation: 2, cause: EndCause::Blocked };
    let events = journal.append(stream, vec![Fact::with_effect(block)]).await;
    hub.deliver(&events[0]);
    let ended = Some(Verdict::Ended(EndCause::Blocked));
    let verdicts = own.each_ref().map(|watcher| watcher.attachment.listener().verdict());
    assert_eq!(verdicts, [ended, ended, None]);
    assert_eq!(other.attachment.listener().verdict(), None);
}

/// API-2, REV-4: a server that catches up late hears of a demotion from before the key that connects now; the check that let
/// the key in had seen it. What comes after that check ends the key, and so does anything once another history has begun.
#[tokio::test]
async fn api_2_what_a_check_has_seen_ends_nothing_that_it_let_in() {
    let journal = Journal::on_sqlite().await;
    let (stream, workspace) = workspace(&journal).await;
    let hub = deaf_hub(journal.database.clone(), journal.epoch().await);
    let (member, account) = (MemberId::new(), AccountId::new());
    let rights = Rights { role: RoleId::new(), admin: false, scope: AssetScope::All, granted: [].into() };
    let demoted = || Effect::ChangeMemberRights { member, rights: rights.clone() };
    let facts = vec![Fact::with_effect(demoted()), Fact::plain(), Fact::with_effect(demoted())];
    let events = journal.append(stream, facts).await;
    let connect = |seen| {
        let key = Identity::Key { workspace, key: ApiKeyId::new(), member, account, generation: 1 };
        let attachment = hub.attach(key, [None, seen]);
        attachment.workspace().expect("a key has one").saw(0);
        attachment
    };
    let (new, old) = (connect(Some(2)), connect(Some(0)));
    let verdict = |attachment: &Attachment| attachment.listener().verdict();
    hub.deliver_all(&events[..2]);
    let ended = Some(Verdict::Ended(EndCause::KeyRevoked));
    assert_eq!((verdict(&new), verdict(&old)), (None, ended));
    hub.deliver(&events[2]);
    assert_eq!(verdict(&new), ended);
}

#[tokio::test]
async fn an_event_for_one_person_wakes_that_person_alone() {
    let journal = Journal::on_sqlite().await;
    let (stream, workspace) = workspace(&journal).await;
    let hub = deaf_hub(journal.database.clone(), journal.epoch().await);
    let member = MemberId::new();
    let concerned = Watcher::start(&hub, member_of(workspace, member, 1), 0, 0);
    let other = Watcher::on(&hub, stream, 0);
    let fact = Fact { audience: Audience::Subject, subject: Some(Subject::Member(member)), ..Fact::plain() };
    let events = journal.append(stream, vec![fact]).await;
    hub.deliver(&events[0]);
    let woken = |watcher: &Watcher| {
        let listener = std::sync::Arc::clone(watcher.attachment.listener());
        tokio::spawn(async move { listener.called().await })
    };
    tokio::time::timeout(PATIENCE, woken(&concerned)).await.expect("woken").expect("it ran");
    let sleeping = woken(&other);
    tokio::task::yield_now().await;
    assert!(!sleeping.is_finished(), "woken for nothing");
}

#[tokio::test]
async fn a_sleeper_is_woken_before_it_falls_off_the_ring() {
    let journal = Journal::on_sqlite().await;
    let (stream, workspace) = workspace(&journal).await;
    let hub = deaf_hub(journal.database.clone(), journal.epoch().await);
    let mut sleeper = Watcher::start(&hub, member_of(workspace, MemberId::new(), 1), 0, 0);
    let fact = Fact {
        audience: Audience::Subject,
        subject: Some(Subject::Member(MemberId::new())),
        ..Fact::plain()
    };
    for event in journal.append(stream, vec![fact; 16]).await {
        hub.deliver(&event);
    }
    sleeper.read_to(16).await;
}

#[tokio::test]
async fn a_stream_that_nobody_listens_to_any_more_is_forgotten() {
    let journal = Journal::on_sqlite().await;
    let (stream, _) = workspace(&journal).await;
    let hub = deaf_hub(journal.database.clone(), journal.epoch().await);
    let (one, two) = (Watcher::on(&hub, stream, 0), Watcher::on(&hub, stream, 0));
    assert_eq!(hub.connected(), 2);
    drop(one);
    assert!(hub.listens_to(stream));
    drop(two);
    assert!(!hub.listens_to(stream));
    tokio::time::timeout(PATIENCE, hub.drained()).await.expect("nobody is connected");
}

/// EVT-7: of all who subscribe the one who is furthest behind counts; whoever subscribes to nothing is behind nobody.
#[tokio::test]
async fn the_lag_is_that_of_the_subscriber_who_is_furthest_behind() {
    let journal = Journal::on_sqlite().await;
    let (stream, _) = workspace(&journal).await;
    let hub = deaf_hub(journal.database.clone(), journal.epoch().await);
    let watchers = [(); 3].map(|()| Watcher::on(&hub, stream, 0));
    hub.deliver_all(&journal.append_plain(stream, 5).await);
    let is_at = |watcher: usize, place| watchers[watcher].attachment.listener().set_places([None, place]);
    assert_eq!(hub.lag_max(), 0, "nobody subscribes to anything");
    is_at(0, Some(5));
    assert_eq!(hub.lag_max(), 0);
    is_at(1, Some(2));
    is_at(2, Some(4));
    assert_eq!(hub.lag_max(), 3);
    is_at(1, None);
    assert_eq!(hub.lag_max(), 1);
    drop(watchers);
    assert_eq!(hub.lag_max(), 0);
}
