//! Removing: the person is out on every server when the answer arrives, what they own has a new holder, and their account
//! stays theirs (REM-1, REM-2, REV-1).
//!
//! Never leaves an asset with somebody who isn't in.

use super::act::{self, MemberRefusal};
use super::block::Changed;
use super::departing::{depart, leaver};
use super::events;
use super::lifecycle::{Operation, Request};
use super::member::{Departure, ReasonCategory};
use super::notes;
use crate::access::{Failure, Gate, WorkspaceProof};
use crate::assets::{self, Decisions, DisposeRefusal};
use crate::notices::{self, NoticeKind};
use crate::primitives::actor::MemberStatus;
use crate::primitives::ids::MemberId;
use crate::primitives::rights::Permission;

/// Who is to be removed, why, and what becomes of what they own.
#[derive(Clone, Debug)]
pub struct RemoveMember {
    pub member: MemberId,
    pub category: Option<ReasonCategory>,
    pub note: Option<String>,
    pub assets: Decisions,
}

/// Why nobody is removed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum RemoveRefusal {
    Member(MemberRefusal),
    Assets(DisposeRefusal),
}

pub async fn remove(
    gate: &Gate,
    proof: &WorkspaceProof,
    request: RemoveMember,
) -> Result<Changed, Failure<RemoveRefusal>> {
    let wish = Request::Plain(Operation::Remove);
    let opened = act::open(gate, proof, Permission::RemoveMembers, request.member, wish).await;
    let act::Act { mut tx, mut member, policy, was, .. } = opened.map_err(of_member)?;
    act::keep_an_admin(&tx, &member).await.map_err(of_member)?;
    let leaver = leaver(&member)?;
    let given = assets::dispose(&mut tx, leaver, &request.assets, policy.undecided_assets).await;
    given.map_err(|failure| failure.map(RemoveRefusal::Assets))?;
    notes::add(&tx, member.id, Operation::Remove, request.note.as_deref()).await?;
    let now = tx.now();
    let departure = Departure { at: now, by: tx.actor(), category: request.category, note: request.note };
    depart(&mut tx, &mut member, Operation::Remove, departure, &policy).await?;
    let removed = events::member_gone("MemberRemoved", &member, was == MemberStatus::Active, now);
    tx.announce(events::coming_from(Some(was), removed));
    events::tell_person(&mut tx, "MembershipRemoved", &member);
    notices::post(&mut tx, leaver.account, NoticeKind::Removed).await?;
    let committed = tx.commit().await.map_err(Failure::widen)?;
    Ok(Changed { member, committed })
}

fn of_member(failure: Failure<MemberRefusal>) -> Failure<RemoveRefusal> {
    failure.map(RemoveRefusal::Member)
}
