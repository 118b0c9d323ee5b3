//! Refused attempts to bring a blocked member back: on record, one event per actor, member and hour, with a count
//! (BLK-10).
//!
//! Never part of the change that was refused: the record is a transaction of its own.

use sea_orm::{ConnectionTrait, DbErr, Value};
use uuid::Uuid;

use super::events;
use super::lifecycle::Operation;
use super::member::Member;
use super::store;
use crate::access::{Failure, Gate, WorkspaceProof, WorkspaceTx};
use crate::platform::database::{placeholders, query_all, value_rows};
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

/// Records attempts on several members, each named once, beside a transaction that went on with other rows.
pub(super) async fn record_all<R>(
    gate: &Gate,
    (proof, origin): (&WorkspaceProof, Origin),
    ids: &[MemberId],
    tried: Operation,
) -> Result<(), Failure<R>> {
    if ids.is_empty() {
        return Ok(());
    }
    let mut tx = gate.by_witness(proof, origin).await?;
    let mut members = store::load_many(tx.reader(), tx.workspace(), ids).await?;
    members.sort_by_key(|member| ids.iter().position(|id| *id == member.id));
    let found: Vec<MemberId> = members.iter().map(|member| member.id).collect();
    let first = count(&tx, &found, tried).await?;
    announce(&mut tx, &members, &first, tried);
    tx.commit_refusal().await.map_err(Failure::widen)?;
    Ok(())
}

/// Records an attempt beside a transaction that goes on with other rows.
pub async fn record<R>(
    gate: &Gate,
    (proof, origin): (&WorkspaceProof, Origin),
    member: MemberId,
    tried: Operation,
) -> Result<(), Failure<R>> {
    let tx = gate.by_witness(proof, origin).await?;
    match store::find(tx.reader(), tx.workspace(), member).await? {
        Some(member) => record_and_end(tx, &member, tried).await,
        None => Ok(()),
    }
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
    rows.iter()
        .map(|row| {
            let kind: String = row.try_get("", "actor_kind")?;
            let operation: String = row.try_get("", "operation")?;
            let attempt = RefusedAttempt {
                actor: actor_of(&kind, row.try_get("", "actor_id")?),
                origin: row.try_get("", "origin")?,
                operation: Operation::parse(&operation)
                    .ok_or_else(|| DbErr::Type("unreadable operation".into()))?,
                attempts: row.try_get("", "attempts")?,
                last_at: row.try_get("", "last_at")?,
            };
            Ok((row.try_get("", "member_id")?, attempt))
        })
        .collect()
}
