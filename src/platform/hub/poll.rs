//! The look at the heads: one small query, several times a second, for all streams that are listened to here.
//!
//! It owes nothing to the bus: whatever a message lost, this finds. The epoch is read with it, so that a history that was
//! replaced is noticed as soon as an event is. Never takes silence for an answer.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};
use std::time::Duration;

use sea_orm::DbErr;
use tokio::time::MissedTickBehavior;
use uuid::Uuid;

use super::feed::Feed;
use super::{Hub, Inner};
use crate::planted::{self, Bug};
use crate::platform::journal;
use crate::primitives::cursor::Epoch;

/// Streams in one statement.
const STREAMS_MAX: usize = 4096;
const ANSWER_MAX: Duration = Duration::from_secs(2);

/// Why the heads are not known.
#[derive(Debug, thiserror::Error)]
pub enum LookFailed {
    #[error("{0}")]
    Refused(#[from] DbErr),
    #[error("the database did not answer in time")]
    Late,
}

/// What a stream is known by of which nothing is known: no journal answers it.
const NOTHING: i64 = -1;

pub(super) async fn run(hub: Weak<Inner>, every: Duration) {
    let mut ticks = tokio::time::interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut failing = false;
    loop {
        ticks.tick().await;
        let Some(inner) = hub.upgrade() else { return };
        let looked = Hub(Arc::clone(&inner)).look().await;
        if inner.resting.load(Ordering::SeqCst) {
            return;
        }
        match looked {
            Ok(()) if failing => tracing::info!("the heads of the streams are known again"),
            Err(error) if !failing => tracing::warn!(%error, "the heads of the streams are not known"),
            result => {
                failing = result.is_err();
                continue;
            }
        }
        failing = !failing;
    }
}

impl Hub {
    /// Asks the journal now where every stream that is listened to here ends, and has whatever is missing read.
    pub async fn look(&self) -> Result<(), LookFailed> {
        let _turn = self.0.looking.lock().await;
        let asked_at = self.0.now();
        let looked = tokio::time::timeout(ANSWER_MAX, self.ask(asked_at)).await;
        let result = looked.unwrap_or(Err(LookFailed::Late));
        if result.is_ok() {
            self.0.answered_at.store(asked_at, Ordering::Release);
        }
        result
    }

    async fn ask(&self, asked_at: i64) -> Result<(), LookFailed> {
        let epoch = journal::epoch(self.0.database.checker()).await?;
        if epoch != self.history().epoch && !planted::is(Bug::RewindUnseen) {
            tracing::warn!(?epoch, "another history has begun");
            self.rewind(epoch);
        }
        // What is known before the question: an answer below it can only come from another past.
        let feeds: Vec<(Arc<Feed>, Option<i64>)> =
            self.feeds().values().map(|feed| (Arc::clone(feed), feed.head())).collect();
        let mut heads = Vec::with_capacity(feeds.len());
        for chunk in feeds.chunks(STREAMS_MAX) {
            heads.extend(self.heads_of(chunk).await?);
        }
        let rewound =
            feeds.iter().zip(&heads).any(|((_, known), head)| known.is_some_and(|known| *head < known));
        if rewound && !planted::is(Bug::RewindUnseen) {
            tracing::warn!("a stream ends below what was known of it: the database was set back");
            self.rewind(self.history().epoch);
        }
        for ((feed, _), head) in feeds.iter().zip(heads) {
            let need = feed.proves(head, asked_at);
            self.see_to(feed, need);
        }
        Ok(())
    }

    async fn heads_of(&self, feeds: &[(Arc<Feed>, Option<i64>)]) -> Result<Vec<i64>, DbErr> {
        let known: Vec<(Uuid, i64)> =
            feeds.iter().map(|(feed, head)| (feed.stream.as_uuid(), head.unwrap_or(NOTHING))).collect();
        let moved = journal::moved(self.0.database.checker(), &known).await?;
        Ok(known.iter().map(|(stream, head)| moved.get(stream).copied().unwrap_or(*head)).collect())
    }

    /// Drops what is remembered and tells every subscriber.
    fn rewind(&self, epoch: Epoch) {
        let feeds = self.feeds();
        self.0.history.send_modify(|history| {
            history.epoch = epoch;
            history.number += 1;
        });
        let number = self.history().number;
        for feed in feeds.values() {
            feed.rewind(number);
        }
    }
}
