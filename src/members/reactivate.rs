//! Reactivating: everything that waited shows again at once (DEA-3).
//!
//! Never lowers the generation: sessions that the deactivation ended stay dead.

use super::act::{self, MemberRefusal};
use super::block::Changed;
use super::events;
use super::lifecycle::{Operation, Request};
use super::member::Member;
use super::{seats, store};
use crate::access::{Failure, Gate, WorkspaceProof, WorkspaceTx};
use crate::primitives::ids::MemberId;
use crate::primitives::rights::Permission;

pub async fn reactivate(
    gate: &Gate,
    proof: &WorkspaceProof,
    id: MemberId,
) -> Result<Changed, Failure<MemberRefusal>> {
    let wish = Request::Plain(Operation::Reactivate);
    let act::Act { mut tx, mut member, .. } =
        act::open(gate, proof, Permission::ReactivateMembers, id, wish).await?;
    bring_in(&mut tx, &mut member).await?;
    let committed = tx.commit().await.map_err(Failure::widen)?;
    Ok(Changed { member, committed })
}

/// Brings a member back whom the table allows it for, and tells of it.
pub(super) async fn bring_in(
    tx: &mut WorkspaceTx,
    member: &mut Member,
) -> Result<(), Failure<MemberRefusal>> {
    let was = member.status(tx.now());
    bring_back(tx, member, Operation::Reactivate).await?;
    let back = events::member_back("MemberReactivated", member, tx.now());
    tx.announce(events::coming_from(Some(was), back));
    events::tell_person(tx, "MembershipReactivated", member);
    Ok(())
}

/// The person is active again, by whoever's hand. The seat is theirs from here on.
pub(super) async fn bring_back(
    tx: &mut WorkspaceTx,
    member: &mut Member,
    operation: Operation,
) -> Result<(), Failure<MemberRefusal>> {
    seats::take(tx, member, operation).await.map_err(|failure| failure.map(MemberRefusal::from))?;
    Ok(store::save(tx, member, None).await?)
}
