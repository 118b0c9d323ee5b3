//! What the hub does when the past changes, when nothing answers, and when time runs out.

use std::time::Duration;

use rollcall::platform::hub::{Hub, HubSettings, ReadError, Verdict};
use rollcall::platform::journal::{Effect, StreamId};
use rollcall::primitives::ids::WorkspaceId;
use rollcall::primitives::time::{Clock, Timestamp};

use super::watcher::{PATIENCE, Watcher, deaf_hub, hub};
use crate::support::journal::{Fact, Journal};

async fn stream_of(journal: &Journal) -> StreamId {
    let stream = StreamId::Workspace(WorkspaceId::new());
    journal.create(stream).await;
    stream
}

/// Returns when the connection was told something; what, it asks itself.
async fn told(watcher: &Watcher) {
    tokio::time::timeout(PATIENCE, watcher.attachment.listener().called()).await.expect("told in time");
}

#[tokio::test]
async fn a_database_that_was_set_back_is_never_taken_for_the_old_one() {
    let journal = Journal::on_sqlite().await;
    let stream = stream_of(&journal).await;
    let hub = deaf_hub(journal.database.clone(), journal.epoch().await);
    let mut watcher = Watcher::on(&hub, stream, 0);
    for event in journal.append_plain(stream, 5).await {
        hub.deliver(&event);
    }
    watcher.read_to(5).await;
    journal.execute("DELETE FROM events WHERE seq > 3").await;
    journal.execute("UPDATE streams SET seq = 3").await;
    let before = watcher.attachment.history();

    hub.look().await.expect("the database answers");

    let stale = watcher.reader.read_after(5, 10, before.number).await;
    assert_eq!(stale, Err(ReadError::Rewound));
    assert!(watcher.attachment.listener().take_recheck(), "it must look at its session anew");
    let now = watcher.attachment.history();
    assert_eq!((now.epoch, now.number), (before.epoch, before.number + 1));
    assert_eq!(watcher.reader.read_after(3, 10, now.number).await, Ok(vec![]));
    assert_eq!(watcher.reader.read_after(0, 10, now.number).await.map(|events| events.len()), Ok(3));
}

/// A server that was behind, frozen say, while the operator archived what it had not read: it goes on after the gap, and
/// nobody who was there before it is shown what comes after it (EVT-3, EVT-4).
#[tokio::test]
async fn what_was_archived_before_it_was_read_is_passed_over_and_said_to_be_gone() {
    let journal = Journal::on_sqlite().await;
    let stream = stream_of(&journal).await;
    let hub = deaf_hub(journal.database.clone(), journal.epoch().await);
    let mut behind = Watcher::on(&hub, stream, 0);
    for event in journal.append_plain(stream, 2).await {
        hub.deliver(&event);
    }
    behind.read_to(2).await;
    // Nobody ever sees what the numbers 3 and 4 stood for, not even the hub's first look, which comes when it likes.
    journal.execute("UPDATE streams SET seq = 4, floor = 4").await;
    journal.append_plain(stream, 1).await;

    let told = async {
        while behind.read().await != Err(ReadError::Archived) {
            hub.look().await.expect("the database answers");
        }
    };
    tokio::time::timeout(PATIENCE, told).await.expect("it is told");
    assert_eq!(behind.seqs(), [1, 2]);
    let mut new = Watcher::on(&hub, stream, 5);
    journal.append_plain(stream, 1).await;
    hub.look().await.expect("the database answers");
    new.read_to(6).await;
    assert_eq!(new.seqs(), [6]);
}

#[tokio::test]
async fn another_epoch_starts_another_history() {
    let journal = Journal::on_postgres().await;
    let stream = stream_of(&journal).await;
    let hub = deaf_hub(journal.database.clone(), journal.epoch().await);
    let watcher = Watcher::on(&hub, stream, 0);
    let tx = journal.database.begin().await.expect("a transaction");
    assert!(rollcall::platform::journal::renew_epoch(&tx).await.expect("it answers"));
    tx.commit().await.expect("committed");
    let histories = hub.histories();
    let noticed = async {
        while watcher.attachment.history().number == 0 {
            hub.look().await.expect("the database answers");
        }
    };
    tokio::time::timeout(PATIENCE, noticed).await.expect("it notices");
    assert!(histories.has_changed().expect("the hub is there"));
    assert_eq!(hub.history().epoch, journal.epoch().await);
}

/// delivery.md: effects of a later release are obeyed by asking the database.
#[tokio::test]
async fn an_effect_of_a_later_release_makes_everybody_check_their_session() {
    let journal = Journal::on_sqlite().await;
    let stream = stream_of(&journal).await;
    let hub = deaf_hub(journal.database.clone(), journal.epoch().await);
    let watchers = [Watcher::on(&hub, stream, 0), Watcher::on(&hub, stream, 0)];
    let events = journal.append(stream, vec![Fact::with_effect(Effect::Unknown)]).await;
    hub.deliver(&events[0]);
    for watcher in &watchers {
        assert!(watcher.attachment.listener().take_recheck());
        assert!(!watcher.attachment.listener().take_recheck(), "once");
    }
}

#[tokio::test]
async fn without_proof_the_lease_runs_out_and_the_server_is_not_ready() {
    let journal = Journal::on_sqlite().await;
    let stream = stream_of(&journal).await;
    let settings = HubSettings {
        poll_every: Duration::from_millis(20),
        lease: Duration::from_millis(600),
        ring_capacity: 16,
    };
    let hub = Hub::start(journal.database.clone(), Clock::system(), journal.epoch().await, settings);
    hub.look().await.expect("the database answers");
    let watcher = Watcher::on(&hub, stream, 0);
    assert!(hub.is_ready());
    journal.database.close().await;
    told(&watcher).await;
    assert_eq!(watcher.attachment.listener().verdict(), Some(Verdict::Lapsed));
    assert!(!hub.is_ready());
}

/// SES-4: connected clients are told; that the session is still in use is for the check to say.
#[tokio::test]
async fn a_session_that_comes_of_age_is_checked() {
    let journal = Journal::on_sqlite().await;
    let stream = stream_of(&journal).await;
    let clock = Clock::manual(Timestamp::from_micros(0));
    let hub = hub(journal.database.clone(), journal.epoch().await, clock.clone(), Duration::from_millis(5));
    let watcher = Watcher::on(&hub, stream, 0);
    watcher.attachment.listener().set_holds_until(Some(clock.now().plus_seconds(60)));
    clock.advance_seconds(59);
    hub.look().await.expect("the database answers");
    assert!(!watcher.attachment.listener().take_recheck());
    clock.advance_seconds(1);
    told(&watcher).await;
    assert!(watcher.attachment.listener().take_recheck());
    assert_eq!(watcher.attachment.listener().verdict(), None);
}

#[tokio::test]
async fn a_server_that_goes_down_tells_those_who_are_here_and_those_who_come() {
    let journal = Journal::on_sqlite().await;
    let stream = stream_of(&journal).await;
    let hub = deaf_hub(journal.database.clone(), journal.epoch().await);
    let here = Watcher::on(&hub, stream, 0);
    hub.shut_down();
    let late = Watcher::on(&hub, stream, 0);
    for watcher in [&here, &late] {
        assert_eq!(watcher.attachment.listener().verdict(), Some(Verdict::ShuttingDown));
    }
}
