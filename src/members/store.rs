//! The SQL of the members room. It owns `members`, `member_addresses`, `member_words`, `assignments`,
//! `refused_attempts` and `barred_attempts`, and reads roles in its joins.
//!
//! Never reads a row without its workspace.

mod saving;

use std::collections::HashMap;

use sea_orm::{ConnectionTrait, DbErr, QueryResult, Value};

pub(super) use self::saving::{insert, save, save_all, write_all_words, write_words};
use super::contact::Contact;
use super::member::{Block, Departure, Member, MemberState, ReasonCategory};
use crate::access::{Failure, Gate, Never, WorkspaceTx};
use crate::entities::values::StoredActor;
use crate::platform::database::{execute, placeholders, query_all, query_one};
use crate::primitives::actor::Actor;
use crate::primitives::email::EmailKey;
use crate::primitives::ids::{AccountId, MemberId, RoleId, WorkspaceId};
use crate::primitives::time::Timestamp;
use crate::roles::Role;

pub(super) const SELECT: &str = "SELECT m.id, m.workspace_id, m.account_id, m.email, m.email_key, m.name, m.state, \
    m.blocked_at, m.blocked_by, m.block_category, m.block_note, m.block_review_at, m.block_review_told, m.departure_at, m.departure_by, m.departure_category, \
    m.departure_note, m.invitation_expires_at, m.generation, \
    m.removed_while_blocked, m.removed_at, m.reinvite_allowed_at, m.joined_at, m.joined_seq, m.last_active_at, \
    m.revision, m.created_at, r.id AS role_id, r.name AS role_name, r.is_admin, r.is_built_in, \
    r.is_default, r.asset_scope, r.permissions, r.revision AS role_revision FROM members m JOIN roles r ON r.workspace_id = m.workspace_id AND r.id = m.role_id";

async fn find_where<C: ConnectionTrait>(
    db: &C,
    condition: &str,
    values: Vec<Value>,
) -> Result<Option<Member>, DbErr> {
    let row = query_one(db, &format!("{SELECT} WHERE {condition}"), values).await?;
    row.as_ref().map(member).transpose()
}

/// A member by id.
pub async fn find<C: ConnectionTrait>(
    db: &C,
    workspace: WorkspaceId,
    id: MemberId,
) -> Result<Option<Member>, DbErr> {
    find_where(db, "m.workspace_id = $1 AND m.id = $2", vec![workspace.into(), id.into()]).await
}

/// The membership of a person.
pub async fn find_by_account<C: ConnectionTrait>(
    db: &C,
    workspace: WorkspaceId,
    account: AccountId,
) -> Result<Option<Member>, DbErr> {
    find_where(db, "m.workspace_id = $1 AND m.account_id = $2", vec![workspace.into(), account.into()]).await
}

/// The same, where the workspace still stands.
pub(super) async fn find_held<C: ConnectionTrait>(
    db: &C,
    workspace: WorkspaceId,
    account: AccountId,
) -> Result<Option<Member>, DbErr> {
    let condition = "m.workspace_id = $1 AND m.account_id = $2 AND EXISTS (SELECT 1 FROM workspaces w \
                     WHERE w.id = m.workspace_id AND w.deleted_at IS NULL)";
    find_where(db, condition, vec![workspace.into(), account.into()]).await
}

/// The workspaces that a person has a membership in, in any state.
pub(super) async fn list_workspaces_of<C: ConnectionTrait>(
    db: &C,
    account: AccountId,
) -> Result<Vec<WorkspaceId>, DbErr> {
    let sql = "SELECT workspace_id FROM members WHERE account_id = $1 ORDER BY id";
    let rows = query_all(db, sql, vec![account.into()]).await?;
    rows.iter().map(|row| row.try_get("", "workspace_id")).collect()
}

/// Members by their ids, in no order.
pub async fn load_many<C: ConnectionTrait>(
    db: &C,
    workspace: WorkspaceId,
    ids: &[MemberId],
) -> Result<Vec<Member>, DbErr> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!("{SELECT} WHERE m.workspace_id = $1 AND m.id IN ({})", placeholders(2, ids.len()));
    let values = std::iter::once(workspace.into()).chain(ids.iter().map(|id| (*id).into())).collect();
    query_all(db, &sql, values).await?.iter().map(member).collect()
}

/// Active admins besides this one whose accounts go on (WSP-6, SES-7). Stable while the caller holds the workspace's lock.
pub(super) async fn count_other_active_admins(tx: &WorkspaceTx, than: MemberId) -> Result<i64, DbErr> {
    let sql = "SELECT COUNT(*) AS it FROM members m JOIN roles r ON r.workspace_id = m.workspace_id \
               AND r.id = m.role_id JOIN accounts p ON p.id = m.account_id WHERE m.workspace_id = $1 AND m.id <> $2 \
               AND m.state = 'ACTIVE' AND m.blocked_at IS NULL AND r.is_admin AND p.ending IS NULL";
    let values = vec![tx.workspace().into(), than.into()];
    let row = query_one(tx.reader(), sql, values).await?;
    row.map_or(Ok(0), |row| row.try_get("", "it"))
}

/// Members who take a seat (SEAT-1).
pub(super) async fn count_seated<C: ConnectionTrait>(db: &C, workspace: WorkspaceId) -> Result<i64, DbErr> {
    let sql = "SELECT COUNT(*) AS it FROM members WHERE workspace_id = $1 AND state = 'ACTIVE' \
               AND blocked_at IS NULL";
    let row = query_one(db, sql, vec![workspace.into()]).await?;
    row.map_or(Ok(0), |row| row.try_get("", "it"))
}

/// Open invitations whose time isn't over, without that of one person (SEAT-3).
pub(super) async fn count_reserving<C: ConnectionTrait>(
    db: &C,
    (workspace, now): (WorkspaceId, Timestamp),
    without: Option<MemberId>,
) -> Result<i64, DbErr> {
    let other = if without.is_some() { " AND id <> $3" } else { "" };
    let sql = format!(
        "SELECT COUNT(*) AS it FROM members WHERE workspace_id = $1 AND state = 'INVITED' \
         AND invitation_expires_at > $2{other}"
    );
    let values = [workspace.into(), now.into()].into_iter().chain(without.map(Value::from)).collect();
    let row = query_one(db, &sql, values).await?;
    row.map_or(Ok(0), |row| row.try_get("", "it"))
}

/// Gives whoever holds a role another in its place, in any status: a removed member's is kept for them.
pub async fn hand_over_role(tx: &WorkspaceTx, from: RoleId, to: RoleId) -> Result<(), DbErr> {
    let sql =
        "UPDATE members SET role_id = $3, revision = revision + 1 WHERE workspace_id = $1 AND role_id = $2";
    let values = vec![tx.workspace().into(), from.into(), to.into()];
    execute(tx.writer(), sql, values).await?;
    Ok(())
}

/// Notes when a member was last at work here. No event: it changes nothing that others act on.
pub async fn note_activity<C: ConnectionTrait>(
    db: &C,
    workspace: WorkspaceId,
    id: MemberId,
    at: Timestamp,
) -> Result<(), DbErr> {
    let sql = "UPDATE members SET last_active_at = $3 \
               WHERE workspace_id = $1 AND id = $2 AND (last_active_at IS NULL OR last_active_at < $3)";
    execute(db, sql, vec![workspace.into(), id.into(), at.into()]).await?;
    Ok(())
}

/// Blocks whose date to be looked at again has come, and nobody was told of yet.
pub(super) async fn list_due_reviews<C: ConnectionTrait>(
    db: &C,
    now: Timestamp,
    after: Option<(Timestamp, MemberId)>,
    limit: u64,
) -> Result<Vec<(WorkspaceId, MemberId, Timestamp)>, DbErr> {
    let mut values: Vec<Value> = vec![now.into()];
    let after = after.map_or("", |(at, id)| {
        values.extend([at.into(), id.into()]);
        "AND (block_review_at, id) > ($2, $3)"
    });
    let sql = format!(
        "SELECT workspace_id, id, block_review_at FROM members WHERE block_review_at <= $1 \
         AND NOT block_review_told {after} ORDER BY block_review_at, id LIMIT {limit}"
    );
    let rows = query_all(db, &sql, values).await?;
    rows.iter()
        .map(|row| {
            Ok((
                row.try_get("", "workspace_id")?,
                row.try_get("", "id")?,
                row.try_get("", "block_review_at")?,
            ))
        })
        .collect()
}

/// Removes the row of somebody who is deleted for ever, and all that hangs on it.
pub(super) async fn delete(tx: &WorkspaceTx, id: MemberId) -> Result<(), DbErr> {
    delete_many(tx, &[id]).await
}

/// The same of those who never were more than invited (INV-3).
pub(super) async fn delete_many(tx: &WorkspaceTx, ids: &[MemberId]) -> Result<(), DbErr> {
    if ids.is_empty() {
        return Ok(());
    }
    let sql =
        format!("DELETE FROM members WHERE workspace_id = $1 AND id IN ({})", placeholders(2, ids.len()));
    let values = std::iter::once(tx.workspace().into()).chain(ids.iter().map(|id| (*id).into())).collect();
    execute(tx.writer(), &sql, values).await?;
    Ok(())
}

/// Remembers an address of a membership (INV-10); false where it was known.
pub(super) async fn note_address(tx: &WorkspaceTx, id: MemberId, address: &EmailKey) -> Result<bool, DbErr> {
    let sql = "INSERT INTO member_addresses (workspace_id, email_key, member_id) VALUES ($1, $2, $3) \
               ON CONFLICT (workspace_id, email_key, member_id) DO NOTHING";
    let values = vec![tx.workspace().into(), address.clone().into(), id.into()];
    Ok(execute(tx.writer(), sql, values).await? > 0)
}

/// The name of a member, whatever the workspace: for events, which whoever sees them was let see.
pub async fn find_name(gate: &Gate, id: MemberId) -> Result<Option<String>, Failure<Never>> {
    let db = gate.database().reader();
    let sql = "SELECT name FROM members WHERE id = $1";
    let row = query_one(db, sql, vec![id.into()]).await?;
    Ok(row.map(|row| row.try_get("", "name")).transpose()?)
}

/// The names of many, each by its id.
pub async fn load_many_names(
    gate: &Gate,
    ids: &[MemberId],
) -> Result<Vec<(MemberId, String)>, Failure<Never>> {
    let db = gate.database().reader();
    let sql = format!("SELECT id, name FROM members WHERE id IN ({})", placeholders(1, ids.len()));
    let rows = query_all(db, &sql, ids.iter().map(|id| (*id).into()).collect()).await?;
    let named = |row: &QueryResult| Ok::<_, DbErr>((row.try_get("", "id")?, row.try_get("", "name")?));
    Ok(rows.iter().map(named).collect::<Result<_, _>>()?)
}

pub(super) fn member(row: &QueryResult) -> Result<Member, DbErr> {
    let state: String = row.try_get("", "state")?;
    Ok(Member {
        id: row.try_get("", "id")?,
        workspace: row.try_get("", "workspace_id")?,
        account: row.try_get("", "account_id")?,
        email: row.try_get("", "email")?,
        email_key: row.try_get("", "email_key")?,
        name: row.try_get("", "name")?,
        state: MemberState::parse(&state).ok_or_else(|| DbErr::Type("unreadable member state".into()))?,
        block: block(row)?,
        departure: departure(row)?,
        invitation_expires_at: row.try_get("", "invitation_expires_at")?,
        role: held_role(row)?,
        generation: row.try_get("", "generation")?,
        removed_while_blocked: row.try_get("", "removed_while_blocked")?,
        removed_at: row.try_get("", "removed_at")?,
        reinvite_allowed_at: row.try_get("", "reinvite_allowed_at")?,
        joined_at: row.try_get("", "joined_at")?,
        joined_seq: row.try_get("", "joined_seq")?,
        last_active_at: row.try_get("", "last_active_at")?,
        revision: row.try_get("", "revision")?,
        created_at: row.try_get("", "created_at")?,
    })
}

fn block(row: &QueryResult) -> Result<Option<Block>, DbErr> {
    let Some(at) = row.try_get("", "blocked_at")? else { return Ok(None) };
    let by: Option<StoredActor> = row.try_get("", "blocked_by")?;
    let category: Option<String> = row.try_get("", "block_category")?;
    Ok(Some(Block {
        at,
        by: by.map_or(Actor::System, |actor| actor.0),
        category: category.as_deref().and_then(ReasonCategory::parse),
        note: row.try_get("", "block_note")?,
        review_at: row.try_get("", "block_review_at")?,
        review_told: row.try_get("", "block_review_told")?,
    }))
}

fn departure(row: &QueryResult) -> Result<Option<Departure>, DbErr> {
    let Some(at) = row.try_get("", "departure_at")? else { return Ok(None) };
    let by: Option<StoredActor> = row.try_get("", "departure_by")?;
    let category: Option<String> = row.try_get("", "departure_category")?;
    Ok(Some(Departure {
        at,
        by: by.map_or(Actor::System, |actor| actor.0),
        category: category.as_deref().and_then(ReasonCategory::parse),
        note: row.try_get("", "departure_note")?,
    }))
}

fn held_role(row: &QueryResult) -> Result<Role, DbErr> {
    let permissions: String = row.try_get("", "permissions")?;
    Ok(Role {
        id: row.try_get("", "role_id")?,
        name: row.try_get("", "role_name")?,
        scope: row.try_get("", "asset_scope")?,
        is_admin: row.try_get("", "is_admin")?,
        is_built_in: row.try_get("", "is_built_in")?,
        is_default: row.try_get("", "is_default")?,
        permissions: serde_json::from_str(&permissions).map_err(|error| DbErr::Json(error.to_string()))?,
        revision: row.try_get("", "role_revision")?,
    })
}

/// The first of the index of those who serve, for each workspace. Asked twice rather than joined: for a join PostgreSQL
/// would read the members of all the workspaces.
const LONGEST_SERVING_ADMIN: &str = "FROM members a WHERE a.workspace_id = w.id \
    AND a.role_id = (SELECT r.id FROM roles r WHERE r.workspace_id = w.id AND r.is_admin) \
    AND a.state = 'ACTIVE' AND a.blocked_at IS NULL ORDER BY a.joined_at, a.id LIMIT 1";

/// Contacts by workspace, with the longest-serving active admin where none is set (WSP-9). Workspaces that don't exist
/// are not in the answer.
pub async fn load_many_contacts<C: ConnectionTrait>(
    db: &C,
    ids: &[WorkspaceId],
) -> Result<HashMap<WorkspaceId, Contact>, DbErr> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let sql = format!(
        "SELECT w.id, w.contact_text, w.contact_email, (SELECT a.name {LONGEST_SERVING_ADMIN}) AS name, \
         (SELECT a.email {LONGEST_SERVING_ADMIN}) AS email FROM workspaces w WHERE w.id IN ({})",
        placeholders(1, ids.len())
    );
    let values = ids.iter().map(|id| (*id).into()).collect();
    let rows = query_all(db, &sql, values).await?;
    rows.iter().map(|row| Ok((row.try_get("", "id")?, contact(row)?))).collect()
}

/// The contact of one workspace; none where there is no such workspace.
pub async fn find_contact<C: ConnectionTrait>(
    db: &C,
    workspace: WorkspaceId,
) -> Result<Option<Contact>, DbErr> {
    Ok(load_many_contacts(db, &[workspace]).await?.remove(&workspace))
}

fn contact(row: &QueryResult) -> Result<Contact, DbErr> {
    let set = Contact { text: row.try_get("", "contact_text")?, email: row.try_get("", "contact_email")? };
    let admin = Contact { text: row.try_get("", "name")?, email: row.try_get("", "email")? };
    Ok(Contact::of(set, admin))
}

/// With the workspace all of them go, and what hangs on them (WSP-10); also of those who were deleted before (BLK-8).
pub async fn delete_all(tx: &WorkspaceTx) -> Result<(), DbErr> {
    for sql in [
        "DELETE FROM members WHERE workspace_id = $1",
        "DELETE FROM barred_addresses WHERE workspace_id = $1",
    ] {
        execute(tx.writer(), sql, vec![tx.workspace().into()]).await?;
    }
    Ok(())
}
