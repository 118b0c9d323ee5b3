//! The bus: how the news of a committed event reaches whoever listens, here and on the other servers.
//!
//! Never fails or delays a mutation, and never is what correctness rests on: it may lose, repeat and reorder, because
//! the hub takes an event only when it is the next one and asks the journal for the rest (EVT-5).

mod figures;
mod message;
mod publisher;
mod redis;
mod subscriber;

use std::sync::Arc;

use futures_util::future::BoxFuture;

pub use self::figures::BusFigures;
pub use self::redis::{RedisBus, RedisTimings};
use crate::platform::hub::Hub;
use crate::platform::journal::Event;

/// Carries news. Called after the commit, with the events of one transaction in their order.
pub trait Bus: Send + Sync {
    fn publish(&self, events: Vec<Arc<Event>>);

    /// Returns when whatever was published before has left, or is lost. Whoever calls says how long that may take.
    fn flush(&self) -> BoxFuture<'static, ()>;

    /// What it has carried and lost; nothing where there is nothing to count.
    fn figures(&self) -> Option<BusFigures>;
}

/// Within one process the bus is a function call (EVT-6).
#[derive(Clone, Debug)]
pub struct InProcess {
    hub: Hub,
}

impl InProcess {
    pub const fn new(hub: Hub) -> Self {
        Self { hub }
    }
}

impl Bus for InProcess {
    fn publish(&self, events: Vec<Arc<Event>>) {
        self.hub.deliver_all(&events);
    }

    fn flush(&self) -> BoxFuture<'static, ()> {
        Box::pin(std::future::ready(()))
    }

    fn figures(&self) -> Option<BusFigures> {
        None
    }
}
