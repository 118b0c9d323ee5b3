//! Hands news to Redis, in order, in batches.
//!
//! Never waits longer than its budget, and never keeps news for a Redis that is down: it would be old.

use std::sync::Arc;

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, RedisError};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use super::message::{Message, channel, channel_of};
use super::redis::Line;
use crate::platform::hub::Hub;
use crate::platform::journal::Event;

const BATCH_MAX: usize = 128;

/// What waits to be published.
#[derive(Debug)]
pub(super) enum Outgoing {
    Event(Arc<Event>),
    Probe(u64),
    /// Somebody waits until all before it has left.
    Mark(oneshot::Sender<()>),
}

pub(super) async fn run(line: Line, hub: Hub, mut waiting: mpsc::Receiver<Outgoing>) {
    let mut link = Link { line, connection: None, retry_at: Instant::now(), failing: false };
    let mut batch = Vec::with_capacity(BATCH_MAX);
    while waiting.recv_many(&mut batch, BATCH_MAX).await > 0 {
        let (pipeline, marks) = link.pipeline(&hub, batch.drain(..));
        let count = pipeline.len();
        if count > 0 {
            if link.send(&pipeline).await {
                link.line.counters.published(count);
            } else {
                link.line.counters.lost(count);
            }
        }
        for mark in marks {
            // Whoever waited may have given up.
            let _ = mark.send(());
        }
    }
}

struct Link {
    line: Line,
    connection: Option<MultiplexedConnection>,
    /// Not before this is another connection tried.
    retry_at: Instant,
    failing: bool,
}

impl Link {
    fn pipeline(
        &self,
        hub: &Hub,
        batch: impl Iterator<Item = Outgoing>,
    ) -> (redis::Pipeline, Vec<oneshot::Sender<()>>) {
        let epoch = hub.history().epoch;
        let (mut pipeline, mut marks) = (redis::pipe(), Vec::new());
        for outgoing in batch {
            let (channel, message) = match outgoing {
                Outgoing::Event(event) => {
                    let message = Message::of_event(self.line.server, epoch, &event);
                    (channel_of(epoch.id, event.stream), message)
                }
                Outgoing::Probe(number) => {
                    (channel(epoch.id, number.into()), Message::of_probe(self.line.server, number))
                }
                Outgoing::Mark(mark) => {
                    marks.push(mark);
                    continue;
                }
            };
            pipeline.publish(channel, message.encode()).ignore();
        }
        (pipeline, marks)
    }

    /// False where the batch is lost.
    async fn send(&mut self, pipeline: &redis::Pipeline) -> bool {
        let Some(mut connection) = self.connection().await else { return false };
        let sent: Result<(), RedisError> = pipeline.exec_async(&mut connection).await;
        match sent {
            Ok(()) => self.report(None),
            Err(error) => {
                // What became of the batch is not known; on a new connection nothing old can follow.
                self.connection = None;
                self.report(Some(&error));
                return false;
            }
        }
        true
    }

    async fn connection(&mut self) -> Option<MultiplexedConnection> {
        if self.connection.is_none() && Instant::now() >= self.retry_at {
            let timings = self.line.timings;
            let config = AsyncConnectionConfig::new()
                .set_connection_timeout(Some(timings.publish_max))
                .set_response_timeout(Some(timings.publish_max));
            match self.line.client.get_multiplexed_async_connection_with_config(&config).await {
                Ok(connection) => self.connection = Some(connection),
                Err(error) => {
                    self.retry_at = Instant::now() + timings.retry_first;
                    self.report(Some(&error));
                }
            }
        }
        self.connection.clone()
    }

    /// Says once that it fails, and once that it works again.
    fn report(&mut self, error: Option<&RedisError>) {
        match error {
            Some(error) if !self.failing => tracing::warn!(%error, "news can't be handed to Redis"),
            None if self.failing => tracing::info!("news is handed to Redis again"),
            _ => {}
        }
        self.failing = error.is_some();
    }
}
