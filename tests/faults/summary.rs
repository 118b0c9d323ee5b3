//! What a run came to, in words and figures.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::record::{Heard, Outcome, Record, SECOND};
use super::run::Ended;

/// Figures of a run, ready for docs/faults.md; with a violation, what shows it.
pub fn of(ended: &Ended) -> String {
    let Ended { record, journal, violations, .. } = ended;
    let mut text = format!("seed {}, {} s\n\n", record.seed, record.stopped_at / SECOND);
    let (mut asks, mut faults): (BTreeMap<&str, [u64; 3]>, BTreeMap<&str, u64>) = Default::default();
    for ask in &record.asks {
        let counts = asks.entry(ask.what.name()).or_default();
        counts[match ask.outcome {
            Outcome::Done(_) => 0,
            Outcome::Refused(_) => 1,
            Outcome::Unknown => 2,
        }] += 1;
    }
    record.faults.iter().for_each(|fault| *faults.entry(fault.kind).or_default() += 1);
    text += "| operation | done | refused | unknown |\n| --- | --- | --- | --- |\n";
    for (name, [done, refused, unknown]) in &asks {
        let _ = writeln!(text, "| {name} | {done} | {refused} | {unknown} |");
    }
    text += "\n| fault | times |\n| --- | --- |\n";
    for (name, times) in &faults {
        let _ = writeln!(text, "| {name} | {times} |");
    }
    let events: usize = journal.0.values().map(Vec::len).sum();
    let _ = write!(
        text,
        "\n| | |\n| --- | --- |\n| credentials | {} |\n| sockets that were let in | {} |\n| reconnects of readers | {} |\n\
         | resyncs | {} |\n| forced logouts | {} |\n| events in the journal | {events} |\n| deliveries checked | {} |\n\
         | violations | {} |\n",
        record.credentials.len(),
        record.sockets.iter().filter(|socket| socket.acknowledged.is_some()).count(),
        reconnects(record),
        heard(record, |heard| matches!(heard, Heard::Resync { .. })),
        heard(record, |heard| matches!(heard, Heard::SessionEnded(_))),
        heard(record, |heard| matches!(heard, Heard::Event { .. })),
        violations.len(),
    );
    text
}

fn heard(record: &Record, wanted: impl Fn(&Heard) -> bool) -> usize {
    record.sockets.iter().flat_map(|socket| &socket.heard).filter(|(_, heard)| wanted(heard)).count()
}

fn reconnects(record: &Record) -> usize {
    let readings = record.sockets.iter().filter(|socket| socket.reader.is_some()).count();
    readings.saturating_sub(record.readers.len())
}

/// Stops the test where something did not hold.
pub fn judge(ended: &Ended) {
    eprintln!("{}", of(ended));
    let odd: Vec<&String> = ended.defects.iter().take(10).collect();
    assert!(odd.is_empty(), "the servers logged defects (seed {}): {odd:#?}", ended.record.seed);
    if ended.violations.is_empty() {
        return;
    }
    let shown: Vec<String> = ended.violations.iter().take(10).map(ToString::to_string).collect();
    let faults = ended.record.faults.iter();
    let faults: Vec<String> =
        faults.map(|it| format!("{} ({}), {}–{} µs", it.kind, it.what, it.from, it.to)).collect();
    panic!(
        "{} violations with seed {}:\n{}\n\n{}\n\n{}",
        ended.violations.len(),
        ended.record.seed,
        shown.join("\n"),
        faults.join("\n"),
        ended.last_words
    );
}
