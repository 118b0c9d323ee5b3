//! Who or what tried to bring a blocked member back, by hour.

use sea_orm::entity::prelude::*;

use crate::primitives::actor::Origin;
use crate::primitives::ids::{MemberId, WorkspaceId};
use crate::primitives::time::Timestamp;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "refused_attempts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub member_id: MemberId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub hour: Timestamp,
    #[sea_orm(primary_key, auto_increment = false)]
    pub actor_kind: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub actor_id: Uuid,
    pub operation: String,
    pub origin: Origin,
    pub attempts: i64,
    pub last_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
