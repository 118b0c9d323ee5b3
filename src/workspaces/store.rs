//! The table of the workspaces, and the reads that join members and roles to it.

mod end;

use sea_orm::{ActiveValue::Set, ConnectionTrait, DbErr, EntityTrait, QueryResult, Value};

pub use self::end::{
    delete_purged, find_deletion, find_untold, get_name, list_deleted, list_deleted_before, list_untold,
    mark_deleted, mark_told, purge, unmark_deleted,
};
use super::Workspace;
use crate::access::WorkspaceTx;
use crate::entities::workspaces;
use crate::members::Contact;
use crate::platform::database::{execute, placeholders, query_all, query_one};
use crate::platform::keyset::Order;
use crate::policy::{Kind, Policy};
use crate::primitives::actor::MemberStatus;
use crate::primitives::ids::{AccountId, MemberId, RoleId, WorkspaceId};
use crate::primitives::page::PageRequest;
use crate::primitives::time::Timestamp;

/// A person's row in a workspace, next to the workspace.
pub(super) struct Held {
    pub(super) member: MemberId,
    pub(super) workspace: Workspace,
    pub(super) role: RoleId,
    pub(super) status: MemberStatus,
    pub(super) joined_at: Option<Timestamp>,
    pub(super) revision: i64,
    pub(super) created_at: Timestamp,
}

const MEMBERSHIP_ORDER: Order<'static> = Order::ascending("m.created_at", "m.id").numeric();

/// Open invitations and removed members are no memberships; a block lies over either of these states.
const HELD: &str = "FROM members m JOIN workspaces w ON w.id = m.workspace_id \
    WHERE m.account_id = $1 AND m.state IN ('ACTIVE', 'DEACTIVATED') AND w.deleted_at IS NULL";

const HELD_COLUMNS: &str = "m.id AS member_id, m.role_id, m.state, m.blocked_at IS NOT NULL AS blocked, m.joined_at, \
    m.revision AS member_revision, m.created_at AS member_created_at, w.id, w.name, w.kind, w.revision, w.created_at";

fn kind(word: &str) -> Result<Kind, DbErr> {
    Kind::parse(word).ok_or_else(|| DbErr::Type(format!("{word} is no kind of workspace")))
}

pub(super) async fn find<C: ConnectionTrait>(
    connection: &C,
    id: WorkspaceId,
) -> Result<Option<Workspace>, DbErr> {
    let row = workspaces::Entity::find_by_id(id).one(connection).await?;
    row.map(|row| {
        let kind = kind(&row.kind)?;
        Ok(Workspace { id: row.id, name: row.name, kind, revision: row.revision, created_at: row.created_at })
    })
    .transpose()
}

pub(super) async fn insert(tx: &WorkspaceTx, workspace: &Workspace, policy: &Policy) -> Result<(), DbErr> {
    let row = workspaces::ActiveModel {
        id: Set(tx.workspace()),
        name: Set(workspace.name.clone()),
        kind: Set(workspace.kind.as_str().to_owned()),
        policy: Set(policy.to_stored()),
        contact_text: Set(None),
        contact_email: Set(None),
        revision: Set(workspace.revision),
        created_at: Set(workspace.created_at),
        deleted_at: Set(None),
    };
    workspaces::Entity::insert(row).exec_without_returning(tx.writer()).await?;
    Ok(())
}

/// Saves name and contact, and raises the revision to the one that the workspace bears.
pub(super) async fn save(tx: &WorkspaceTx, workspace: &Workspace, contact: &Contact) -> Result<(), DbErr> {
    let sql =
        "UPDATE workspaces SET name = $2, contact_text = $3, contact_email = $4, revision = $5 WHERE id = $1";
    let values = vec![
        tx.workspace().into(),
        workspace.name.clone().into(),
        contact.text.clone().into(),
        contact.email.clone().into(),
        workspace.revision.into(),
    ];
    let writer = tx.writer();
    execute(writer, sql, values).await?;
    Ok(())
}

/// Saves the settings; tells the workspace's revision after it.
pub(super) async fn save_policy(tx: &WorkspaceTx, policy: &Policy) -> Result<i64, DbErr> {
    let sql = "UPDATE workspaces SET policy = $2, revision = revision + 1 WHERE id = $1 RETURNING revision";
    let writer = tx.writer();
    let values = vec![tx.workspace().into(), policy.to_stored().into()];
    let row = query_one(writer, sql, values).await?;
    row.ok_or_else(|| DbErr::RecordNotFound(format!("no {}", tx.workspace())))?.try_get("", "revision")
}

/// The contact that the admins have set.
pub(super) async fn find_set_contact(tx: &WorkspaceTx) -> Result<Contact, DbErr> {
    let row = workspaces::Entity::find_by_id(tx.workspace()).one(tx.reader()).await?;
    Ok(row.map(|row| Contact { text: row.contact_text, email: row.contact_email }).unwrap_or_default())
}

pub(super) async fn list_held<C: ConnectionTrait>(
    connection: &C,
    account: AccountId,
    request: &PageRequest,
) -> Result<Vec<Held>, DbErr> {
    let page = MEMBERSHIP_ORDER.page(request, 2);
    let sql = format!("SELECT {HELD_COLUMNS} {HELD}{}{}", page.conditions, page.order);
    let values = std::iter::once(account.into()).chain(page.values);
    all_held(connection, &sql, values.collect()).await
}

pub(super) async fn find_many_held<C: ConnectionTrait>(
    connection: &C,
    account: AccountId,
    members: &[MemberId],
) -> Result<Vec<Held>, DbErr> {
    if members.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!("SELECT {HELD_COLUMNS} {HELD} AND m.id IN ({})", placeholders(2, members.len()));
    let values = std::iter::once(account.into()).chain(members.iter().map(|member| (*member).into()));
    all_held(connection, &sql, values.collect()).await
}

pub(super) async fn count_held<C: ConnectionTrait>(connection: &C, account: AccountId) -> Result<u64, DbErr> {
    let sql = format!("SELECT COUNT(*) AS it {HELD}");
    let row = query_one(connection, &sql, vec![account.into()]).await?;
    let count: i64 = row.map(|row| row.try_get("", "it")).transpose()?.unwrap_or_default();
    Ok(count.unsigned_abs())
}

async fn all_held<C: ConnectionTrait>(
    connection: &C,
    sql: &str,
    values: Vec<Value>,
) -> Result<Vec<Held>, DbErr> {
    query_all(connection, sql, values).await?.iter().map(held).collect()
}

fn held(row: &QueryResult) -> Result<Held, DbErr> {
    let blocked: bool = row.try_get("", "blocked")?;
    let state: String = row.try_get("", "state")?;
    let status = match (blocked, state.as_str()) {
        (true, _) => MemberStatus::Blocked,
        (false, "ACTIVE") => MemberStatus::Active,
        (false, _) => MemberStatus::Deactivated,
    };
    Ok(Held {
        member: row.try_get("", "member_id")?,
        workspace: Workspace {
            id: row.try_get("", "id")?,
            name: row.try_get("", "name")?,
            kind: kind(&row.try_get::<String>("", "kind")?)?,
            revision: row.try_get("", "revision")?,
            created_at: row.try_get("", "created_at")?,
        },
        role: row.try_get("", "role_id")?,
        status,
        joined_at: row.try_get("", "joined_at")?,
        revision: row.try_get("", "member_revision")?,
        created_at: row.try_get("", "member_created_at")?,
    })
}
