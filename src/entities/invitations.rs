//! Invitations, open and ended.

use sea_orm::entity::prelude::*;

use super::values::StoredActor;
use crate::primitives::email::EmailKey;
use crate::primitives::ids::{InvitationId, MemberId, RoleId, WorkspaceId};
use crate::primitives::time::Timestamp;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "invitations")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: InvitationId,
    pub workspace_id: WorkspaceId,
    pub member_id: MemberId,
    pub email_key: EmailKey,
    pub role_id: RoleId,
    pub assets: String,
    pub invited_by: StoredActor,
    pub inviter_member_id: MemberId,
    pub sent_at: Timestamp,
    pub expires_at: Timestamp,
    pub expiry_announced: bool,
    pub sending: i64,
    pub mail_state: String,
    pub mail_given_up: bool,
    pub before: Option<String>,
    pub gives_up_kept: bool,
    pub refusals: String,
    pub ended_at: Option<Timestamp>,
    pub outcome: Option<String>,
    pub revision: i64,
    pub created_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
