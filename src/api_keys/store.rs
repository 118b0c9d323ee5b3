//! The table of the API keys.

use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter,
};

use super::ApiKey;
use crate::access::WorkspaceTx;
use crate::entities::api_keys;
use crate::platform::database::{Database, execute, query_all, statement};
use crate::platform::keyset::Order;
use crate::primitives::ids::{ApiKeyId, MemberId, WorkspaceId};
use crate::primitives::page::PageRequest;
use crate::primitives::secret::SecretHash;
use crate::primitives::time::Timestamp;

const ORDER: Order<'static> = Order::descending("created_at", "id").numeric();

impl From<api_keys::Model> for ApiKey {
    fn from(row: api_keys::Model) -> Self {
        Self {
            id: row.id,
            name: row.name,
            maker: row.member_id,
            maker_joined_seq: row.maker_joined_seq,
            created_at: row.created_at,
            last_used_at: row.last_used_at,
            revoked_at: row.revoked_at,
        }
    }
}

fn of(workspace: WorkspaceId) -> sea_orm::Select<api_keys::Entity> {
    api_keys::Entity::find().filter(api_keys::Column::WorkspaceId.eq(workspace))
}

pub(super) async fn find_many<C: ConnectionTrait>(
    connection: &C,
    workspace: WorkspaceId,
    ids: &[ApiKeyId],
) -> Result<Vec<ApiKey>, DbErr> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows = of(workspace).filter(api_keys::Column::Id.is_in(ids.iter().copied())).all(connection).await?;
    Ok(rows.into_iter().map(ApiKey::from).collect())
}

pub(super) async fn list<C: ConnectionTrait>(
    connection: &C,
    workspace: WorkspaceId,
    request: &PageRequest,
) -> Result<Vec<ApiKey>, DbErr> {
    let page = ORDER.page(request, 2);
    let sql = format!("SELECT * FROM api_keys WHERE workspace_id = $1{}{}", page.conditions, page.order);
    let values = std::iter::once(workspace.into()).chain(page.values);
    let statement = statement(connection, &sql, values.collect());
    let rows = api_keys::Entity::find().from_raw_sql(statement).all(connection).await?;
    Ok(rows.into_iter().map(ApiKey::from).collect())
}

/// Those of the maker's present spell of membership that were not revoked.
pub(super) async fn list_of_maker<C: ConnectionTrait>(
    connection: &C,
    workspace: WorkspaceId,
    maker: MemberId,
    limit: u64,
) -> Result<Vec<ApiKey>, DbErr> {
    let sql = format!(
        "SELECT x.* FROM api_keys x JOIN members m ON m.workspace_id = x.workspace_id AND m.id = x.member_id \
         AND m.joined_seq = x.maker_joined_seq WHERE x.workspace_id = $1 AND x.member_id = $2 \
         AND x.revoked_at IS NULL ORDER BY x.id LIMIT {limit}"
    );
    let values = vec![workspace.into(), maker.into()];
    let statement = statement(connection, &sql, values);
    let rows = api_keys::Entity::find().from_raw_sql(statement).all(connection).await?;
    Ok(rows.into_iter().map(ApiKey::from).collect())
}

pub(super) async fn count<C: ConnectionTrait>(connection: &C, workspace: WorkspaceId) -> Result<u64, DbErr> {
    of(workspace).count(connection).await
}

pub(super) async fn count_unrevoked<C: ConnectionTrait>(connection: &C) -> Result<u64, DbErr> {
    api_keys::Entity::find().filter(api_keys::Column::RevokedAt.is_null()).count(connection).await
}

pub(super) async fn insert(tx: &WorkspaceTx, key: &ApiKey, token: SecretHash) -> Result<(), DbErr> {
    let row = api_keys::ActiveModel {
        id: Set(key.id),
        workspace_id: Set(tx.workspace()),
        member_id: Set(key.maker),
        maker_joined_seq: Set(key.maker_joined_seq),
        name: Set(key.name.clone()),
        token_hash: Set(token),
        created_at: Set(key.created_at),
        last_used_at: Set(None),
        revoked_at: Set(key.revoked_at),
    };
    api_keys::Entity::insert(row).exec_without_returning(tx.writer()).await?;
    Ok(())
}

/// Writes a use, unless one stands that is not older than `since`.
pub(super) async fn write_use(
    database: &Database,
    (workspace, key): (WorkspaceId, ApiKeyId),
    at: Timestamp,
    since: Timestamp,
) -> Result<(), DbErr> {
    let sql = "UPDATE api_keys SET last_used_at = $3 \
               WHERE workspace_id = $1 AND id = $2 AND (last_used_at IS NULL OR last_used_at <= $4)";
    let tx = database.begin().await?;
    let values = [workspace.into(), key.into(), at.into(), since.into()];
    tx.execute_raw(database.statement(sql, values)).await?;
    tx.commit().await
}

pub(super) async fn save_revoked(tx: &WorkspaceTx, key: &ApiKey) -> Result<(), DbErr> {
    let row = api_keys::ActiveModel { revoked_at: Set(key.revoked_at), ..Default::default() };
    api_keys::Entity::update_many()
        .set(row)
        .filter(api_keys::Column::WorkspaceId.eq(tx.workspace()))
        .filter(api_keys::Column::Id.eq(key.id))
        .exec(tx.writer())
        .await?;
    Ok(())
}

/// Deletes what a member made; says which.
pub(super) async fn delete_of_maker(tx: &WorkspaceTx, maker: MemberId) -> Result<Vec<ApiKeyId>, DbErr> {
    let sql = "DELETE FROM api_keys WHERE workspace_id = $1 AND member_id = $2 RETURNING id";
    let values = vec![tx.workspace().into(), maker.into()];
    let rows = query_all(tx.writer(), sql, values).await?;
    rows.iter().map(|row| row.try_get("", "id")).collect()
}

/// With the workspace all of them go, and what hangs on them (WSP-10).
pub async fn delete_all(tx: &WorkspaceTx) -> Result<(), DbErr> {
    let sql = "DELETE FROM api_keys WHERE workspace_id = $1";
    execute(tx.writer(), sql, vec![tx.workspace().into()]).await?;
    Ok(())
}

/// None of the workspace's keys works any more.
pub async fn revoke_all(tx: &WorkspaceTx) -> Result<(), DbErr> {
    let sql = "UPDATE api_keys SET revoked_at = $2 WHERE workspace_id = $1 AND revoked_at IS NULL";
    let values = vec![tx.workspace().into(), tx.now().into()];
    execute(tx.writer(), sql, values).await?;
    Ok(())
}
