//! Reading the journal: the heads of streams, and what came after a number.
//!
//! Never filters by audience; whoever shows events to somebody does that. Never stops at a word that it doesn't know: a
//! later release writes into the same journal while servers are being replaced, and an event that can't be read would
//! end its stream for everybody here. What isn't known is read as the safe side of it.

use std::collections::HashMap;

use sea_orm::{ConnectionTrait, DbBackend, DbErr, QueryResult, Statement};
use uuid::Uuid;

use super::envelope::{Effect, Event, StreamId, Subject};
use crate::platform::database::{placeholders, query_all, query_one, statement};
use crate::primitives::actor::{Actor, Audience, Origin};
use crate::primitives::cursor::Epoch;
use crate::primitives::ids::{AccountId, ApiKeyId, EventId, MemberId, OperationId};
use crate::primitives::time::Timestamp;

pub(super) const COLUMNS: &str = "stream_id, seq, id, stream_kind, type, version, operation_id, occurred_at, actor_kind, \
                       actor_id, origin, audience, subject_kind, subject_id, effect, payload";

/// The events of a stream after a number, in order, at most `limit`. Those that were archived are gone, whether their
/// rows are or not: whoever counts on the next number sees that it is missing.
pub async fn read_after<C: ConnectionTrait>(
    db: &C,
    stream: StreamId,
    after: i64,
    limit: u64,
) -> Result<Vec<Event>, DbErr> {
    let sql = format!(
        "SELECT {COLUMNS} FROM events WHERE stream_id = $1 AND seq > $2 \
         AND seq > (SELECT floor FROM streams WHERE id = $1) ORDER BY seq LIMIT $3"
    );
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let values = vec![stream.as_uuid().into(), after.into(), limit.into()];
    let rows = query_all(db, &sql, values).await?;
    rows.iter().map(event).collect()
}

/// What a call wrote, by its operation id: tells after a lost answer whether it took effect.
pub async fn find_operation<C: ConnectionTrait>(db: &C, operation: OperationId) -> Result<Vec<Event>, DbErr> {
    let sql = format!("SELECT {COLUMNS} FROM events WHERE operation_id = $1 ORDER BY stream_id, seq");
    let rows = query_all(db, &sql, vec![operation.as_uuid().into()]).await?;
    rows.iter().map(event).collect()
}

/// Where a stream ends and begins: its last number, and the number up to which it was archived. Nothing up to there is
/// shown to anybody, whether its rows have gone or not.
pub async fn head<C: ConnectionTrait>(db: &C, stream: StreamId) -> Result<Option<(i64, i64)>, DbErr> {
    let sql = "SELECT seq, floor FROM streams WHERE id = $1";
    let row = query_one(db, sql, vec![stream.as_uuid().into()]).await?;
    row.map(|row| Ok((row.try_get("", "seq")?, row.try_get("", "floor")?))).transpose()
}

/// Those of many streams that do not end where they are known to, with where they do. Mostly none: a row for each stream
/// that somebody listens to, several times a second, would be most of what a quiet server does.
pub async fn moved<C: ConnectionTrait>(db: &C, known: &[(Uuid, i64)]) -> Result<HashMap<Uuid, i64>, DbErr> {
    if db.get_database_backend() == DbBackend::Postgres {
        return ends(db, moved_on_postgres(db, known)).await;
    }
    let heads = ends(db, heads_on_sqlite(db, known)).await?;
    // A stream that isn't there has no events.
    let head = |id: &Uuid| heads.get(id).copied().unwrap_or_default();
    let moved = known.iter().filter(|(id, seq)| head(id) != *seq);
    Ok(moved.map(|(id, _)| (*id, head(id))).collect())
}

async fn ends<C: ConnectionTrait>(db: &C, statement: Statement) -> Result<HashMap<Uuid, i64>, DbErr> {
    let rows = db.query_all_raw(statement).await?;
    rows.iter().map(|row| Ok((row.try_get("", "id")?, row.try_get("", "seq")?))).collect()
}

/// One form of the statement for however many streams.
fn moved_on_postgres<C: ConnectionTrait>(db: &C, known: &[(Uuid, i64)]) -> Statement {
    let sql = "SELECT k.id, COALESCE(s.seq, 0) AS seq \
               FROM unnest(CAST(CAST($1 AS text) AS uuid[]), CAST(CAST($2 AS text) AS bigint[])) AS k (id, seq) \
               LEFT JOIN streams s ON s.id = k.id WHERE COALESCE(s.seq, 0) <> k.seq";
    let (mut ids, mut seqs) = (String::with_capacity(known.len() * 37 + 1), String::new());
    for (id, seq) in known {
        let part = if ids.is_empty() { '{' } else { ',' };
        let mut text = Uuid::encode_buffer();
        ids.push(part);
        ids.push_str(id.hyphenated().encode_lower(&mut text));
        seqs.push(part);
        seqs.push_str(&seq.to_string());
    }
    for array in [&mut ids, &mut seqs] {
        array.push_str(if array.is_empty() { "{}" } else { "}" });
    }
    statement(db, sql, vec![ids.into(), seqs.into()])
}

/// Filled up to a power of two with the last one, so that few forms of the statement are ever prepared.
fn heads_on_sqlite<C: ConnectionTrait>(db: &C, known: &[(Uuid, i64)]) -> Statement {
    let count = known.len().next_power_of_two();
    let last = known.last().map(|(id, _)| *id).unwrap_or_default();
    let ids = known.iter().map(|(id, _)| *id).chain(std::iter::repeat(last)).take(count);
    let sql = format!("SELECT id, seq FROM streams WHERE id IN ({})", placeholders(1, count));
    statement(db, &sql, ids.map(Into::into).collect())
}

/// Which history the numbers belong to: the stored id, and PostgreSQL's timeline, which a failover or a restored
/// backup changes.
pub async fn epoch<C: ConnectionTrait>(db: &C) -> Result<Epoch, DbErr> {
    // The timeline that is being written now. `pg_control_checkpoint()` tells the last checkpoint's, which for a moment
    // after a failover is still the old one.
    let sql = if db.get_database_backend() == DbBackend::Postgres {
        "SELECT epoch, ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::bigint AS timeline \
         FROM installation"
    } else {
        "SELECT epoch, 0 AS timeline FROM installation"
    };
    let row = query_one(db, sql, vec![]).await?;
    let row = row.ok_or_else(|| DbErr::RecordNotFound("installation".into()))?;
    Ok(Epoch { id: row.try_get("", "epoch")?, timeline: row.try_get("", "timeline")? })
}

pub(super) fn event(row: &QueryResult) -> Result<Event, DbErr> {
    let kind: String = row.try_get("", "stream_kind")?;
    let payload: String = row.try_get("", "payload")?;
    Ok(Event {
        stream: StreamId::from_stored(&kind, row.try_get("", "stream_id")?)
            .ok_or_else(|| unreadable("stream_kind"))?,
        seq: row.try_get("", "seq")?,
        id: EventId::from_uuid(row.try_get("", "id")?),
        kind: row.try_get("", "type")?,
        version: row.try_get("", "version")?,
        operation: OperationId::from_uuid(row.try_get("", "operation_id")?),
        occurred_at: Timestamp::from_micros(row.try_get("", "occurred_at")?),
        actor: actor(row)?,
        origin: Origin::parse(&row.try_get::<String>("", "origin")?),
        audience: audience(&row.try_get::<String>("", "audience")?),
        subject: subject(row)?,
        effect: row.try_get::<Option<String>>("", "effect")?.map(|text| effect(&text)),
        payload: serde_json::from_str(&payload).map_err(|_| unreadable("payload"))?,
    })
}

/// An audience that isn't known is the narrowest: those who may read the whole log anyway.
fn audience(word: &str) -> Audience {
    Audience::parse(word).unwrap_or(Audience::Admins)
}

/// An effect that can't be read, be it for a single word in it, is one that isn't known: sessions are checked anew.
fn effect(text: &str) -> Effect {
    serde_json::from_str(text).unwrap_or(Effect::Unknown)
}

fn actor(row: &QueryResult) -> Result<Actor, DbErr> {
    let kind: String = row.try_get("", "actor_kind")?;
    let id: Option<Uuid> = row.try_get("", "actor_id")?;
    Ok(match (kind.as_str(), id) {
        ("MEMBER", Some(id)) => Actor::Member(MemberId::from_uuid(id)),
        ("ACCOUNT", Some(id)) => Actor::Account(AccountId::from_uuid(id)),
        ("API_KEY", Some(id)) => Actor::ApiKey(ApiKeyId::from_uuid(id)),
        ("SYSTEM", None) => Actor::System,
        _ => Actor::Unknown,
    })
}

/// A subject that isn't known is nobody: what is for those whom an event is about is shown to none by that.
fn subject(row: &QueryResult) -> Result<Option<Subject>, DbErr> {
    let kind: Option<String> = row.try_get("", "subject_kind")?;
    let id: Option<Uuid> = row.try_get("", "subject_id")?;
    Ok(match (kind.as_deref(), id) {
        (Some("MEMBER"), Some(id)) => Some(Subject::Member(MemberId::from_uuid(id))),
        (Some("ACCOUNT"), Some(id)) => Some(Subject::Account(AccountId::from_uuid(id))),
        _ => None,
    })
}

fn unreadable(column: &str) -> DbErr {
    DbErr::Type(format!("an event's {column} can't be read"))
}
