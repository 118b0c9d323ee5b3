//! What travels through Redis, and on which channel.
//!
//! Never more than a hint: a message too long to carry its event names it, and the receiver asks the journal.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::platform::journal::{Event, StreamId};
use crate::primitives::cursor::Epoch;
use crate::primitives::ids::ServerId;

/// The same on every server of an installation, for all releases that run side by side.
const CHANNELS: u128 = 16;
/// Longer events are announced by number alone.
const EVENT_BYTES_MAX: usize = 16 * 1024;

/// One message. Exactly one of its bodies is there; one of a later release may have neither.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Message {
    pub(super) from: ServerId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) news: Option<News>,
    /// A number that its sender waits to see again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) probe: Option<u64>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct News {
    pub(super) epoch: Epoch,
    pub(super) stream: StreamId,
    pub(super) seq: i64,
    /// Read only where somebody listens to the stream.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) event: Option<Box<RawValue>>,
}

impl Message {
    pub(super) fn of_event(from: ServerId, epoch: Epoch, event: &Event) -> Self {
        let text = serde_json::value::to_raw_value(event).expect("an event is plain data");
        let event_text = Some(text).filter(|text| text.get().len() <= EVENT_BYTES_MAX);
        let news = News { epoch, stream: event.stream, seq: event.seq, event: event_text };
        Self { from, news: Some(news), probe: None }
    }

    pub(super) fn of_probe(from: ServerId, number: u64) -> Self {
        Self { from, news: None, probe: Some(number) }
    }

    pub(super) fn encode(&self) -> String {
        serde_json::to_string(self).expect("a message is plain data")
    }
}

/// The channel of a stream: all its news travel on one, in order.
pub(super) fn channel_of(installation: Uuid, stream: StreamId) -> String {
    channel(installation, stream.as_uuid().as_u128())
}

/// Every channel in turn, for probes.
pub(super) fn channel(installation: Uuid, number: u128) -> String {
    format!("rollcall:{}:{}", installation.simple(), number % CHANNELS)
}

/// All that a server subscribes to.
pub(super) fn channels(installation: Uuid) -> Vec<String> {
    (0..CHANNELS).map(|number| channel(installation, number)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::journal::samples::{epoch, event};
    use crate::primitives::ids::WorkspaceId;

    fn through(message: &Message) -> Message {
        serde_json::from_str(&message.encode()).expect("readable")
    }

    #[test]
    fn an_event_reads_back_as_it_was_sent() {
        let event = event(7);
        let epoch = epoch();
        let message = through(&Message::of_event(ServerId::new(), epoch, &event));
        let news = message.news.expect("news");
        assert_eq!((news.stream, news.seq, news.epoch), (event.stream, 7, epoch));
        let read: Event = serde_json::from_str(news.event.expect("its text").get()).expect("readable");
        assert_eq!(read, event);
    }

    #[test]
    fn a_long_event_is_announced_by_its_number_alone() {
        let event = Event { payload: "x".repeat(EVENT_BYTES_MAX).into(), ..event(7) };
        let message = through(&Message::of_event(ServerId::new(), epoch(), &event));
        assert!(message.news.is_some_and(|news| news.event.is_none() && news.seq == 7));
    }

    #[test]
    fn a_stream_keeps_to_one_of_the_channels_that_all_subscribe_to() {
        let installation = Uuid::from_u128(1);
        let stream = StreamId::Workspace(WorkspaceId::new());
        assert_eq!(channel_of(installation, stream), channel_of(installation, stream));
        assert!(channels(installation).contains(&channel_of(installation, stream)));
        assert!(!channels(Uuid::from_u128(2)).contains(&channel_of(installation, stream)));
    }
}
