//! What time does to a connection: pings, and the end of one that takes nothing or gives no sign of life.
//!
//! Never a timer of its own: the hub's wheel calls, and never exactly.

use std::time::Duration;

use tokio::time::Instant;

use super::connection::{Connection, Ending};
use super::protocol::CloseCode;
use crate::platform::hub::{Attachment, Call};

/// The next call that was asked for; it is only ever moved forward.
#[derive(Debug, Default)]
pub(super) struct Timer(Option<Instant>);

impl Timer {
    /// Sees to it that the connection is called then, or before.
    pub(super) fn set(&mut self, at: Instant, attachment: &Attachment) {
        if self.0.is_none_or(|set| at < set) {
            self.0 = Some(at);
            attachment.call_after(at.saturating_duration_since(Instant::now()));
        }
    }
}

impl Connection {
    /// One call for all that a connection waits for.
    pub(super) fn set_timer(&mut self) {
        let ping_every = Duration::from_secs(self.shared.parts.socket_limits.socket_ping_seconds);
        let ping_at = self.pinged_at + ping_every;
        let at = self.retry_at.map_or(ping_at, |retry_at| retry_at.min(ping_at));
        self.timer.set(at, &self.attachment);
    }

    /// Does what is due. It may be called early: then nothing is, and the next call is set anew.
    pub(super) fn take_time(&mut self) -> Result<(), Ending> {
        self.pending = self.pending.without(Call::TIME);
        self.timer = Timer::default();
        let now = Instant::now();
        let limits = &self.shared.parts.socket_limits;
        let stall_max = Duration::from_secs(limits.socket_stall_seconds);
        let ping_every = Duration::from_secs(limits.socket_ping_seconds);
        if self.wire.stalled_since().is_some_and(|since| now >= since + stall_max) {
            return Err(Ending::Close(CloseCode::TryAgainLater, "Too slow; go on from the last cursor"));
        }
        if now >= self.heard_at + 2 * ping_every + Duration::from_secs(1) {
            return Err(Ending::Close(CloseCode::TryAgainLater, "No answer to pings"));
        }
        if now >= self.pinged_at + ping_every {
            self.pinged_at = now;
            self.wire.ping();
        }
        if self.retry_at.is_some_and(|at| now >= at) {
            self.retry_at = None;
        }
        Ok(())
    }
}
