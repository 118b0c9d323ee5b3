//! Refused attempts to bring a blocked member back: on record, one event per actor, member and hour, with a count
//! (BLK-10). Those on somebody who was deleted for ever name nobody: one per actor and hour.
//!
//! Never part of the change that was refused: the record is a transaction of its own.

use sea_orm::{ConnectionTrait, DbErr, QueryResult, Value};
use uuid::Uuid;

use super::events;
use super::lifecycle::Operation;
use super::member::Member;
use super::store;
use crate::access::{Failure, Gate, WorkspaceProof, WorkspaceTx};
use crate::platform::database::{placeholders, query_all, query_one, value_rows};
use crate::primitives::actor::{Actor, Origin};
use crate::primitives::ids::{AccountId, ApiKeyId, MemberId, WorkspaceId};
use crate::primitives::time::Timestamp;

/// Who or what tried, within one hour.
#[derive(Clone, Debug)]
pub struct RefusedAttempt {
    pub actor: Actor,
    pub origin: Origin,
    /// What was tried last.
    pub operation: Operation,
    pub attempts: i64,
    pub last_at: Timestamp,
}

/// Ends a transaction that changed nothing with the record of what it was refused.
pub async fn record_and_end<R>(
    mut tx: WorkspaceTx,
    member: &Member,
    tried: Operation,
) -> Result<(), Failure<R>> {
    let first = count(&tx, &[member.id], tried).await?;
    announce(&mut tx, std::slice::from_ref(member), &first, tried);
    tx.commit_refusal().await.map_err(Failure::widen)?;
    Ok(())
}

/// Tells of those whose first attempt of the hour it was.
fn announce(tx: &mut WorkspaceTx, members: &[Member], first: &[MemberId], tried: Operation) {
    let now = tx.now();
    for member in members.iter().filter(|member| first.contains(&member.id)) {
        tx.announce(events::refused_attempt_recorded(member, tried, now));
    }
}

/// Whom a call tried to bring back round their block, each once, however many of its rows did.
#[derive(Debug, Default)]
pub struct Tried {
    members: Vec<MemberId>,
    /// Also somebody who was deleted for ever, whom nothing is known by here (BLK-8).
    barred: bool,
}

impl Tried {
    pub fn note(&mut self, member: Option<MemberId>) {
        match member {
            Some(id) if self.members.contains(&id) => {}
            Some(id) => self.members.push(id),
            None => self.barred = true,
        }
    }
}

/// Records what a call tried beside the rows that it went on with. Where those `changed` anything, whoever asked must not
/// hear that nothing was.
pub async fn record_beside<R: std::fmt::Debug>(
    gate: &Gate,
    asked: (&WorkspaceProof, Origin),
    tried: Tried,
    (operation, changed): (Operation, bool),
) -> Result<(), Failure<R>> {
    match record_all(gate, asked, tried, operation).await {
        Err(failure) if changed => {
            tracing::error!(?failure, "refused attempts could not be recorded");
            Ok(())
        }
        recorded => recorded,
    }
}

async fn record_all<R>(
    gate: &Gate,
    (proof, origin): (&WorkspaceProof, Origin),
    tried: Tried,
    operation: Operation,
) -> Result<(), Failure<R>> {
    let Tried { members: ids, barred } = tried;
    if ids.is_empty() && !barred {
        return Ok(());
    }
    let mut tx = gate.by_witness(proof, origin).await?;
    let mut members = store::load_many(tx.reader(), tx.workspace(), &ids).await?;
    members.sort_by_key(|member| ids.iter().position(|id| *id == member.id));
    let found: Vec<MemberId> = members.iter().map(|member| member.id).collect();
    let first = count(&tx, &found, operation).await?;
    announce(&mut tx, &members, &first, operation);
    if barred && count_barred(&tx, operation).await? == 1 {
        tx.announce(events::barred_attempt_recorded(operation));
    }
    tx.commit_refusal().await.map_err(Failure::widen)?;
    Ok(())
}

fn actor_key(actor: Actor) -> (&'static str, Uuid) {
    match actor {
        Actor::Member(id) => ("MEMBER", id.as_uuid()),
        Actor::Account(id) => ("ACCOUNT", id.as_uuid()),
        Actor::ApiKey(id) => ("API_KEY", id.as_uuid()),
        Actor::System | Actor::Unknown => ("SYSTEM", Uuid::nil()),
    }
}

fn actor_of(kind: &str, id: Uuid) -> Actor {
    match kind {
        "MEMBER" => Actor::Member(MemberId::from_uuid(id)),
        "ACCOUNT" => Actor::Account(AccountId::from_uuid(id)),
        "API_KEY" => Actor::ApiKey(ApiKeyId::from_uuid(id)),
        _ => Actor::System,
    }
}

/// Counts an attempt on each; tells whose first of the hour it was.
async fn count(tx: &WorkspaceTx, members: &[MemberId], tried: Operation) -> Result<Vec<MemberId>, DbErr> {
    if members.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!(
        "INSERT INTO refused_attempts (workspace_id, member_id, hour, actor_kind, actor_id, operation, origin, \
         attempts, last_at) VALUES {} ON CONFLICT (workspace_id, member_id, hour, actor_kind, actor_id) DO UPDATE SET \
         attempts = refused_attempts.attempts + 1, last_at = excluded.last_at, operation = excluded.operation \
         RETURNING member_id, attempts",
        value_rows(1, members.len(), 9)
    );
    let (kind, actor) = actor_key(tx.actor());
    let values = members.iter().flat_map(|id| -> [Value; 9] {
        [
            tx.workspace().into(),
            (*id).into(),
            tx.now().hour_start().into(),
            kind.into(),
            actor.into(),
            tried.as_str().into(),
            tx.origin().into(),
            1i64.into(),
            tx.now().into(),
        ]
    });
    let rows = query_all(tx.writer(), &sql, values.collect()).await?;
    let counted: Vec<(MemberId, i64)> = rows
        .iter()
        .map(|row| Ok((row.try_get("", "member_id")?, row.try_get("", "attempts")?)))
        .collect::<Result<_, DbErr>>()?;
    Ok(counted.into_iter().filter(|(_, attempts)| *attempts == 1).map(|(id, _)| id).collect())
}

/// Counts an attempt on somebody whom nothing is known by; says how many the actor has made within the hour.
async fn count_barred(tx: &WorkspaceTx, tried: Operation) -> Result<i64, DbErr> {
    let sql = "INSERT INTO barred_attempts (workspace_id, hour, actor_kind, actor_id, operation, origin, attempts, \
               last_at) VALUES ($1, $2, $3, $4, $5, $6, 1, $7) ON CONFLICT (workspace_id, hour, actor_kind, actor_id) \
               DO UPDATE SET attempts = barred_attempts.attempts + 1, last_at = excluded.last_at, \
               operation = excluded.operation RETURNING attempts";
    let (kind, actor) = actor_key(tx.actor());
    let values = vec![
        tx.workspace().into(),
        tx.now().hour_start().into(),
        kind.into(),
        actor.into(),
        tried.as_str().into(),
        tx.origin().into(),
        tx.now().into(),
    ];
    let row = query_one(tx.writer(), sql, values).await?;
    row.map_or(Ok(0), |row| row.try_get("", "attempts"))
}

/// What is on record about those whom nothing is known by, newest first.
pub(super) async fn list_barred<C: ConnectionTrait>(
    db: &C,
    workspace: WorkspaceId,
    limit: i64,
) -> Result<Vec<RefusedAttempt>, DbErr> {
    let sql = "SELECT actor_kind, actor_id, origin, operation, attempts, last_at FROM barred_attempts \
               WHERE workspace_id = $1 ORDER BY last_at DESC, actor_id LIMIT $2";
    let rows = query_all(db, sql, vec![workspace.into(), limit.into()]).await?;
    rows.iter().map(attempt).collect()
}

fn attempt(row: &QueryResult) -> Result<RefusedAttempt, DbErr> {
    let kind: String = row.try_get("", "actor_kind")?;
    let operation: String = row.try_get("", "operation")?;
    Ok(RefusedAttempt {
        actor: actor_of(&kind, row.try_get("", "actor_id")?),
        origin: row.try_get("", "origin")?,
        operation: Operation::parse(&operation).ok_or_else(|| DbErr::Type("unreadable operation".into()))?,
        attempts: row.try_get("", "attempts")?,
        last_at: row.try_get("", "last_at")?,
    })
}

/// What is on record about members, newest first, at most `limit` of each.
pub(super) async fn load_many<C: ConnectionTrait>(
    db: &C,
    workspace: WorkspaceId,
    members: &[MemberId],
    limit: i64,
) -> Result<Vec<(MemberId, RefusedAttempt)>, DbErr> {
    if members.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!(
        "SELECT member_id, actor_kind, actor_id, origin, operation, attempts, last_at FROM ( \
         SELECT r.*, ROW_NUMBER() OVER (PARTITION BY member_id ORDER BY last_at DESC, actor_id) AS place \
         FROM refused_attempts r WHERE workspace_id = $1 AND member_id IN ({})) numbered \
         WHERE place <= $2 ORDER BY member_id, place",
        placeholders(3, members.len())
    );
    let values = [workspace.into(), limit.into()].into_iter().chain(members.iter().map(|id| (*id).into()));
    let rows = query_all(db, &sql, values.collect()).await?;
    rows.iter().map(|row| Ok((row.try_get("", "member_id")?, attempt(row)?))).collect()
}
