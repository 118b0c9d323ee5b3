//! What time alone does to connections: a lease without proof runs out, a session comes of age.
//!
//! One round for all of them instead of a timer each. Never asks the database: it must end connections when nothing
//! answers.

use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::time::MissedTickBehavior;

use super::feed::Feed;
use super::{Connection, Hub, Inner, Verdict, micros};

pub(super) async fn run(hub: Weak<Inner>, every: Duration) {
    let mut ticks = tokio::time::interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let Some(inner) = hub.upgrade() else { return };
        Hub(inner).sweep();
    }
}

impl Hub {
    fn sweep(&self) {
        let now = self.0.clock.now();
        let lapsed_before = self.0.now().saturating_sub(micros(self.0.settings.lease));
        let lapsed: Vec<Arc<Feed>> =
            self.feeds().values().filter(|feed| feed.proven_at() < lapsed_before).cloned().collect();
        for feed in lapsed {
            feed.end_all(Verdict::Lapsed);
        }
        for Connection { listener, .. } in self.connections().values() {
            listener.check_age(now);
        }
    }
}
