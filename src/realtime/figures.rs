//! What the sockets count, for the dashboard.
//!
//! Never counts anything per person or workspace, nor looks at what is sent.

use std::sync::Arc;

use crate::platform::telemetry::{Counter, Gauge, Telemetry};

pub(super) struct Figures {
    pub(super) subscriptions: Arc<Gauge>,
    pub(super) groups: Arc<Gauge>,
    pub(super) executions: Arc<Counter>,
    pub(super) deliveries: Arc<Counter>,
    pub(super) backlog_messages: Arc<Gauge>,
    pub(super) backlog_bytes: Arc<Gauge>,
}

impl Figures {
    pub(super) fn new(telemetry: &Telemetry) -> Self {
        let gauge = |name, help| telemetry.gauge(name, help, &[]);
        let counter = |name, help| telemetry.counter(name, help, &[]);
        Self {
            subscriptions: gauge("rollcall_subscriptions", "Subscriptions that are open."),
            groups: gauge(
                "rollcall_subscription_groups",
                "Groups of subscriptions to the same, each executed once.",
            ),
            executions: counter(
                "rollcall_event_executions_total",
                "Events executed and serialised, once for all of a group.",
            ),
            deliveries: counter("rollcall_deliveries_total", "Events handed to subscriptions."),
            backlog_messages: gauge("rollcall_backlog_messages", "Messages that wait for slow readers."),
            backlog_bytes: gauge(
                "rollcall_backlog_bytes",
                "Bytes of the messages that wait for slow readers.",
            ),
        }
    }
}

/// One open subscription, as long as it lives.
pub(super) struct Counted(Arc<Figures>);

impl Counted {
    pub(super) fn new(figures: &Arc<Figures>) -> Self {
        figures.subscriptions.add(1);
        Self(Arc::clone(figures))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.subscriptions.add(-1);
    }
}
