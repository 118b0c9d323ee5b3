//! Takes news from Redis: a loop of our own, because a subscription that ended must be made again, for ever, and
//! because whatever was said in between must be read from the journal.
//!
//! Never calls itself healthy before it has caught up.

use std::hash::{BuildHasher, RandomState};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{FutureExt, StreamExt};
use redis::Msg;
use redis::aio::{PubSubSink, PubSubStream};
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, timeout};

use super::message::{Message, News, channels};
use super::publisher::Outgoing;
use super::redis::{Line, RedisTimings};
use crate::platform::hub::Hub;
use crate::platform::journal::Event;

/// Why a subscription ended.
#[derive(Debug, thiserror::Error)]
enum Lost {
    #[error("{0}")]
    Refused(#[from] redis::RedisError),
    #[error("no answer in time")]
    Late(#[from] tokio::time::error::Elapsed),
    #[error("the connection was closed")]
    Closed,
    #[error("a probe did not come back: Redis is up, but deaf")]
    Deaf,
    #[error("another history has begun")]
    Rewound,
    #[error("a defect")]
    Broken,
}

/// Subscribes again and again. `probes` leads to the publisher; when that is gone, so is this server.
pub(super) async fn run(line: Line, hub: Hub, probes: mpsc::WeakSender<Outgoing>) {
    let mut failures = 0;
    while probes.strong_count() > 0 {
        let mut session = Session { line: &line, hub: &hub, probes: &probes, probe: 0, asked_at: None };
        let began = Instant::now();
        let Err(lost) = match AssertUnwindSafe(session.run()).catch_unwind().await {
            Ok(ended) => ended,
            Err(_) => Err(Lost::Broken),
        };
        line.counters.set_healthy(false);
        // A subscription that lasted is not one more failure in a row.
        failures = if began.elapsed() > line.timings.retry_max * 2 { 0 } else { failures + 1 };
        if failures <= 1 {
            tracing::warn!(reason = %lost, "the subscription to Redis ended; delivery is slower until it is back");
        }
        tokio::time::sleep(pause(line.timings, failures)).await;
    }
}

/// Longer with each failure, and never the same for two servers.
fn pause(timings: RedisTimings, failures: u32) -> Duration {
    let longest = timings.retry_first.saturating_mul(1 << failures.min(16)).min(timings.retry_max);
    let jitter = u32::try_from(RandomState::new().hash_one(failures) % 512).expect("below 512");
    longest / 2 + (longest / 2) * jitter / 512
}

struct Session<'a> {
    line: &'a Line,
    hub: &'a Hub,
    probes: &'a mpsc::WeakSender<Outgoing>,
    /// The number of the last probe.
    probe: u64,
    /// When the probe that is under way was sent.
    asked_at: Option<Instant>,
}

impl Session<'_> {
    async fn run(&mut self) -> Result<std::convert::Infallible, Lost> {
        let timings = self.line.timings;
        let installation = self.hub.history().epoch.id;
        let mut histories = self.hub.histories();
        let pubsub = timeout(timings.connect_max, self.line.client.get_async_pubsub()).await??;
        let (mut sink, mut news) = pubsub.split();
        timeout(timings.connect_max, sink.subscribe(channels(installation))).await??;
        self.line.counters.subscribed();
        let mut caught_up = self.catch_up().await;
        let mut ticks = tokio::time::interval(timings.probe_every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                message = next(&mut news) => self.take(&message?),
                _ = ticks.tick() => {
                    caught_up = caught_up || self.catch_up().await;
                    self.probe(&mut sink).await?;
                }
                () = overdue(self.asked_at, timings.answer_max) => return Err(Lost::Deaf),
                _ = histories.changed() => {
                    if self.hub.history().epoch.id != installation {
                        return Err(Lost::Rewound);
                    }
                }
            }
        }
    }

    /// Whatever was said while nobody listened is in the journal.
    async fn catch_up(&self) -> bool {
        let looked = self.hub.look().await.is_ok();
        if looked {
            self.line.counters.set_healthy(true);
        }
        looked
    }

    /// Is the connection alive, and does what is published come back on it?
    async fn probe(&mut self, sink: &mut PubSubSink) -> Result<(), Lost> {
        timeout(self.line.timings.answer_max, sink.ping::<redis::Value>()).await??;
        if self.asked_at.is_some() {
            return Ok(());
        }
        self.probe += 1;
        self.asked_at = Some(Instant::now());
        let Some(publisher) = self.probes.upgrade() else { return Err(Lost::Closed) };
        // A full queue is no sign of deafness.
        if publisher.try_send(Outgoing::Probe(self.probe)).is_err() {
            self.asked_at = None;
        }
        Ok(())
    }

    fn take(&mut self, message: &Msg) {
        let Ok(message) = serde_json::from_slice::<Message>(message.get_payload_bytes()) else {
            return self.line.counters.refused();
        };
        if message.from == self.line.server {
            // Its news are here already.
            if message.probe == Some(self.probe) {
                self.asked_at = None;
            }
        } else if let Some(news) = message.news {
            self.line.counters.received();
            self.hear(&news);
        }
    }

    fn hear(&self, news: &News) {
        if news.epoch != self.hub.history().epoch {
            return self.line.counters.refused();
        }
        if !self.hub.listens_to(news.stream) {
            return;
        }
        let event = news.event.as_ref().and_then(|text| serde_json::from_str::<Event>(text.get()).ok());
        match event {
            Some(event) if event.stream == news.stream => self.hub.deliver(&Arc::new(event)),
            _ => self.hub.announce(news.stream, news.seq),
        }
    }
}

async fn next(news: &mut PubSubStream) -> Result<Msg, Lost> {
    news.next().await.ok_or(Lost::Closed)
}

/// Returns when a probe that was sent then is overdue; never where none is under way.
async fn overdue(asked_at: Option<Instant>, answer_max: Duration) {
    match asked_at {
        Some(asked_at) => tokio::time::sleep_until(asked_at + answer_max).await,
        None => std::future::pending().await,
    }
}
