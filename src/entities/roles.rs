//! Named sets of permissions.

use sea_orm::entity::prelude::*;

use crate::primitives::actor::AssetScope;
use crate::primitives::ids::{RoleId, WorkspaceId};
use crate::primitives::time::Timestamp;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "roles")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: RoleId,
    pub workspace_id: WorkspaceId,
    pub name: String,
    pub name_key: String,
    pub asset_scope: AssetScope,
    pub is_admin: bool,
    pub is_built_in: bool,
    pub is_default: bool,
    pub permissions: String,
    pub revision: i64,
    pub created_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
