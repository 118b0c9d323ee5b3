//! Links that were mailed to a person: each proves that they read that mailbox.

use sea_orm::entity::prelude::*;

use crate::primitives::email::EmailKey;
use crate::primitives::ids::{AccountId, MailId};
use crate::primitives::secret::SecretHash;
use crate::primitives::time::Timestamp;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "email_links")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub token_hash: SecretHash,
    pub account_id: AccountId,
    pub purpose: String,
    pub email_key: EmailKey,
    pub mail_id: MailId,
    pub minted_at: Timestamp,
    pub expires_at: Timestamp,
    pub used_at: Option<Timestamp>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
