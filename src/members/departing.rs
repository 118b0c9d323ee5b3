//! How a membership ends, by whoever's hand: removed by an admin, or left (REM-1).
//!
//! Never forgets role and assignments: they are kept for the person who may come back (REM-4). Nobody sees or uses them
//! meanwhile, as the person isn't in.

use super::lifecycle::{Operation, Outcome};
use super::member::{Departure, Member, MemberState};
use super::{seats, store};
use crate::access::{Failure, WorkspaceTx};
use crate::assets::Leaver;
use crate::platform::database::DatabaseError;
use crate::policy::Policy;
use crate::primitives::actor::{EndCause, MemberStatus};

/// Ends the membership: sessions, a block, and the way back in before the wait is over. A block leaves its mark (BLK-8).
pub(super) async fn depart(
    tx: &mut WorkspaceTx,
    member: &mut Member,
    operation: Operation,
    departure: Departure,
    policy: &Policy,
) -> Result<(), DatabaseError> {
    seats::give_up(tx, member).await?;
    end(tx, member, operation, departure, policy);
    store::save(tx, member, Some(EndCause::Removed)).await
}

/// The same, for whoever saves it with others and has settled what the seat costs.
pub(super) fn end(
    tx: &WorkspaceTx,
    member: &mut Member,
    operation: Operation,
    departure: Departure,
    policy: &Policy,
) {
    let outcome = Outcome::Becomes(MemberStatus::Removed);
    let waits = operation.starts_wait() && policy.reinvite_wait_hours > 0;
    member.removed_while_blocked = member.standing(tx.now(), false).marked_after(outcome);
    member.block = None;
    member.state = MemberState::Removed;
    member.removed_at = Some(departure.at);
    member.departure = Some(departure);
    member.reinvite_allowed_at = waits.then(|| tx.now().plus_hours(policy.reinvite_wait_hours.into()));
    member.generation += 1;
}

/// Who gives away what they own. Whoever is or was in has an account.
pub(super) fn leaver<R>(member: &Member) -> Result<Leaver, Failure<R>> {
    let account =
        member.account.ok_or_else(|| Failure::Internal(format!("{} is nobody's membership", member.id)))?;
    Ok(Leaver { member: member.id, account })
}
