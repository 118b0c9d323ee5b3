//! Mails that wait to leave.

use sea_orm::entity::prelude::*;

use crate::primitives::email::EmailKey;
use crate::primitives::ids::{MailId, WorkspaceId};
use crate::primitives::time::Timestamp;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "outbox")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: MailId,
    pub kind: String,
    pub to_address: String,
    pub to_key: EmailKey,
    pub workspace_id: Option<WorkspaceId>,
    pub subject_id: Uuid,
    pub sending: i64,
    pub attempts: i64,
    pub next_attempt_at: Timestamp,
    pub created_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
