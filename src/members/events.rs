//! What the members room announces: the journal's payloads and nothing else.
//!
//! Never holds a name, an address or a note (DEL-1).

use serde_json::{Value, json};

use super::assignments::Assignment;
use super::lifecycle::Operation;
use super::member::{Member, MemberState, ReasonCategory, UnblockCategory, after_state};
use crate::access::WorkspaceTx;
use crate::platform::journal::{Effect, NewEvent, Subject};
use crate::primitives::actor::{Audience, EndCause, MemberStatus};
use crate::primitives::ids::AssetId;
use crate::primitives::time::Timestamp;

fn about(member: &Member, kind: &'static str, audience: Audience, payload: Value) -> NewEvent {
    NewEvent {
        kind,
        version: 1,
        audience,
        subject: Some(Subject::Member(member.id)),
        effect: None,
        payload,
        occurred_at: None,
    }
}

/// What the membership's status was, for an event that tells of another.
pub(super) fn coming_from(was: Option<MemberStatus>, event: NewEvent) -> NewEvent {
    event.with_before(json!({ "status": was }))
}

/// Somebody is in: by founding the workspace, or by accepting.
pub(super) fn member_joined(member: &Member, now: Timestamp) -> NewEvent {
    about(member, "MemberJoined", Audience::Members, json!({ "member": after_state(member, now) }))
}

/// Somebody is out until an admin lifts it. The member's own connections get the forced logout instead (REV-4).
pub(super) fn member_blocked(member: &Member, category: Option<ReasonCategory>, now: Timestamp) -> NewEvent {
    let payload = json!({ "member": after_state(member, now), "category": category });
    let effect = ends_sessions(member, EndCause::Blocked);
    let audience = seen(member.state == MemberState::Active);
    NewEvent { effect: Some(effect), ..about(member, "MemberBlocked", audience, payload) }
}

pub(super) fn member_unblocked(
    member: &Member,
    category: Option<UnblockCategory>,
    now: Timestamp,
) -> NewEvent {
    let payload = json!({ "member": after_state(member, now), "category": category });
    about(member, "MemberUnblocked", seen(member.status(now) == MemberStatus::Active), payload)
}

pub(super) fn member_role_set(
    member: &Member,
    before: &Value,
    (assigned_before, assigned): (&[Assignment], &[Assignment]),
    now: Timestamp,
) -> NewEvent {
    let payload = json!({
        "member": after_state(member, now),
        "before": { "role": before, "assets": assets(assigned_before), "assignments": listed(assigned_before) },
        "assets": assets(assigned),
        "assignments": listed(assigned),
    });
    // Whoever isn't active is nobody's business but the admins' and their own (WSP-3).
    let active = member.status(now) == MemberStatus::Active;
    let audience = if active { Audience::Members } else { Audience::AdminsAndSubject };
    let effect = Effect::ChangeMemberRights { member: member.id, rights: member.role.rights() };
    NewEvent { effect: Some(effect), ..about(member, "MemberRoleSet", audience, payload) }
}

pub(super) fn member_assignments_set(
    member: &Member,
    (before, after): (&[Assignment], &[Assignment]),
    now: Timestamp,
) -> NewEvent {
    let payload = json!({
        "member": after_state(member, now),
        "before": { "assets": assets(before), "assignments": listed(before) },
        "assets": assets(after),
        "assignments": listed(after),
    });
    let effect = Effect::ChangeMemberRights { member: member.id, rights: member.role.rights() };
    NewEvent {
        effect: Some(effect),
        ..about(member, "MemberAssignmentsSet", Audience::AdminsAndSubject, payload)
    }
}

fn assets(assignments: &[Assignment]) -> Vec<AssetId> {
    assignments.iter().map(|assignment| assignment.asset).collect()
}

/// Each asset with the host's role on it.
fn listed(assignments: &[Assignment]) -> Value {
    assignments.iter().map(|it| json!({ "asset": it.asset, "role": it.role })).collect()
}

/// The person is called otherwise, or has another address, which admins alone see.
pub(super) fn member_updated(
    member: &Member,
    (renamed, readdressed): (bool, bool),
    now: Timestamp,
) -> NewEvent {
    let everybodys = renamed && member.status(now) == MemberStatus::Active;
    let audience = if everybodys { Audience::Members } else { Audience::AdminsAndSubject };
    // Which of the two, and neither from what nor to what: both name a person (DEL-1).
    let told: Vec<&str> = [(renamed, "NAME"), (readdressed, "EMAIL")]
        .into_iter()
        .filter_map(|(changed, word)| changed.then_some(word))
        .collect();
    let payload = json!({ "member": after_state(member, now), "changed": told });
    about(member, "MemberUpdated", audience, payload)
}

/// An admin ended the member's sessions; they may sign in again.
pub(super) fn member_sessions_ended(member: &Member, now: Timestamp) -> NewEvent {
    let effect = ends_sessions(member, EndCause::Ended);
    let payload = json!({ "member": after_state(member, now) });
    NewEvent { effect: Some(effect), ..about(member, "MemberSessionsEnded", Audience::Admins, payload) }
}

/// Somebody or something tried to bring a blocked member back (BLK-10).
pub(super) fn refused_attempt_recorded(member: &Member, tried: Operation, now: Timestamp) -> NewEvent {
    let payload = json!({ "member": after_state(member, now), "operation": tried, "attempts": 1 });
    about(member, "RefusedAttemptRecorded", Audience::Admins, payload)
}

/// The same of somebody who was deleted for ever after that: nothing says whom (DEL-1).
pub(super) fn barred_attempt_recorded(tried: Operation) -> NewEvent {
    NewEvent {
        kind: "BarredAttemptRecorded",
        version: 1,
        audience: Audience::Admins,
        subject: None,
        effect: None,
        payload: json!({ "operation": tried, "attempts": 1 }),
        occurred_at: None,
    }
}

/// The date at which a block is to be looked at again is another, or has come (BLK-11).
pub(super) fn block_review(kind: &'static str, member: &Member, now: Timestamp) -> NewEvent {
    let review_at = member.block.as_ref().and_then(|block| block.review_at);
    let payload = json!({ "member": after_state(member, now), "reviewAt": review_at });
    about(member, kind, Audience::Admins, payload)
}

/// Somebody rests until they are brought back. The member's own connections get the forced logout instead (REV-4).
pub(super) fn member_deactivated(
    member: &Member,
    category: Option<ReasonCategory>,
    now: Timestamp,
) -> NewEvent {
    let payload = json!({ "member": after_state(member, now), "category": category });
    let effect = ends_sessions(member, EndCause::Deactivated);
    NewEvent { effect: Some(effect), ..about(member, "MemberDeactivated", seen(true), payload) }
}

/// Somebody is back, by an admin's hand or by their own: they show in everybody's list again.
pub(super) fn member_back(kind: &'static str, member: &Member, now: Timestamp) -> NewEvent {
    about(member, kind, Audience::Members, json!({ "member": after_state(member, now) }))
}

/// Somebody is no longer in: removed by an admin, or gone by themselves. Their own connections get the forced logout
/// instead (REV-4).
pub(super) fn member_gone(kind: &'static str, member: &Member, was_active: bool, now: Timestamp) -> NewEvent {
    let category = member.departure.as_ref().and_then(|departure| departure.category);
    let payload = json!({ "member": after_state(member, now), "category": category });
    let effect = ends_sessions(member, EndCause::Removed);
    NewEvent { effect: Some(effect), ..about(member, kind, seen(was_active), payload) }
}

/// Everybody sees the active members (WSP-3), so whoever comes among them or goes is everybody's news. Others than
/// admins are told no more than that.
const fn seen(active: bool) -> Audience {
    if active { Audience::Members } else { Audience::Admins }
}

fn ends_sessions(member: &Member, cause: EndCause) -> Effect {
    Effect::EndMemberSessions { member: member.id, below_generation: member.generation, cause }
}

/// Somebody wrote to the admins (WSP-9). What they wrote lies beside the journal.
pub(super) fn admins_contacted(member: &Member, now: Timestamp) -> NewEvent {
    about(member, "AdminsContacted", Audience::Admins, json!({ "member": after_state(member, now) }))
}

/// Tells the person, on their own stream, what became of one of their memberships.
pub(super) fn tell_person(tx: &mut WorkspaceTx, kind: &'static str, member: &Member) {
    let Some(account) = member.account else { return };
    let event = NewEvent {
        kind,
        version: 1,
        audience: Audience::Subject,
        subject: Some(Subject::Account(account)),
        effect: None,
        payload: json!({ "workspace": member.workspace, "member": after_state(member, tx.now()) }),
        occurred_at: None,
    };
    tx.announce_to(account, event);
}

/// The operator gave the workspace a new admin (WSP-11).
pub(super) fn admin_granted(member: &Member, admins_unusable: bool, now: Timestamp) -> NewEvent {
    let effect = Effect::ChangeMemberRights { member: member.id, rights: member.role.rights() };
    let payload = json!({ "member": after_state(member, now), "adminsUnusable": admins_unusable });
    NewEvent { effect: Some(effect), ..about(member, "AdminGranted", Audience::Members, payload) }
}
