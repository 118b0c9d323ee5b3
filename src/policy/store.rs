//! Reading a workspace's policy.

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};

use super::{Kind, Policy};
use crate::entities::workspaces;
use crate::primitives::ids::WorkspaceId;

/// The policy of a workspace as it is now; inside a transaction as of the lock.
pub async fn load<C: ConnectionTrait>(connection: &C, workspace: WorkspaceId) -> Result<Policy, DbErr> {
    let row: Option<(String, String)> = workspaces::Entity::find()
        .select_only()
        .columns([workspaces::Column::Kind, workspaces::Column::Policy])
        .filter(workspaces::Column::Id.eq(workspace))
        .into_tuple()
        .one(connection)
        .await?;
    let (kind, text) = row.ok_or_else(|| DbErr::RecordNotFound(format!("no {workspace}")))?;
    let kind = Kind::parse(&kind).ok_or_else(|| DbErr::Type(format!("{workspace} is of no known kind")))?;
    Policy::from_stored(kind, &text).map_err(|error| DbErr::Json(error.to_string()))
}
