//! The bus between servers: Redis pub/sub.
//!
//! Never waited for: publishing goes through a bounded queue, and a full queue loses the news, which the other servers'
//! look at the heads finds.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use redis::io::tcp::{TcpSettings, socket2::TcpKeepalive};
use redis::{Client, IntoConnectionInfo, RedisError};
use tokio::sync::{mpsc, oneshot};
use tokio::task::AbortHandle;

use super::figures::Counters;
use super::publisher::{self, Outgoing};
use super::{Bus, BusFigures, subscriber};
use crate::platform::hub::Hub;
use crate::platform::journal::Event;
use crate::primitives::ids::ServerId;

/// News that may wait for Redis.
const QUEUE_MAX: usize = 4096;

/// How patient the bus is.
#[derive(Clone, Copy, Debug)]
pub struct RedisTimings {
    /// For handing a batch of news to Redis; what takes longer is lost.
    pub publish_max: Duration,
    /// For connecting and subscribing.
    pub connect_max: Duration,
    /// Between two probes of a quiet subscription.
    pub probe_every: Duration,
    /// For a ping's answer and a probe's return.
    pub answer_max: Duration,
    /// Between attempts to connect, from the first to the longest.
    pub retry_first: Duration,
    pub retry_max: Duration,
}

impl Default for RedisTimings {
    fn default() -> Self {
        Self {
            publish_max: Duration::from_millis(250),
            connect_max: Duration::from_secs(2),
            probe_every: Duration::from_secs(5),
            answer_max: Duration::from_secs(2),
            retry_first: Duration::from_millis(50),
            retry_max: Duration::from_secs(2),
        }
    }
}

/// Hands events to this server's hub at once and to the others through Redis.
#[derive(Debug)]
pub struct RedisBus {
    hub: Hub,
    queue: mpsc::Sender<Outgoing>,
    counters: Arc<Counters>,
    tasks: [AbortHandle; 2],
}

/// What both directions need.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) client: Client,
    pub(super) server: ServerId,
    pub(super) timings: RedisTimings,
    pub(super) counters: Arc<Counters>,
}

impl RedisBus {
    /// Starts the bus; it connects by itself, now or whenever Redis comes up. Fails only on an address that can never
    /// work.
    pub fn start(url: &str, hub: Hub, timings: RedisTimings) -> Result<Self, RedisError> {
        let keepalive =
            TcpKeepalive::new().with_time(Duration::from_secs(10)).with_interval(Duration::from_secs(5));
        let tcp = TcpSettings::default().set_nodelay(true).set_keepalive(keepalive);
        let client = Client::open(url.into_connection_info()?.set_tcp_settings(tcp))?;
        let counters = Arc::new(Counters::default());
        let line = Line { client, server: ServerId::new(), timings, counters: Arc::clone(&counters) };
        let (queue, waiting) = mpsc::channel(QUEUE_MAX);
        let publishing = tokio::spawn(publisher::run(line.clone(), hub.clone(), waiting));
        let listening = tokio::spawn(subscriber::run(line, hub.clone(), queue.downgrade()));
        Ok(Self { hub, queue, counters, tasks: [publishing.abort_handle(), listening.abort_handle()] })
    }
}

impl Bus for RedisBus {
    fn publish(&self, events: Vec<Arc<Event>>) {
        self.hub.deliver_all(&events);
        for event in events {
            if self.queue.try_send(Outgoing::Event(event)).is_err() {
                self.counters.lost(1);
            }
        }
    }

    fn flush(&self) -> BoxFuture<'static, ()> {
        let queue = self.queue.clone();
        Box::pin(async move {
            let (mark, passed) = oneshot::channel();
            // Neither comes about where the publisher is gone, and with it all that waited.
            if queue.send(Outgoing::Mark(mark)).await.is_ok() {
                let _ = passed.await;
            }
        })
    }

    fn figures(&self) -> Option<BusFigures> {
        Some(self.counters.read())
    }
}

impl Drop for RedisBus {
    fn drop(&mut self) {
        self.tasks.iter().for_each(AbortHandle::abort);
    }
}
