//! One stream that a connection follows: how far it has applied it, and who listens to it.

use std::sync::Arc;

use super::figures::Counted;
use super::group::Group;
use crate::platform::hub::Reader;
use crate::primitives::cursor::EventCursor;

pub(super) struct Following {
    pub(super) reader: Reader,
    /// Up to this number everything has been applied to the connection; no subscription gets ahead of it.
    pub(super) applied: i64,
    /// What the last check's snapshot had seen.
    pub(super) checked: i64,
    pub(super) subscriptions: Vec<Subscription>,
}

/// One subscription to events.
pub(super) struct Subscription {
    pub(super) id: String,
    /// What stands before the payload in everything that is sent for it.
    pub(super) opening: Box<str>,
    /// With whom it shares what is rendered.
    pub(super) group: Arc<Group>,
    /// Up to this number it has seen everything that is meant for it.
    pub(super) cursor: i64,
    /// Before the connection has applied this number, nothing is shown: the check when it was made saw that far.
    pub(super) begins_at: i64,
    pub(super) _counted: Counted,
}

impl Following {
    pub(super) fn new(reader: Reader) -> Self {
        Self { reader, applied: 0, checked: 0, subscriptions: Vec::new() }
    }

    /// A check's snapshot has seen this far.
    pub(super) fn check(&mut self, head: i64) {
        self.checked = head;
        self.reader.saw(head);
    }

    pub(super) fn cursor(&self, epoch: crate::primitives::cursor::Epoch, seq: i64) -> EventCursor {
        EventCursor { epoch, stream: self.reader.stream().as_uuid(), seq }
    }
}

impl Subscription {
    /// May what it lacks be shown now?
    pub(super) const fn lags(&self, applied: i64) -> bool {
        self.cursor < applied && applied >= self.begins_at
    }
}
