//! Keys of a workspace's automation.

use sea_orm::entity::prelude::*;

use crate::primitives::ids::{ApiKeyId, MemberId, WorkspaceId};
use crate::primitives::secret::SecretHash;
use crate::primitives::time::Timestamp;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "api_keys")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ApiKeyId,
    pub workspace_id: WorkspaceId,
    pub member_id: MemberId,
    pub maker_joined_seq: i64,
    pub name: String,
    pub token_hash: SecretHash,
    pub created_at: Timestamp,
    pub last_used_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
