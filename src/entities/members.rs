//! Memberships: one row per workspace and person.

use sea_orm::entity::prelude::*;

use super::values::StoredActor;
use crate::primitives::actor::EndCause;
use crate::primitives::email::EmailKey;
use crate::primitives::ids::{AccountId, MemberId, RoleId, WorkspaceId};
use crate::primitives::time::Timestamp;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "members")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: MemberId,
    pub workspace_id: WorkspaceId,
    pub account_id: Option<AccountId>,
    pub email: String,
    pub email_key: EmailKey,
    pub name: String,
    pub name_key: String,
    pub state: String,
    pub blocked_at: Option<Timestamp>,
    pub block_category: Option<String>,
    pub block_note: Option<String>,
    pub blocked_by: Option<StoredActor>,
    pub block_review_at: Option<Timestamp>,
    pub departure_at: Option<Timestamp>,
    pub departure_category: Option<String>,
    pub departure_note: Option<String>,
    pub departure_by: Option<StoredActor>,
    pub invitation_expires_at: Option<Timestamp>,
    pub role_id: RoleId,
    pub generation: i64,
    pub generation_cause: Option<EndCause>,
    pub removed_while_blocked: bool,
    pub removed_at: Option<Timestamp>,
    pub reinvite_allowed_at: Option<Timestamp>,
    pub joined_at: Option<Timestamp>,
    pub joined_seq: Option<i64>,
    pub last_active_at: Option<Timestamp>,
    pub revision: i64,
    pub created_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
