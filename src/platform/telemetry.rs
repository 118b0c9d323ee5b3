//! Figures for Prometheus, kept by hand: counters, gauges, and readings of what a part counts itself.
//!
//! Never on the way of a request: a part asks for its figures once, when it is built, and then adds to an atomic.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Only ever grows.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    pub fn increment(&self) {
        self.add(1);
    }

    pub fn add(&self, count: u64) {
        self.0.fetch_add(count, Ordering::Relaxed);
    }

    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Goes up and down.
#[derive(Debug, Default)]
pub struct Gauge(AtomicI64);

impl Gauge {
    pub fn set(&self, value: i64) {
        self.0.store(value, Ordering::Relaxed);
    }

    pub fn add(&self, difference: i64) {
        self.0.fetch_add(difference, Ordering::Relaxed);
    }

    pub fn get(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// How often something took how long, or was how large.
#[derive(Debug)]
pub struct Histogram {
    /// The buckets' upper ends, ascending; beyond the last is one more.
    bounds: &'static [f64],
    counts: Vec<AtomicU64>,
    /// In millionths.
    sum: AtomicU64,
}

impl Histogram {
    pub fn new(bounds: &'static [f64]) -> Self {
        let counts = (0..=bounds.len()).map(|_| AtomicU64::default()).collect();
        Self { bounds, counts, sum: AtomicU64::default() }
    }

    /// Notes one value; none is below zero.
    pub fn observe(&self, value: f64) {
        let bucket = self.bounds.partition_point(|bound| *bound < value);
        self.counts[bucket].fetch_add(1, Ordering::Relaxed);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it saturates")]
        self.sum.fetch_add((value * 1e6) as u64, Ordering::Relaxed);
    }

    /// How many were noted.
    pub fn count(&self) -> u64 {
        self.counts.iter().map(|count| count.load(Ordering::Relaxed)).sum()
    }

    fn render(&self, name: &str, text: &mut String) -> std::fmt::Result {
        let bounds = self.bounds.iter().map(f64::to_string).chain(["+Inf".to_owned()]);
        let mut below = 0;
        for (bound, count) in bounds.zip(&self.counts) {
            below += count.load(Ordering::Relaxed);
            writeln!(text, "{name}_bucket{{le=\"{bound}\"}} {below}")?;
        }
        #[expect(clippy::cast_precision_loss, reason = "Prometheus' numbers are doubles")]
        let sum = self.sum.load(Ordering::Relaxed) as f64 / 1e6;
        writeln!(text, "{name}_sum {sum}\n{name}_count {below}")
    }
}

/// Whether a reading only grows.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum FigureKind {
    Counter,
    Gauge,
    /// Only of what `Telemetry::histogram` is given.
    Histogram,
}

type Read = Box<dyn Fn() -> f64 + Send + Sync>;

enum Figure {
    Counter(Arc<Counter>),
    Gauge(Arc<Gauge>),
    Reading(Read),
    Histogram(Arc<Histogram>),
}

struct Family {
    kind: FigureKind,
    help: &'static str,
    /// By their labels, written out.
    figures: BTreeMap<String, Figure>,
}

/// All figures of one server.
#[derive(Default)]
pub struct Telemetry {
    families: Mutex<BTreeMap<&'static str, Family>>,
}

/// What tells the figures of one name apart: `("status", "2xx")`.
pub type Label<'a> = (&'a str, &'a str);

impl Telemetry {
    /// The counter of this name and labels; the same one whenever it is asked for. Names end in `_total`.
    pub fn counter(&self, name: &'static str, help: &'static str, labels: &[Label<'_>]) -> Arc<Counter> {
        let new = Arc::<Counter>::default();
        let figure = Figure::Counter(Arc::clone(&new));
        self.family(name, help, FigureKind::Counter, |family| {
            match family.figures.entry(written(labels)).or_insert(figure) {
                Figure::Counter(counter) => Arc::clone(counter),
                _ => new,
            }
        })
    }

    /// The gauge of this name and labels; the same one whenever it is asked for.
    pub fn gauge(&self, name: &'static str, help: &'static str, labels: &[Label<'_>]) -> Arc<Gauge> {
        let new = Arc::<Gauge>::default();
        let figure = Figure::Gauge(Arc::clone(&new));
        self.family(name, help, FigureKind::Gauge, |family| {
            match family.figures.entry(written(labels)).or_insert(figure) {
                Figure::Gauge(gauge) => Arc::clone(gauge),
                _ => new,
            }
        })
    }

    /// A figure that a part keeps itself, read when somebody looks.
    pub fn reading(
        &self,
        kind: FigureKind,
        name: &'static str,
        help: &'static str,
        read: impl Fn() -> f64 + Send + Sync + 'static,
    ) {
        let figure = Figure::Reading(Box::new(read));
        self.family(name, help, kind, |family| family.figures.insert(String::new(), figure));
    }

    /// Likewise, one of several of its name.
    pub fn labelled_reading(
        &self,
        (kind, name, help): (FigureKind, &'static str, &'static str),
        labels: &[Label<'_>],
        read: impl Fn() -> f64 + Send + Sync + 'static,
    ) {
        let figure = Figure::Reading(Box::new(read));
        self.family(name, help, kind, |family| family.figures.insert(written(labels), figure));
    }

    /// A histogram that a part keeps itself.
    pub fn histogram(&self, name: &'static str, help: &'static str, histogram: Arc<Histogram>) {
        let figure = Figure::Histogram(histogram);
        self.family(name, help, FigureKind::Histogram, |family| {
            family.figures.insert(String::new(), figure);
        });
    }

    fn family<T>(
        &self,
        name: &'static str,
        help: &'static str,
        kind: FigureKind,
        with: impl FnOnce(&mut Family) -> T,
    ) -> T {
        let mut families = self.families.lock().unwrap_or_else(PoisonError::into_inner);
        with(families.entry(name).or_insert_with(|| Family { kind, help, figures: BTreeMap::new() }))
    }

    /// All figures in the text format of Prometheus, version 0.0.4.
    pub fn render(&self) -> String {
        let families = self.families.lock().unwrap_or_else(PoisonError::into_inner);
        let mut text = String::new();
        for (name, family) in families.iter() {
            family.render(name, &mut text).expect("a string takes all that is written to it");
        }
        text
    }
}

impl Family {
    fn render(&self, name: &str, text: &mut String) -> std::fmt::Result {
        let kind = match self.kind {
            FigureKind::Counter => "counter",
            FigureKind::Gauge => "gauge",
            FigureKind::Histogram => "histogram",
        };
        writeln!(text, "# HELP {name} {}\n# TYPE {name} {kind}", self.help)?;
        for (labels, figure) in &self.figures {
            match figure {
                Figure::Counter(counter) => writeln!(text, "{name}{labels} {}", counter.get())?,
                Figure::Gauge(gauge) => writeln!(text, "{name}{labels} {}", gauge.get())?,
                Figure::Reading(read) => writeln!(text, "{name}{labels} {}", read())?,
                Figure::Histogram(histogram) => histogram.render(name, text)?,
            }
        }
        Ok(())
    }
}

fn written(labels: &[Label<'_>]) -> String {
    if labels.is_empty() {
        return String::new();
    }
    let escaped = |value: &str| value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    let pairs: Vec<String> =
        labels.iter().map(|(name, value)| format!("{name}=\"{}\"", escaped(value))).collect();
    format!("{{{}}}", pairs.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_told_in_the_text_format_of_prometheus() {
        let telemetry = Telemetry::default();
        let ok = telemetry.counter("rollcall_requests_total", "Requests.", &[("status", "2xx")]);
        ok.increment();
        telemetry.counter("rollcall_requests_total", "Requests.", &[("status", "2xx")]).add(2);
        telemetry.counter("rollcall_requests_total", "Requests.", &[("status", "5\"x")]);
        telemetry.gauge("rollcall_sockets", "Open sockets.", &[]).set(-1);
        telemetry.reading(FigureKind::Gauge, "rollcall_age_seconds", "Age.", || 0.5);
        assert_eq!(
            telemetry.render(),
            "# HELP rollcall_age_seconds Age.\n# TYPE rollcall_age_seconds gauge\nrollcall_age_seconds 0.5\n\
             # HELP rollcall_requests_total Requests.\n# TYPE rollcall_requests_total counter\n\
             rollcall_requests_total{status=\"2xx\"} 3\nrollcall_requests_total{status=\"5\\\"x\"} 0\n\
             # HELP rollcall_sockets Open sockets.\n# TYPE rollcall_sockets gauge\nrollcall_sockets -1\n"
        );
    }

    #[test]
    fn a_histogram_counts_each_value_in_every_bucket_that_it_fits() {
        let (telemetry, histogram) = (Telemetry::default(), Arc::new(Histogram::new(&[0.01, 0.5])));
        telemetry.histogram("rollcall_wait_seconds", "Waits.", Arc::clone(&histogram));
        for value in [0.01, 0.25, 0.25, 4.0] {
            histogram.observe(value);
        }
        assert_eq!(histogram.count(), 4);
        assert_eq!(
            telemetry.render(),
            "# HELP rollcall_wait_seconds Waits.\n# TYPE rollcall_wait_seconds histogram\n\
             rollcall_wait_seconds_bucket{le=\"0.01\"} 1\nrollcall_wait_seconds_bucket{le=\"0.5\"} 3\n\
             rollcall_wait_seconds_bucket{le=\"+Inf\"} 4\nrollcall_wait_seconds_sum 4.51\n\
             rollcall_wait_seconds_count 4\n"
        );
    }
}
