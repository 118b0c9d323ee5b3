//! The table of the assets. What changes hands stands in `store/hands.rs`, shares in `store/shares.rs`.

mod hands;
mod kept;
mod shares;

use std::collections::{HashMap, HashSet};

use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect, Value,
};

pub use self::hands::delete_all;
pub(super) use self::hands::{
    bring_back, count_owned, delete, find_again, find_lost, find_owners, give, list_keeping_workspaces,
    list_lost, list_lost_before, list_of_person, list_owned, list_owned_but, list_owned_by,
    list_workspaces_with_lost, set_owner,
};
pub use self::kept::find_kept_workspace;
pub(super) use self::kept::{count_kept, find_many_kept, list_kept};
pub(super) use self::shares::{
    find_shares, list_shared_with, load_many, load_many_shares, share_with, take_back, take_back_all,
};
use super::rules::OwnerState;
use super::{Asset, AssetFilter};
use crate::access::{WorkspaceProof, WorkspaceTx};
use crate::entities::{assets, members};
use crate::platform::database::{execute, placeholders, query_one, statement};
use crate::platform::keyset::Order;
use crate::primitives::actor::AssetScope;
use crate::primitives::ids::{AssetId, MemberId, WorkspaceId};
use crate::primitives::name::name_key;
use crate::primitives::page::PageRequest;
use crate::primitives::rights::Permission;

const ORDER: Order<'static> = Order::ascending("a.name_key", "a.id");

/// Which assets somebody sees.
pub(super) struct Sight {
    workspace: WorkspaceId,
    /// Whoever looks. What is shared with them they see in any case.
    member: MemberId,
    /// Only those that they are assigned to, beside (AST-2).
    scope: AssetScope,
    /// Those that they own as well, wherever these lie.
    owned: bool,
    /// Do they see members who aren't active? Then they may ask what those own.
    sees_all_owners: bool,
}

/// `FROM` and `WHERE` of a statement, with its values.
struct Selection {
    sql: String,
    values: Vec<Value>,
}

impl Sight {
    pub(super) fn of(proof: &WorkspaceProof) -> Self {
        Self {
            workspace: proof.workspace,
            member: proof.member,
            scope: proof.rights.scope,
            owned: false,
            sees_all_owners: proof.allows(Permission::ManageMembers),
        }
    }

    /// Beside the scope, what they own: their list of it shows them no less.
    pub(super) fn with_owned(proof: &WorkspaceProof) -> Self {
        Self { owned: true, ..Self::of(proof) }
    }

    fn select(&self) -> Selection {
        // What went with a person stays reachable for those who work on it or have it shared (REM-6), and for nobody
        // else.
        let reach = match self.scope {
            AssetScope::All => "a.held_by_account_id IS NULL",
            AssetScope::Assigned => {
                "EXISTS (SELECT 1 FROM assignments s WHERE s.workspace_id = a.workspace_id AND s.asset_id = a.id \
                 AND s.member_id = $2)"
            }
        };
        let owned = if self.owned { " OR a.owner_member_id = $2" } else { "" };
        let sql = format!(
            "FROM assets a WHERE a.workspace_id = $1 AND a.lost_at IS NULL AND ({reach}{owned} OR EXISTS (SELECT 1 \
             FROM asset_shares h WHERE h.workspace_id = a.workspace_id AND h.asset_id = a.id AND h.member_id = $2))"
        );
        Selection { sql, values: vec![self.workspace.into(), self.member.into()] }
    }

    fn select_filtered(&self, filter: &AssetFilter) -> Selection {
        let mut selection = self.select();
        selection.sql.push_str(if filter.archived {
            " AND a.archived_at IS NOT NULL"
        } else {
            " AND a.archived_at IS NULL"
        });
        if let Some(kind) = &filter.kind {
            selection.and("a.kind", kind.clone().into());
        }
        if let Some(owner) = filter.owner {
            selection.and("a.owner_member_id", owner.into());
            if !self.sees_all_owners {
                selection.sql.push_str(
                    " AND EXISTS (SELECT 1 FROM members m WHERE m.workspace_id = a.workspace_id \
                     AND m.id = a.owner_member_id AND m.state = 'ACTIVE' AND m.blocked_at IS NULL)",
                );
            }
        }
        if filter.unowned {
            selection.sql.push_str(" AND a.owner_member_id IS NULL");
        }
        selection
    }
}

impl Selection {
    fn and(&mut self, column: &str, value: Value) {
        self.sql.push_str(&format!(" AND {column} = ${}", self.values.len() + 1));
        self.values.push(value);
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
            went_away: row.held_by_account_id.is_some(),
            archived_at: row.archived_at,
            revision: row.revision,
            created_at: row.created_at,
        }
    }
}

async fn all<C: ConnectionTrait>(connection: &C, selection: Selection) -> Result<Vec<Asset>, DbErr> {
    let sql = format!("SELECT a.* {}", selection.sql);
    let statement = statement(connection, &sql, selection.values);
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
    let row = query_one(connection, &sql, selection.values).await?;
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

/// Any asset of the workspace, whoever holds it.
pub(super) async fn find(tx: &WorkspaceTx, id: AssetId) -> Result<Option<Asset>, DbErr> {
    let one = assets::Entity::find()
        .filter(assets::Column::WorkspaceId.eq(tx.workspace()))
        .filter(assets::Column::Id.eq(id));
    Ok(one.one(tx.reader()).await?.map(Asset::from))
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

/// Assets that one statement asks for.
const ASKED_AT_ONCE: usize = 10_000;

pub(super) async fn find_existing<C: ConnectionTrait>(
    connection: &C,
    workspace: WorkspaceId,
    ids: &[AssetId],
) -> Result<HashSet<AssetId>, DbErr> {
    let mut existing = HashSet::new();
    for some in ids.chunks(ASKED_AT_ONCE) {
        let found: Vec<AssetId> = assets::Entity::find()
            .select_only()
            .column(assets::Column::Id)
            .filter(assets::Column::WorkspaceId.eq(workspace))
            .filter(assets::Column::Id.is_in(some.iter().copied()))
            .filter(assets::Column::LostAt.is_null())
            .filter(assets::Column::HeldByAccountId.is_null())
            .filter(assets::Column::ArchivedAt.is_null())
            .into_tuple()
            .all(connection)
            .await?;
        existing.extend(found);
    }
    Ok(existing)
}

/// Where a member stands.
pub(super) async fn find_owner_state(
    tx: &WorkspaceTx,
    member: MemberId,
) -> Result<Option<OwnerState>, DbErr> {
    Ok(find_states(tx, &[member]).await?.remove(&member))
}

/// Where members stand, read from the table of `members`; those of other workspaces are not in the answer.
pub(super) async fn find_states(
    tx: &WorkspaceTx,
    ids: &[MemberId],
) -> Result<HashMap<MemberId, OwnerState>, DbErr> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = members::Entity::find()
        .filter(members::Column::WorkspaceId.eq(tx.workspace()))
        .filter(members::Column::Id.is_in(ids.iter().copied()))
        .all(tx.reader())
        .await?;
    let state = |row: &members::Model| {
        let active = row.state == "ACTIVE" && row.blocked_at.is_none();
        if active { OwnerState::Active } else { OwnerState::NotActive }
    };
    Ok(rows.iter().map(|row| (row.id, state(row))).collect())
}

/// Saves what may change of an asset in use: its name, that it is archived, its revision.
pub(super) async fn save(tx: &WorkspaceTx, asset: &Asset) -> Result<(), DbErr> {
    let sql = "UPDATE assets SET name = $3, name_key = $4, archived_at = $5, revision = $6 \
               WHERE workspace_id = $1 AND id = $2";
    let values = vec![
        tx.workspace().into(),
        asset.id.into(),
        asset.name.clone().into(),
        name_key(&asset.name).into(),
        asset.archived_at.into(),
        asset.revision.into(),
    ];
    let writer = tx.writer();
    execute(writer, sql, values).await?;
    Ok(())
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
        archived_at: Set(asset.archived_at),
    };
    assets::Entity::insert(row).exec_without_returning(tx.writer()).await?;
    Ok(())
}
