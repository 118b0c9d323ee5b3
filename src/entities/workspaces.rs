//! The units of tenancy.

use sea_orm::entity::prelude::*;

use crate::primitives::ids::WorkspaceId;
use crate::primitives::time::Timestamp;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "workspaces")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: WorkspaceId,
    pub name: String,
    pub kind: String,
    pub policy: String,
    pub contact_text: Option<String>,
    pub contact_email: Option<String>,
    pub revision: i64,
    pub created_at: Timestamp,
    pub deleted_at: Option<Timestamp>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
