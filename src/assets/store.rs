//! The table of the assets. What changes hands stands in `store/hands.rs`.

mod hands;
mod kept;

use std::collections::HashSet;

use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect, Statement,
    Value,
};

pub use self::hands::delete_all;
pub(super) use self::hands::{
    Holder, bring_back, count_owned, delete, delete_lost, find_again, find_lost, find_owners, give, give_all,
    list_keeping_workspaces, list_lost, list_of_person, list_owned, list_owned_but, list_owned_by,
    list_workspaces_with_lost,
};
pub use self::kept::find_kept_workspace;
pub(super) use self::kept::{count_kept, find_many_kept, list_kept};
use super::rules::OwnerState;
use super::{Asset, AssetFilter};
use crate::access::WorkspaceTx;
use crate::entities::{assets, members};
use crate::platform::database::placeholders;
use crate::platform::keyset::Order;
use crate::primitives::ids::{AssetId, MemberId, WorkspaceId};
use crate::primitives::name::name_key;
use crate::primitives::page::PageRequest;

const ORDER: Order<'static> = Order::ascending("a.name_key", "a.id");

/// Which assets somebody sees.
pub(super) struct Sight {
    pub(super) workspace: WorkspaceId,
    /// Only those that this member is assigned to (AST-2).
    pub(super) assigned_to: Option<MemberId>,
}

/// `FROM` and `WHERE` of a statement, with its values.
struct Selection {
    sql: String,
    values: Vec<Value>,
}

impl Sight {
    fn select(&self) -> Selection {
        let mut sql = "FROM assets a WHERE a.workspace_id = $1 AND a.lost_at IS NULL".to_owned();
        let mut values = vec![self.workspace.into()];
        match self.assigned_to {
            // What went with a person stays reachable for those who work on it (REM-6), and for nobody else.
            Some(member) => {
                sql.push_str(
                    " AND EXISTS (SELECT 1 FROM assignments s WHERE s.workspace_id = a.workspace_id \
                     AND s.asset_id = a.id AND s.member_id = $2)",
                );
                values.push(member.into());
            }
            None => sql.push_str(" AND a.held_by_account_id IS NULL"),
        }
        Selection { sql, values }
    }

    fn select_filtered(&self, filter: &AssetFilter) -> Selection {
        let mut selection = self.select();
        if let Some(kind) = &filter.kind {
            selection.sql.push_str(&format!(" AND a.kind = ${}", selection.values.len() + 1));
            selection.values.push(kind.clone().into());
        }
        selection
    }
}

impl From<assets::Model> for Asset {
    fn from(row: assets::Model) -> Self {
        Self {
            id: row.id,
            kind: row.kind,
            name: row.name,
            external_id: row.external_id,
            owner: row.owner_member_id,
            revision: row.revision,
            created_at: row.created_at,
        }
    }
}

async fn all<C: ConnectionTrait>(connection: &C, selection: Selection) -> Result<Vec<Asset>, DbErr> {
    let sql = format!("SELECT a.* {}", selection.sql);
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, selection.values);
    let rows = assets::Entity::find().from_raw_sql(statement).all(connection).await?;
    Ok(rows.into_iter().map(Asset::from).collect())
}

pub(super) async fn list<C: ConnectionTrait>(
    connection: &C,
    sight: &Sight,
    filter: &AssetFilter,
    request: &PageRequest,
) -> Result<Vec<Asset>, DbErr> {
    let mut selection = sight.select_filtered(filter);
    let page = ORDER.page(request, selection.values.len() + 1);
    selection.sql.push_str(&page.conditions);
    selection.sql.push_str(&page.order);
    selection.values.extend(page.values);
    all(connection, selection).await
}

pub(super) async fn count<C: ConnectionTrait>(
    connection: &C,
    sight: &Sight,
    filter: &AssetFilter,
) -> Result<u64, DbErr> {
    let selection = sight.select_filtered(filter);
    let sql = format!("SELECT COUNT(*) AS it {}", selection.sql);
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, selection.values);
    let row = connection.query_one_raw(statement).await?;
    let count: i64 = row.map(|row| row.try_get("", "it")).transpose()?.unwrap_or_default();
    Ok(count.unsigned_abs())
}

pub(super) async fn find_many<C: ConnectionTrait>(
    connection: &C,
    sight: &Sight,
    ids: &[AssetId],
) -> Result<Vec<Asset>, DbErr> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut selection = sight.select();
    let list = placeholders(selection.values.len() + 1, ids.len());
    selection.sql.push_str(&format!(" AND a.id IN ({list})"));
    selection.values.extend(ids.iter().map(|id| Value::from(*id)));
    all(connection, selection).await
}

/// Held and lost ones as well: an external id is free again when its asset is gone.
pub(super) async fn find_by_external_id<C: ConnectionTrait>(
    connection: &C,
    workspace: WorkspaceId,
    (kind, external_id): (&str, &str),
) -> Result<Option<Asset>, DbErr> {
    let row = assets::Entity::find()
        .filter(assets::Column::WorkspaceId.eq(workspace))
        .filter(assets::Column::Kind.eq(kind))
        .filter(assets::Column::ExternalId.eq(external_id))
        .one(connection)
        .await?;
    Ok(row.map(Asset::from))
}

pub(super) async fn find_existing<C: ConnectionTrait>(
    connection: &C,
    workspace: WorkspaceId,
    ids: &[AssetId],
) -> Result<HashSet<AssetId>, DbErr> {
    let found: Vec<AssetId> = assets::Entity::find()
        .select_only()
        .column(assets::Column::Id)
        .filter(assets::Column::WorkspaceId.eq(workspace))
        .filter(assets::Column::Id.is_in(ids.iter().copied()))
        .filter(assets::Column::LostAt.is_null())
        .filter(assets::Column::HeldByAccountId.is_null())
        .into_tuple()
        .all(connection)
        .await?;
    Ok(found.into_iter().collect())
}

/// Where a member stands, read from the table of `members`.
pub(super) async fn find_owner_state(
    tx: &WorkspaceTx,
    member: MemberId,
) -> Result<Option<OwnerState>, DbErr> {
    let row = members::Entity::find()
        .filter(members::Column::WorkspaceId.eq(tx.workspace()))
        .filter(members::Column::Id.eq(member))
        .one(tx.reader())
        .await?;
    Ok(row.map(|row| {
        let active = row.state == "ACTIVE" && row.blocked_at.is_none();
        if active { OwnerState::Active } else { OwnerState::NotActive }
    }))
}

pub(super) async fn insert(tx: &WorkspaceTx, asset: &Asset) -> Result<(), DbErr> {
    let row = assets::ActiveModel {
        id: Set(asset.id),
        workspace_id: Set(tx.workspace()),
        kind: Set(asset.kind.clone()),
        name: Set(asset.name.clone()),
        name_key: Set(name_key(&asset.name)),
        external_id: Set(asset.external_id.clone()),
        owner_member_id: Set(asset.owner),
        held_by_account_id: Set(None),
        lost_at: Set(None),
        revision: Set(asset.revision),
        created_at: Set(asset.created_at),
    };
    assets::Entity::insert(row).exec_without_returning(tx.writer()).await?;
    Ok(())
}
