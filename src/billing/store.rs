//! The SQL of the room. It owns `seat_plans`.

use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ConnectionTrait, DbErr, EntityTrait};

use super::SeatPlan;
use crate::access::WorkspaceTx;
use crate::entities::seat_plans::{self, Column};
use crate::primitives::ids::WorkspaceId;

/// The seat plan of a workspace as it is now; inside a transaction as of the lock.
pub async fn load_plan<C: ConnectionTrait>(db: &C, workspace: WorkspaceId) -> Result<SeatPlan, DbErr> {
    let row = seat_plans::Entity::find_by_id(workspace).one(db).await?;
    Ok(row.map(|row| SeatPlan { limit: row.seat_limit, revision: row.revision }).unwrap_or_default())
}

pub(super) async fn save_plan(tx: &WorkspaceTx, plan: &SeatPlan) -> Result<(), DbErr> {
    let row = seat_plans::ActiveModel {
        workspace_id: Set(tx.workspace()),
        seat_limit: Set(plan.limit),
        price: Set(None),
        currency: Set(None),
        period: Set(None),
        billed_from: Set(None),
        next_renewal_at: Set(None),
        revision: Set(plan.revision),
    };
    let all = [
        Column::SeatLimit,
        Column::Price,
        Column::Currency,
        Column::Period,
        Column::BilledFrom,
        Column::NextRenewalAt,
        Column::Revision,
    ];
    let again = OnConflict::column(Column::WorkspaceId).update_columns(all).to_owned();
    seat_plans::Entity::insert(row).on_conflict(again).exec_without_returning(tx.writer()).await?;
    Ok(())
}
