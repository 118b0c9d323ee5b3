//! The figures that `/metrics` shows of the parts that keep their own.
//!
//! Never counts anything per person or workspace: figures are for whoever may see the dashboard.

use std::sync::Arc;

use crate::access::Gate;
use crate::access::check::{CheckFigures, Checker};
use crate::platform::bus::{Bus, BusFigures};
use crate::platform::hub::Hub;
use crate::platform::telemetry::{FigureKind, Telemetry};

pub(super) fn register(telemetry: &Telemetry, gate: &Gate, hub: &Hub, bus: &Arc<dyn Bus>) {
    register_checks(telemetry, gate.checker());
    register_ages(telemetry, hub);
    let connected = hub.clone();
    let read = move || count(connected.connected());
    telemetry.reading(FigureKind::Gauge, "rollcall_connections", "Sockets that were let in.", read);
    let help = "From the time of an event that ends sessions to the last of their sockets here.";
    telemetry.histogram("rollcall_forced_logout_seconds", help, hub.exit_seconds());
    let ready = hub.clone();
    let read = move || f64::from(u8::from(ready.is_ready()));
    let help = "1 while the database answers the look at the heads.";
    telemetry.reading(FigureKind::Gauge, "rollcall_ready", help, read);
    let followed = hub.clone();
    let help =
        "Events that the subscriber who is furthest behind has not come to, of those that are known here.";
    telemetry.reading(FigureKind::Gauge, "rollcall_subscriber_lag_events", help, move || {
        precise(followed.lag_max())
    });
    if bus.figures().is_some() {
        register_bus(telemetry, bus);
    }
}

fn register_checks(telemetry: &Telemetry, checker: &Checker) {
    for (at, kind) in checker.figures().map(|figures| figures.kind).into_iter().enumerate() {
        let add = |name, help, read: fn(&CheckFigures) -> u64| {
            let checker = checker.clone();
            let read = move || precise(read(&checker.figures()[at]));
            telemetry.labelled_reading((FigureKind::Counter, name, help), &[("kind", kind)], read);
        };
        add("rollcall_checks_total", "Credentials that were checked.", |figures| figures.checks);
        let help = "Statements that credentials were checked with.";
        add("rollcall_check_statements_total", help, |figures| figures.statements);
    }
}

/// How far behind this server may be.
fn register_ages(telemetry: &Telemetry, hub: &Hub) {
    let looking = hub.clone();
    let help = "Seconds since the last answered look at the heads was asked.";
    telemetry.reading(FigureKind::Gauge, "rollcall_look_age_seconds", help, move || {
        looking.look_age().as_secs_f64()
    });
    let proving = hub.clone();
    let help =
        "Seconds since it was last known that nothing is missing, of the stream where that is longest ago.";
    telemetry.reading(FigureKind::Gauge, "rollcall_feed_age_seconds", help, move || {
        proving.proof_age_max().as_secs_f64()
    });
}

fn register_bus(telemetry: &Telemetry, bus: &Arc<dyn Bus>) {
    let add = |kind, name, help, read: fn(&BusFigures) -> f64| {
        let bus = Arc::clone(bus);
        telemetry.reading(kind, name, help, move || bus.figures().as_ref().map_or(0.0, read));
    };
    let healthy = |figures: &BusFigures| f64::from(u8::from(figures.healthy));
    add(FigureKind::Gauge, "rollcall_bus_healthy", "1 while probes travel through Redis and back.", healthy);
    let help = "Events handed to Redis.";
    add(FigureKind::Counter, "rollcall_bus_published_total", help, |figures| precise(figures.published));
    let help = "Events that Redis did not take in time; they arrive by the look at the heads.";
    add(FigureKind::Counter, "rollcall_bus_lost_total", help, |figures| precise(figures.lost));
    let help = "Events that came through Redis.";
    add(FigureKind::Counter, "rollcall_bus_received_total", help, |figures| precise(figures.received));
    let help = "Times that the subscription was made anew.";
    add(FigureKind::Counter, "rollcall_bus_subscriptions_total", help, |figures| {
        precise(figures.subscriptions)
    });
}

#[expect(clippy::cast_precision_loss, reason = "Prometheus' numbers are doubles")]
fn precise(count: u64) -> f64 {
    count as f64
}

fn count(count: usize) -> f64 {
    precise(count as u64)
}
