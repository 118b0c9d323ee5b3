//! Links that prove an e-mail address.

use sea_orm::entity::prelude::*;

use crate::primitives::email::EmailKey;
use crate::primitives::ids::AccountId;
use crate::primitives::secret::SecretHash;
use crate::primitives::time::Timestamp;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "email_links")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub token_hash: SecretHash,
    pub account_id: AccountId,
    pub email_key: EmailKey,
    pub expires_at: Timestamp,
    pub used_at: Option<Timestamp>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
