//! What the seats of a workspace are limited to, and what they cost.

use sea_orm::entity::prelude::*;

use crate::primitives::ids::WorkspaceId;
use crate::primitives::time::Timestamp;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "seat_plans")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    pub seat_limit: Option<i64>,
    pub price: Option<i64>,
    pub currency: Option<String>,
    pub period: Option<String>,
    pub billed_from: Option<Timestamp>,
    pub next_renewal_at: Option<Timestamp>,
    pub revision: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
