//! The table of the roles.

use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter,
};

use super::{Holders, Role};
use crate::access::WorkspaceTx;
use crate::entities::roles;
use crate::platform::database::{execute, query_one, statement};
use crate::platform::keyset::Order;
use crate::primitives::ids::{RoleId, WorkspaceId};
use crate::primitives::name::name_key;
use crate::primitives::page::PageRequest;

const ORDER: Order<'static> = Order::ascending("name_key", "id");

fn role(row: roles::Model) -> Result<Role, DbErr> {
    Ok(Role {
        id: row.id,
        name: row.name,
        scope: row.asset_scope,
        is_admin: row.is_admin,
        is_built_in: row.is_built_in,
        is_default: row.is_default,
        permissions: serde_json::from_str(&row.permissions)
            .map_err(|error| DbErr::Json(error.to_string()))?,
        revision: row.revision,
    })
}

fn of(workspace: WorkspaceId) -> sea_orm::Select<roles::Entity> {
    roles::Entity::find().filter(roles::Column::WorkspaceId.eq(workspace))
}

/// A role of the workspace.
pub async fn find<C: ConnectionTrait>(
    connection: &C,
    workspace: WorkspaceId,
    id: RoleId,
) -> Result<Option<Role>, DbErr> {
    let row = of(workspace).filter(roles::Column::Id.eq(id)).one(connection).await?;
    row.map(role).transpose()
}

/// The role that an invitation gives that names none (WSP-4).
pub async fn find_default<C: ConnectionTrait>(
    connection: &C,
    workspace: WorkspaceId,
) -> Result<Option<Role>, DbErr> {
    let row = of(workspace).filter(roles::Column::IsDefault.eq(true)).one(connection).await?;
    row.map(role).transpose()
}

/// Roles by their ids, in no order.
pub async fn find_many<C: ConnectionTrait>(
    connection: &C,
    workspace: WorkspaceId,
    ids: &[RoleId],
) -> Result<Vec<Role>, DbErr> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let ids = ids.iter().copied();
    let rows = of(workspace).filter(roles::Column::Id.is_in(ids)).all(connection).await?;
    rows.into_iter().map(role).collect()
}

pub(super) async fn find_held<C: ConnectionTrait>(
    connection: &C,
    held: &[(WorkspaceId, RoleId)],
) -> Result<Vec<Role>, DbErr> {
    if held.is_empty() {
        return Ok(Vec::new());
    }
    let rows = roles::Entity::find()
        .filter(roles::Column::WorkspaceId.is_in(held.iter().map(|(workspace, _)| *workspace)))
        .filter(roles::Column::Id.is_in(held.iter().map(|(_, role)| *role)))
        .all(connection)
        .await?;
    rows.into_iter().map(role).collect()
}

pub(super) async fn list<C: ConnectionTrait>(
    connection: &C,
    workspace: WorkspaceId,
    request: &PageRequest,
) -> Result<Vec<Role>, DbErr> {
    let page = ORDER.page(request, 2);
    let sql = format!("SELECT * FROM roles WHERE workspace_id = $1{}{}", page.conditions, page.order);
    let values = std::iter::once(workspace.into()).chain(page.values);
    let statement = statement(connection, &sql, values.collect());
    let rows = roles::Entity::find().from_raw_sql(statement).all(connection).await?;
    rows.into_iter().map(role).collect()
}

pub(super) async fn count<C: ConnectionTrait>(connection: &C, workspace: WorkspaceId) -> Result<u64, DbErr> {
    of(workspace).count(connection).await
}

pub(super) async fn insert(tx: &WorkspaceTx, created: &[Role]) -> Result<(), DbErr> {
    let rows = created.iter().map(|role| roles::ActiveModel {
        id: Set(role.id),
        workspace_id: Set(tx.workspace()),
        name: Set(role.name.clone()),
        name_key: Set(name_key(&role.name)),
        asset_scope: Set(role.scope),
        is_admin: Set(role.is_admin),
        is_built_in: Set(role.is_built_in),
        is_default: Set(role.is_default),
        permissions: Set(serde_json::to_string(&role.permissions).expect("words are plain data")),
        revision: Set(role.revision),
        created_at: Set(tx.now()),
    });
    roles::Entity::insert_many(rows).exec_without_returning(tx.writer()).await?;
    Ok(())
}

/// The role of this name, whatever its case.
pub(super) async fn find_by_name(tx: &WorkspaceTx, name: &str) -> Result<Option<Role>, DbErr> {
    let row = of(tx.workspace()).filter(roles::Column::NameKey.eq(name_key(name))).one(tx.reader()).await?;
    row.map(role).transpose()
}

/// Saves what may change of a role.
pub(super) async fn save(tx: &WorkspaceTx, role: &Role) -> Result<(), DbErr> {
    let sql = "UPDATE roles SET name = $3, name_key = $4, asset_scope = $5, permissions = $6, revision = $7 \
               WHERE workspace_id = $1 AND id = $2";
    let permissions = serde_json::to_string(&role.permissions).expect("words are plain data");
    let values = vec![
        tx.workspace().into(),
        role.id.into(),
        role.name.clone().into(),
        name_key(&role.name).into(),
        role.scope.into(),
        permissions.into(),
        role.revision.into(),
    ];
    execute(tx.writer(), sql, values).await.map(|_| ())
}

pub(super) async fn delete(tx: &WorkspaceTx, id: RoleId) -> Result<(), DbErr> {
    let sql = "DELETE FROM roles WHERE workspace_id = $1 AND id = $2";
    execute(tx.writer(), sql, vec![tx.workspace().into(), id.into()]).await.map(|_| ())
}

/// Takes the mark off one role and puts it on another; in this order, as only one may bear it.
pub(super) async fn set_default(
    tx: &WorkspaceTx,
    from: Option<RoleId>,
    to: Option<RoleId>,
) -> Result<(), DbErr> {
    let off = from.map(|from| (from, false));
    for (id, is_default) in off.into_iter().chain(to.map(|to| (to, true))) {
        let sql =
            "UPDATE roles SET is_default = $3, revision = revision + 1 WHERE workspace_id = $1 AND id = $2";
        execute(tx.writer(), sql, vec![tx.workspace().into(), id.into(), is_default.into()]).await?;
    }
    Ok(())
}

/// Who holds a role, read from the tables of `members` and `invitations`.
pub(super) async fn count_holders(tx: &WorkspaceTx, id: RoleId) -> Result<Holders, DbErr> {
    let sql = "SELECT (SELECT COUNT(*) FROM members WHERE workspace_id = $1 AND role_id = $2) AS members, \
               (SELECT COUNT(*) FROM invitations WHERE workspace_id = $1 AND ended_at IS NULL \
               AND (role_id = $2 OR before LIKE $3)) AS invitations";
    // What somebody was before an invitation is kept as text, with the role's id in it.
    let kept = format!("%{}%", id.as_uuid());
    let values = vec![tx.workspace().into(), id.into(), kept.into()];
    let reader = tx.reader();
    let Some(row) = query_one(reader, sql, values).await? else { return Ok(Holders::default()) };
    Ok(Holders { members: row.try_get("", "members")?, invitations: row.try_get("", "invitations")? })
}

/// With the workspace all of them go (WSP-10).
pub async fn delete_all(tx: &WorkspaceTx) -> Result<(), DbErr> {
    let sql = "DELETE FROM roles WHERE workspace_id = $1";
    execute(tx.writer(), sql, vec![tx.workspace().into()]).await?;
    Ok(())
}

/// The role of the workspace's admins.
pub async fn find_admin<C: ConnectionTrait>(
    connection: &C,
    workspace: WorkspaceId,
) -> Result<Option<Role>, DbErr> {
    let row = of(workspace).filter(roles::Column::IsAdmin.eq(true)).one(connection).await?;
    row.map(role).transpose()
}
