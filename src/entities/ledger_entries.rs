//! Lines of the ledgers.

use sea_orm::entity::prelude::*;

use crate::primitives::ids::{LedgerEntryId, MemberId, WorkspaceId};
use crate::primitives::time::Timestamp;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "ledger_entries")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: LedgerEntryId,
    pub workspace_id: WorkspaceId,
    pub number: i64,
    pub kind: String,
    pub member_id: Option<MemberId>,
    pub event_seq: i64,
    pub currency: String,
    pub amount: i64,
    pub from_credit: i64,
    pub balance: i64,
    pub covers_from: Option<Timestamp>,
    pub covers_until: Option<Timestamp>,
    pub whole_days: Option<i64>,
    pub credits_number: Option<i64>,
    pub created_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
