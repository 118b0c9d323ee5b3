//! Ending every session of a member, who may sign in again (SES-3).
//!
//! Never changes where the membership stands.

use super::act::MemberRefusal;
use super::block::Changed;
use super::events;
use super::store;
use crate::access::{Failure, Gate, WorkspaceProof};
use crate::primitives::actor::{EndCause, MemberStatus};
use crate::primitives::ids::MemberId;
use crate::primitives::rights::Permission;

pub async fn end_sessions(
    gate: &Gate,
    proof: &WorkspaceProof,
    id: MemberId,
) -> Result<Changed, Failure<MemberRefusal>> {
    let mut tx = gate.by_permission(proof, Permission::EndMemberSessions).await?;
    let member = store::find(tx.reader(), tx.workspace(), id).await?;
    let mut member = member.ok_or(Failure::NotFound { field: "input.memberId" })?;
    member.generation += 1;
    // A member who is out stays out for the reason that put them out.
    let cause = (member.status(tx.now()) == MemberStatus::Active).then_some(EndCause::Ended);
    store::save(&tx, &mut member, cause).await?;
    let now = tx.now();
    tx.announce(events::member_sessions_ended(&member, now));
    let committed = tx.commit().await.map_err(Failure::widen)?;
    Ok(Changed { member, committed })
}
