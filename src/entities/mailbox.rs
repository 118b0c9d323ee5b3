//! Mails kept on this machine.

use sea_orm::entity::prelude::*;

use crate::primitives::email::EmailKey;
use crate::primitives::ids::{MailId, MemberId, WorkspaceId};
use crate::primitives::time::Timestamp;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "mailbox")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: MailId,
    pub to_address: String,
    pub to_key: EmailKey,
    pub subject: String,
    pub body: String,
    pub sent_at: Timestamp,
    pub workspace_id: Option<WorkspaceId>,
    pub subject_id: Option<Uuid>,
    pub names_member_id: Option<MemberId>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
