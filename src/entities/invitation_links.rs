//! The links that invitations' mails hold, as hashes.

use sea_orm::entity::prelude::*;

use crate::primitives::ids::{InvitationId, WorkspaceId};
use crate::primitives::secret::SecretHash;
use crate::primitives::time::Timestamp;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "invitation_links")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub token_hash: SecretHash,
    pub workspace_id: WorkspaceId,
    pub invitation_id: InvitationId,
    pub sending: i64,
    pub created_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
