//! How somebody becomes a member: by founding the workspace, or through an invitation. Doors for the rooms that come
//! later, inside their transactions.
//!
//! Never decides whether it may be; the invitations room asked the lifecycle table before.

use super::assignments::{self, Assignment};
use super::bars;
use super::events;
use super::member::{Member, MemberState};
use super::seats::{self, SeatsTaken};
use super::store;
use crate::access::{Failure, WorkspaceTx};
use crate::platform::database::DatabaseError;
use crate::primitives::actor::MemberStatus;
use crate::primitives::email::Email;
use crate::primitives::ids::{AccountId, MemberId};
use crate::primitives::time::Timestamp;
use crate::roles::Role;

/// A person with an account, as they join.
#[derive(Clone, Debug)]
pub struct Joiner {
    pub account: AccountId,
    pub email: Email,
    pub name: String,
}

/// Somebody who is asked in.
#[derive(Clone, Debug)]
pub struct Invitee {
    pub email: Email,
    pub name: String,
    pub role: Role,
    pub expires_at: Timestamp,
    /// Somebody who had the address was removed while blocked: the mark follows it (BLK-8).
    pub marked: bool,
}

/// Whoever creates a workspace becomes its first admin, active at once (WSP-1).
pub async fn found(
    tx: &mut WorkspaceTx,
    founder: Joiner,
    admin: Role,
) -> Result<Member, Failure<SeatsTaken>> {
    let now = tx.now();
    let mut member = new_member(tx, &founder.email, founder.name, admin);
    seats::take(tx, &mut member).await?;
    member.account = Some(founder.account);
    member.joined_at = Some(now);
    member.joined_seq = Some(tx.next_seq());
    store::insert(tx, &member).await?;
    announce_joined(tx, &member, None);
    Ok(member)
}

/// Makes somebody invited: a new row, or the row of the person who was removed; where the policy reserves, with a seat
/// that is kept for them (SEAT-3). Announces nothing: the invitation does.
pub async fn invite(
    tx: &WorkspaceTx,
    invitee: Invitee,
    previous: Option<Member>,
) -> Result<Member, Failure<SeatsTaken>> {
    seats::reserve(tx, previous.as_ref().map(|member| member.id)).await?;
    let Some(mut member) = previous else {
        let Invitee { email, name, role, expires_at, marked } = invitee;
        let mut member = new_member(tx, &email, name, role);
        member.invitation_expires_at = Some(expires_at);
        member.removed_while_blocked = marked;
        store::insert(tx, &member).await?;
        return Ok(member);
    };
    member.removed_while_blocked |= invitee.marked;
    member.state = MemberState::Invited;
    member.invitation_expires_at = Some(invitee.expires_at);
    member.role = invitee.role;
    member.name = invitee.name;
    member.email = invitee.email.as_typed().to_owned();
    member.email_key = invitee.email.key().clone();
    store::save(tx, &mut member, None).await?;
    store::note_address(tx, member.id, &member.email_key).await?;
    store::write_words(tx, &member).await?;
    Ok(member)
}

/// Changes name or role of somebody who is invited (INV-11).
pub async fn update_invited(
    tx: &WorkspaceTx,
    mut member: Member,
    name: String,
    role: Role,
) -> Result<Member, DatabaseError> {
    member.name = name;
    member.role = role;
    store::save(tx, &mut member, None).await?;
    store::write_words(tx, &member).await?;
    Ok(member)
}

/// The invited person is in, with what was promised. The seat is theirs from here on.
pub async fn join(
    tx: &mut WorkspaceTx,
    mut member: Member,
    joiner: Joiner,
    promised: &[Assignment],
) -> Result<Member, Failure<SeatsTaken>> {
    let now = tx.now();
    let was = member.status(now);
    if member.removed_while_blocked {
        bars::lift(tx, &[member.email_key.clone(), joiner.email.key().clone()]).await?;
    }
    seats::take(tx, &mut member).await?;
    member.account = Some(joiner.account);
    member.name = joiner.name;
    member.email = joiner.email.as_typed().to_owned();
    member.email_key = joiner.email.key().clone();
    member.invitation_expires_at = None;
    member.removed_at = None;
    member.reinvite_allowed_at = None;
    member.joined_at = Some(now);
    member.joined_seq = Some(tx.next_seq());
    store::save(tx, &mut member, None).await?;
    store::note_address(tx, member.id, &member.email_key).await?;
    store::write_words(tx, &member).await?;
    assignments::replace(tx, member.id, promised).await?;
    announce_joined(tx, &member, Some(was));
    Ok(member)
}

fn new_member(tx: &WorkspaceTx, email: &Email, name: String, role: Role) -> Member {
    Member {
        id: MemberId::new(),
        workspace: tx.workspace(),
        account: None,
        email: email.as_typed().to_owned(),
        email_key: email.key().clone(),
        name,
        state: MemberState::Invited,
        block: None,
        departure: None,
        invitation_expires_at: None,
        role,
        generation: 1,
        removed_while_blocked: false,
        removed_at: None,
        reinvite_allowed_at: None,
        joined_at: None,
        joined_seq: None,
        last_active_at: None,
        revision: 1,
        created_at: tx.now(),
    }
}

fn announce_joined(tx: &mut WorkspaceTx, member: &Member, was: Option<MemberStatus>) {
    let now = tx.now();
    tx.announce(events::coming_from(was, events::member_joined(member, now)));
    events::tell_person(tx, "MembershipGranted", member);
}
