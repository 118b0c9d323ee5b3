//! Reading the journal by what its entries are: filtered, in either direction, a page at a time.
//!
//! Never shows what was archived, and never counts rows to skip. Each filter has its index (m0013), which ends with the
//! number: a page is read from its place on, and no further.

use std::collections::BTreeSet;

use sea_orm::{ConnectionTrait, DbErr, Value};
use uuid::Uuid;

use super::envelope::{Event, StreamId};
use super::read::{COLUMNS, event};
use crate::platform::database::{placeholders, query_all, query_one};
use crate::primitives::actor::Origin;
use crate::primitives::time::Timestamp;

/// Which entries are meant. Nothing given: all.
#[derive(Clone, Debug, Default)]
pub struct EventFilter {
    /// Of one of these types, by name; one that nobody knows has no entries.
    pub kinds: Vec<String>,
    /// By this actor, whatever its kind.
    pub actor: Option<Uuid>,
    /// About this member or account.
    pub subject: Option<Uuid>,
    pub origins: Vec<Origin>,
    /// From this time on.
    pub since: Option<Timestamp>,
    /// Before this time.
    pub until: Option<Timestamp>,
}

/// Which numbers, in which direction, and how many at most.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    pub after: Option<i64>,
    pub before: Option<i64>,
    pub descending: bool,
    pub limit: u64,
}

/// Conditions of a statement, with their values from `$1` on.
struct Conditions {
    text: String,
    values: Vec<Value>,
}

impl Conditions {
    fn place(&mut self, value: impl Into<Value>) -> String {
        self.values.push(value.into());
        format!("${}", self.values.len())
    }

    fn and(&mut self, column: &str, value: impl Into<Value>) {
        let place = self.place(value);
        self.text.push_str(&format!(" AND {column} {place}"));
    }

    fn of(stream: StreamId, filter: &EventFilter) -> Self {
        let mut these = Self {
            text: "stream_id = $1 AND seq > (SELECT floor FROM streams WHERE id = $1)".to_owned(),
            values: vec![stream.as_uuid().into()],
        };
        if let Some(actor) = filter.actor {
            these.and("actor_id =", actor);
        }
        if let Some(subject) = filter.subject {
            these.and("subject_id =", subject);
        }
        these.bound_times(filter);
        these
    }

    /// Times grow with the numbers, so that a time is a number: that of the first entry from then on.
    fn bound_times(&mut self, filter: &EventFilter) {
        const FIRST: &str = "SELECT seq FROM events WHERE stream_id = $1 AND occurred_at >=";
        if let Some(since) = filter.since {
            let place = self.place(since.as_micros());
            self.text.push_str(&format!(" AND seq >= ({FIRST} {place} ORDER BY occurred_at, seq LIMIT 1)"));
        }
        if let Some(until) = filter.until {
            let place = self.place(until.as_micros());
            let all = i64::MAX;
            self.text.push_str(&format!(
                " AND seq < COALESCE(({FIRST} {place} ORDER BY occurred_at, seq LIMIT 1), {all})"
            ));
        }
    }

    /// `column IN (…)`, where there is something to be among.
    fn among(&mut self, column: &str, words: &[&str]) {
        if !words.is_empty() {
            let places = placeholders(self.values.len() + 1, words.len());
            self.values.extend(words.iter().map(|word| Value::from((*word).to_owned())));
            self.text.push_str(&format!(" AND {column} IN ({places})"));
        }
    }
}

/// A page of a stream's entries.
pub async fn read_page<C: ConnectionTrait>(
    db: &C,
    stream: StreamId,
    filter: &EventFilter,
    span: Span,
) -> Result<Vec<Event>, DbErr> {
    let mut these = Conditions::of(stream, filter);
    if let Some(after) = span.after {
        these.and("seq >", after);
    }
    if let Some(before) = span.before {
        these.and("seq <", before);
    }
    let (kinds, origins) = words(filter);
    let (column, apart) = if kinds.is_empty() {
        ("origin", origins)
    } else {
        these.among("origin", &origins);
        ("type", kinds)
    };
    let way = if span.descending { "DESC" } else { "ASC" };
    let end = format!("ORDER BY seq {way} LIMIT {}", span.limit);
    let shared = these.text.clone();
    let mut readings = Vec::with_capacity(apart.len());
    for word in apart {
        let place = these.place(word.to_owned());
        readings.push(format!("SELECT {COLUMNS} FROM events WHERE {shared} AND {column} = {place} {end}"));
    }
    let sql = match readings.as_slice() {
        [] => format!("SELECT {COLUMNS} FROM events WHERE {shared} {end}"),
        [only] => only.clone(),
        several => merged(several, &end),
    };
    let rows = query_all(db, &sql, these.values).await?;
    rows.iter().map(event).collect()
}

/// Each word is read in order from an index; several are merged, so that no page sorts more than the pages of its words.
fn merged(readings: &[String], end: &str) -> String {
    let each = readings.iter().enumerate().map(|(at, reading)| format!("SELECT * FROM ({reading}) r{at}"));
    format!("{} {end}", each.collect::<Vec<_>>().join(" UNION ALL "))
}

/// How many entries are meant.
pub async fn count<C: ConnectionTrait>(db: &C, stream: StreamId, filter: &EventFilter) -> Result<i64, DbErr> {
    let mut these = Conditions::of(stream, filter);
    let (kinds, origins) = words(filter);
    these.among("type", &kinds);
    these.among("origin", &origins);
    let sql = format!("SELECT COUNT(*) AS it FROM events WHERE {}", these.text);
    let row = query_one(db, &sql, these.values).await?;
    row.map_or(Ok(0), |row| row.try_get("", "it"))
}

/// The words that are looked for, each once.
fn words(filter: &EventFilter) -> (Vec<&str>, Vec<&str>) {
    let kinds: BTreeSet<&str> = filter.kinds.iter().map(String::as_str).collect();
    let origins: BTreeSet<&str> = filter.origins.iter().map(|origin| origin.as_str()).collect();
    (kinds.into_iter().collect(), origins.into_iter().collect())
}
