//! The lines of an export: one JSON object each, ended by a line feed.
//!
//! Never a name, an address or a note: an event has none (DEL-1).

use async_graphql::ServerError;
use serde::Serialize;
use serde_json::{Value, json};

use crate::audit::{self, Change, Exported};
use crate::platform::journal::Subject;
use crate::primitives::actor::Actor;
use crate::primitives::cursor::EventCursor;

/// An entry of the log.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line<'a> {
    id: String,
    #[serde(rename = "type")]
    kind: &'a str,
    version: i16,
    event_cursor: String,
    occurred_at: String,
    actor: Value,
    origin: Option<&'a str>,
    member_id: Option<String>,
    category: Option<&'a str>,
    changes: Vec<Value>,
    payload: &'a Value,
}

pub(super) fn event(row: &Exported, out: &mut Vec<u8>) {
    let event = &row.event;
    let line = Line {
        id: event.id.to_string(),
        kind: &event.kind,
        version: event.version,
        event_cursor: row.cursor.encode(),
        occurred_at: event.occurred_at.to_rfc3339(),
        actor: actor(event.actor),
        origin: event.origin.map(|origin| origin.as_str()),
        member_id: match event.subject {
            Some(Subject::Member(member)) => Some(member.to_string()),
            _ => None,
        },
        category: audit::category(event),
        changes: audit::changes(event).into_iter().map(change).collect(),
        payload: &event.payload,
    };
    write(&line, out);
}

fn actor(actor: Actor) -> Value {
    let (kind, id) = match actor {
        Actor::Member(id) => ("MEMBER", Some(id.to_string())),
        Actor::Account(id) => ("ACCOUNT", Some(id.to_string())),
        Actor::ApiKey(id) => ("API_KEY", Some(id.to_string())),
        Actor::System => ("SYSTEM", None),
        Actor::Unknown => ("OTHER", None),
    };
    json!({ "kind": kind, "id": id })
}

fn change(Change { what, from, to }: Change) -> Value {
    json!({ "what": what, "from": from, "to": to })
}

/// Entries up to here were asked for, and the operator has archived them.
pub(super) fn archived(up_to: EventCursor, out: &mut Vec<u8>) {
    write(&json!({ "archived": { "count": up_to.seq, "eventCursor": up_to.encode() } }), out);
}

/// The last line of an export that is whole.
pub(super) fn whole(count: usize, reached: EventCursor, out: &mut Vec<u8>) {
    write(&json!({ "end": { "complete": true, "events": count, "eventCursor": reached.encode() } }), out);
}

/// The last line of one that isn't.
pub(super) fn broken_off(
    count: usize,
    reached: Option<EventCursor>,
    error: Option<&ServerError>,
    out: &mut Vec<u8>,
) {
    let cursor = reached.map(|cursor| cursor.encode());
    let end = json!({ "complete": false, "events": count, "eventCursor": cursor, "error": error });
    write(&json!({ "end": end }), out);
}

fn write<T: Serialize>(line: &T, out: &mut Vec<u8>) {
    serde_json::to_writer(&mut *out, line).expect("an entry is plain data");
    out.push(b'\n');
}
