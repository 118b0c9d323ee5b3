//! Persons.

use sea_orm::entity::prelude::*;

use crate::primitives::actor::EndCause;
use crate::primitives::email::EmailKey;
use crate::primitives::ids::{AccountId, AccountSessionId};
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
    pub new_email: Option<String>,
    pub new_email_key: Option<EmailKey>,
    pub new_email_session: Option<AccountSessionId>,
    pub untold: bool,
    pub copies_due: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
