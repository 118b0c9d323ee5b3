//! Writing the journal: lock the stream's row, number the events, insert them.
//!
//! Never takes a number from a database sequence: those are handed out before commit, so a reader could pass one that
//! is still to come.

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, QueryResult, Value};
use uuid::Uuid;

use super::envelope::{Event, NewEvent, StreamId, Subject};
use crate::planted::{self, Bug};
use crate::platform::database::{execute, placeholders, query_all, query_one, value_rows};
use crate::primitives::actor::{Actor, Origin};
use crate::primitives::ids::{AccountId, EventId, OperationId};
use crate::primitives::time::Timestamp;

/// Rows that one statement writes, of sixteen values at most: SQLite takes 32,766 values in one.
const WRITTEN_AT_ONCE: usize = 2000;

/// A stream whose row this transaction holds: nobody else can append to it until the transaction ends.
#[derive(Clone, Debug)]
pub struct LockedStream {
    pub id: StreamId,
    pub seq: i64,
    pub last_at: Timestamp,
}

/// Locks the stream's row, alone in its statement: whatever is read afterwards is read after the wait. `None` where
/// there is no such stream.
pub async fn lock_stream(tx: &DatabaseTransaction, id: StreamId) -> Result<Option<LockedStream>, DbErr> {
    // SQLite's write transactions are alone from their beginning.
    let sql = match tx.get_database_backend() {
        _ if planted::is(Bug::NumbersFromSequence) => "SELECT seq, last_at FROM streams WHERE id = $1",
        DbBackend::Postgres => "SELECT seq, last_at FROM streams WHERE id = $1 FOR UPDATE",
        _ => "SELECT seq, last_at FROM streams WHERE id = $1",
    };
    let row = query_one(tx, sql, vec![id.as_uuid().into()]).await?;
    row.map(|row: QueryResult| {
        let last_at = Timestamp::from_micros(row.try_get("", "last_at")?);
        Ok(LockedStream { id, seq: row.try_get("", "seq")?, last_at })
    })
    .transpose()
}

/// Locks the rows of several persons' streams, in ascending order, as all who lock more than one do. A stream that is
/// gone is not in the answer.
pub async fn lock_account_streams(
    tx: &DatabaseTransaction,
    accounts: &[AccountId],
) -> Result<Vec<LockedStream>, DbErr> {
    let mut locked = Vec::with_capacity(accounts.len());
    for some in accounts.chunks(WRITTEN_AT_ONCE) {
        let end = if tx.get_database_backend() == DbBackend::Postgres { " FOR UPDATE" } else { "" };
        let sql = format!(
            "SELECT id, seq, last_at FROM streams WHERE id IN ({}) ORDER BY id{end}",
            placeholders(1, some.len())
        );
        let values = some.iter().map(|id| id.as_uuid().into()).collect();
        for row in query_all(tx, &sql, values).await? {
            let id = StreamId::Account(AccountId::from_uuid(row.try_get("", "id")?));
            let last_at = Timestamp::from_micros(row.try_get("", "last_at")?);
            locked.push(LockedStream { id, seq: row.try_get("", "seq")?, last_at });
        }
    }
    Ok(locked)
}

/// Makes a stream; it is locked by having been made.
pub async fn create_stream(
    tx: &DatabaseTransaction,
    id: StreamId,
    now: Timestamp,
) -> Result<LockedStream, DbErr> {
    let sql = "INSERT INTO streams (id, kind, seq, floor, last_at) VALUES ($1, $2, 0, 0, $3)";
    let values = vec![id.as_uuid().into(), id.kind().into(), now.as_micros().into()];
    execute(tx, sql, values).await?;
    Ok(LockedStream { id, seq: 0, last_at: now })
}

/// Waits until a transaction that makes this stream has ended, where one is under way. Only to be looked after: whoever
/// asks ends their own transaction without a commit, for the stream may have been made by this.
pub async fn await_creation(tx: &DatabaseTransaction, id: StreamId, now: Timestamp) -> Result<(), DbErr> {
    let sql = "INSERT INTO streams (id, kind, seq, floor, last_at) VALUES ($1, $2, 0, 0, $3) ON CONFLICT DO NOTHING";
    let values = vec![id.as_uuid().into(), id.kind().into(), now.as_micros().into()];
    execute(tx, sql, values).await.map(|_| ())
}

/// By whom, how and in which call the events of one append came about.
#[derive(Clone, Copy, Debug)]
pub struct Authorship {
    pub operation: OperationId,
    pub actor: Actor,
    pub origin: Origin,
    pub now: Timestamp,
}

/// Gives the events their streams' next numbers and writes them, with the streams' new heads: in as many statements for
/// several streams as for one.
pub async fn append(
    tx: &DatabaseTransaction,
    news: Vec<(&mut LockedStream, Vec<NewEvent>)>,
    authorship: Authorship,
) -> Result<Vec<Event>, DbErr> {
    let (mut events, mut heads) = (Vec::new(), Vec::new());
    for (stream, news) in news.into_iter().filter(|(_, news)| !news.is_empty()) {
        for new in news {
            #[cfg(feature = "planted-bugs")]
            from_sequence(tx, stream).await?;
            events.push(number(stream, authorship, new));
        }
        heads.push((stream.id, stream.seq, stream.last_at));
    }
    if !events.is_empty() {
        insert(tx, &events).await?;
        move_heads(tx, &heads).await?;
    }
    Ok(events)
}

async fn move_heads(tx: &DatabaseTransaction, heads: &[(StreamId, i64, Timestamp)]) -> Result<(), DbErr> {
    for some in heads.chunks(WRITTEN_AT_ONCE) {
        let sql = format!(
            "WITH heads (id, seq, last_at) AS (VALUES {}) UPDATE streams SET seq = heads.seq, \
             last_at = heads.last_at FROM heads WHERE streams.id = heads.id",
            value_rows(1, some.len(), 3)
        );
        let values = some
            .iter()
            .flat_map(|(id, seq, at)| [id.as_uuid().into(), (*seq).into(), at.as_micros().into()])
            .collect();
        execute(tx, &sql, values).await?;
    }
    Ok(())
}

/// The next number as a database sequence has it.
#[cfg(feature = "planted-bugs")]
async fn from_sequence(tx: &DatabaseTransaction, stream: &mut LockedStream) -> Result<(), DbErr> {
    if !planted::is(Bug::NumbersFromSequence) {
        return Ok(());
    }
    let name = format!("planted_{}", stream.id.as_uuid().simple());
    let sql = format!("CREATE SEQUENCE IF NOT EXISTS {name} START {}", stream.seq + 1);
    tx.execute_unprepared(&sql).await?;
    let row = query_one(tx, &format!("SELECT nextval('{name}') AS it"), vec![]).await?;
    let row = row.ok_or_else(|| DbErr::RecordNotFound(name))?;
    stream.seq = row.try_get::<i64>("", "it")? - 1;
    Ok(())
}

fn number(stream: &mut LockedStream, authorship: Authorship, new: NewEvent) -> Event {
    stream.seq += 1;
    stream.last_at = stream.last_at.max(new.occurred_at.unwrap_or(authorship.now));
    Event {
        stream: stream.id,
        seq: stream.seq,
        id: EventId::new(),
        kind: new.kind.to_owned(),
        version: new.version,
        operation: authorship.operation,
        occurred_at: stream.last_at,
        actor: authorship.actor,
        origin: Some(authorship.origin),
        audience: new.audience,
        subject: new.subject,
        effect: new.effect,
        payload: new.payload,
    }
}

/// The two columns that an actor is stored in.
pub(super) fn actor_columns(actor: Actor) -> (&'static str, Option<Uuid>) {
    match actor {
        Actor::Member(id) => ("MEMBER", Some(id.as_uuid())),
        Actor::Account(id) => ("ACCOUNT", Some(id.as_uuid())),
        Actor::ApiKey(id) => ("API_KEY", Some(id.as_uuid())),
        Actor::System => ("SYSTEM", None),
        Actor::Unknown => ("UNKNOWN", None),
    }
}

/// The columns of [`values`], in its order.
const COLUMNS: &str = "stream_id, seq, id, stream_kind, type, version, operation_id, occurred_at, actor_kind, actor_id, \
                       origin, audience, subject_kind, subject_id, effect, payload";

async fn insert(tx: &DatabaseTransaction, events: &[Event]) -> Result<(), DbErr> {
    for some in events.chunks(WRITTEN_AT_ONCE) {
        let values: Vec<Value> = some.iter().flat_map(values).collect();
        let rows = value_rows(1, some.len(), values.len() / some.len());
        let sql = format!("INSERT INTO events ({COLUMNS}) VALUES {rows}");
        execute(tx, &sql, values).await?;
    }
    Ok(())
}

fn values(event: &Event) -> [Value; 16] {
    let (actor_kind, actor_id) = actor_columns(event.actor);
    let (subject_kind, subject_id) = match event.subject {
        Some(Subject::Member(id)) => (Some("MEMBER"), Some(id.as_uuid())),
        Some(Subject::Account(id)) => (Some("ACCOUNT"), Some(id.as_uuid())),
        None => (None, None),
    };
    let effect = event.effect.as_ref().map(json);
    [
        event.stream.as_uuid().into(),
        event.seq.into(),
        event.id.as_uuid().into(),
        event.stream.kind().into(),
        event.kind.clone().into(),
        event.version.into(),
        event.operation.as_uuid().into(),
        event.occurred_at.as_micros().into(),
        actor_kind.into(),
        actor_id.into(),
        authored(event).into(),
        event.audience.as_str().into(),
        subject_kind.into(),
        subject_id.into(),
        effect.into(),
        event.payload.to_string().into(),
    ]
}

/// The word of how it was asked. Only what was read from the journal can lack one, and that is never written again.
fn authored(event: &Event) -> &'static str {
    event.origin.map_or("UNKNOWN", Origin::as_str)
}

pub(super) fn json<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("an effect is plain data")
}

/// Gives a new database its epoch.
pub async fn ensure_installation(tx: &DatabaseTransaction, now: Timestamp) -> Result<(), DbErr> {
    let sql =
        "INSERT INTO installation (id, epoch, created_at) VALUES (1, $1, $2) ON CONFLICT (id) DO NOTHING";
    let epoch: Uuid = OperationId::new().as_uuid();
    execute(tx, sql, vec![epoch.into(), now.as_micros().into()]).await?;
    Ok(())
}
