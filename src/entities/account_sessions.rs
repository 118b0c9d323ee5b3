//! Sessions of persons.

use sea_orm::entity::prelude::*;

use crate::primitives::actor::EndCause;
use crate::primitives::ids::{AccountId, AccountSessionId};
use crate::primitives::secret::SecretHash;
use crate::primitives::time::Timestamp;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "account_sessions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AccountSessionId,
    pub account_id: AccountId,
    pub token_hash: SecretHash,
    pub generation: i64,
    pub device: Option<String>,
    pub address: Option<String>,
    pub created_at: Timestamp,
    pub last_used_at: Timestamp,
    pub expires_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    pub end_cause: Option<EndCause>,
    pub unfinished: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
