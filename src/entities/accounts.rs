//! Persons.

use sea_orm::entity::prelude::*;

use crate::primitives::actor::EndCause;
use crate::primitives::email::EmailKey;
use crate::primitives::ids::AccountId;
use crate::primitives::time::Timestamp;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "accounts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AccountId,
    pub email: String,
    pub email_key: EmailKey,
    pub verified_email_key: Option<EmailKey>,
    pub name: String,
    pub password_hash: String,
    pub generation: i64,
    pub generation_cause: Option<EndCause>,
    pub revision: i64,
    pub created_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
