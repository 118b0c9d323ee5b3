//! Things of the host application.

use sea_orm::entity::prelude::*;

use crate::primitives::ids::{AccountId, AssetId, MemberId, WorkspaceId};
use crate::primitives::time::Timestamp;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "assets")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AssetId,
    pub workspace_id: WorkspaceId,
    pub kind: String,
    pub name: String,
    pub name_key: String,
    pub external_id: String,
    pub owner_member_id: Option<MemberId>,
    pub held_by_account_id: Option<AccountId>,
    pub lost_at: Option<Timestamp>,
    pub revision: i64,
    pub created_at: Timestamp,
    pub archived_at: Option<Timestamp>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
