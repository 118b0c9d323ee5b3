//! Removing: the person is out on every server when the answer arrives, what they own has a new holder, and their account
//! stays theirs (REM-1, REM-2, REV-1).
//!
//! Never leaves an asset with somebody who isn't in.

use super::act::{self, MemberRefusal};
use super::block::Changed;
use super::departing::{end, leaver};
use super::events;
use super::lifecycle::{Operation, Request};
use super::lose::lose;
use super::member::{Departure, Member, Reason, ReasonCategory};
use super::round::Round;
use crate::access::{Failure, Gate, WorkspaceProof};
use crate::assets::{Decisions, Disposal, DisposeRefusal, Leaver};
use crate::platform::database::DatabaseError;
use crate::primitives::actor::{EndCause, MemberStatus};
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
    let (mut round, mut member) = Round::of(opened.map_err(of_member)?);
    round.keep_an_admin(&member).await.map_err(of_member)?;
    let (leaver, undecided) = (leaver(&member)?, round.policy.undecided_assets);
    let disposal = Disposal::decide(&round.tx, leaver, &request.assets, undecided).await;
    let disposal = disposal.map_err(|failure| failure.map(RemoveRefusal::Assets))?;
    let lost = disposal.list_lost(&round.tx).await?;
    lose(&mut round.tx, &lost, &[member.id]).await?;
    disposal.give(&mut round.tx).await?;
    let reason = Reason { category: request.category, note: request.note };
    take_out(&mut round, &mut member, leaver, &reason).await?;
    Ok(Changed { member, committed: round.commit().await? })
}

/// Takes a member out whom the table allows it for, and whose assets have new holders.
pub(super) async fn take_out(
    round: &mut Round,
    member: &mut Member,
    leaver: Leaver,
    reason: &Reason,
) -> Result<(), DatabaseError> {
    round.give_up_seat(member).await?;
    round.note(member.id, Operation::Remove, reason.note.as_deref());
    let (now, departure) = (round.tx.now(), Departure::new(&round.tx, reason));
    let was = member.status(now);
    end(&round.tx, member, Operation::Remove, departure, &round.policy);
    round.save(member, Some(EndCause::Removed));
    let removed = events::member_gone("MemberRemoved", member, was == MemberStatus::Active, now);
    round.tx.announce(events::coming_from(Some(was), removed));
    events::tell_person(&mut round.tx, "MembershipRemoved", member);
    round.leave_notice(leaver.account);
    Ok(())
}

fn of_member(failure: Failure<MemberRefusal>) -> Failure<RemoveRefusal> {
    failure.map(RemoveRefusal::Member)
}
