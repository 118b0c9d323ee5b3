//! How long it takes until those whom an event puts out are out: from its time to the last of their connections here.
//!
//! Never knows who they are. The event's time is of the server that wrote it, so between servers the figure is as
//! good as their clocks.

use std::sync::Arc;

use crate::platform::telemetry::Histogram;
use crate::primitives::time::{Clock, Timestamp};

/// In seconds.
const BOUNDS: &[f64] = &[0.001, 0.002, 0.005, 0.01, 0.02, 0.04, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0];

#[derive(Clone, Debug)]
pub(super) struct Exits {
    clock: Clock,
    seconds: Arc<Histogram>,
}

/// Held by each connection that one event puts out; the last one to let go has it noted.
#[derive(Debug)]
pub(super) struct Exit {
    exits: Exits,
    since: Timestamp,
}

impl Exits {
    pub(super) fn new(clock: Clock) -> Self {
        Self { clock, seconds: Arc::new(Histogram::new(BOUNDS)) }
    }

    pub(super) fn seconds(&self) -> Arc<Histogram> {
        Arc::clone(&self.seconds)
    }

    pub(super) fn begin(&self, since: Timestamp) -> Arc<Exit> {
        Arc::new(Exit { exits: self.clone(), since })
    }
}

impl Drop for Exit {
    fn drop(&mut self) {
        let micros = self.exits.clock.now().as_micros().saturating_sub(self.since.as_micros());
        let took = std::time::Duration::from_micros(u64::try_from(micros).unwrap_or_default());
        self.exits.seconds.observe(took.as_secs_f64());
    }
}
