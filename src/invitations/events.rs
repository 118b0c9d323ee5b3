//! What the room announces: the journal's payloads and nothing else.
//!
//! Never holds a name or an address (DEL-1).

use serde_json::{Value, json};

use super::invitation::{Invitation, InvitationStatus, MailState};
use super::refusal::BrokenPromise;
use crate::members::{Member, after_state};
use crate::platform::journal::{NewEvent, Subject};
use crate::primitives::actor::{Audience, MemberStatus};
use crate::primitives::ids::AccountId;
use crate::primitives::time::Timestamp;

/// An invitation after a change, as admins' caches want it.
pub(super) fn state(invitation: &Invitation, now: Timestamp) -> Value {
    json!({
        "id": invitation.id,
        "status": invitation.status(now),
        "role": invitation.role,
        "assets": invitation.assets,
        "invitedBy": invitation.invited_by,
        "inviter": invitation.inviter,
        "sentAt": invitation.sent_at,
        "expiresAt": invitation.expires_at,
        "mail": invitation.mail,
        "revision": invitation.revision,
    })
}

fn to_admins(kind: &'static str, invitation: &Invitation, payload: Value) -> NewEvent {
    NewEvent {
        kind,
        version: 1,
        audience: Audience::Admins,
        subject: Some(Subject::Member(invitation.member)),
        effect: None,
        payload,
        occurred_at: None,
    }
}

/// Somebody was asked in, their mail was sent again, or what they are offered is other now.
pub(super) fn changed(
    kind: &'static str,
    invitation: &Invitation,
    member: &Member,
    now: Timestamp,
) -> NewEvent {
    let payload = json!({ "member": after_state(member, now), "invitation": state(invitation, now) });
    to_admins(kind, invitation, payload)
}

/// It came to nothing. `member` is what they are again; without one they never were more than invited (INV-3).
pub(super) fn ended(
    kind: &'static str,
    invitation: &Invitation,
    member: Option<&Member>,
    now: Timestamp,
) -> NewEvent {
    let member = member.map(|member| after_state(member, now));
    let payload =
        json!({ "memberId": invitation.member, "member": member, "invitation": state(invitation, now) });
    to_admins(kind, invitation, payload)
}

/// Nobody answered in time. Dated at the expiry, whenever it was noticed (INV-2).
pub(super) fn expired(invitation: &Invitation, member: &Member, now: Timestamp) -> NewEvent {
    let occurred_at = Some(invitation.expires_at);
    let was = json!({ "status": MemberStatus::InvitationSent });
    NewEvent { occurred_at, ..changed("InvitationExpired", invitation, member, now).with_before(was) }
}

/// The invited person accepted, but what was promised doesn't hold (INV-7).
pub(super) fn acceptance_refused(
    invitation: &Invitation,
    member: &Member,
    reason: BrokenPromise,
    now: Timestamp,
) -> NewEvent {
    let payload = json!({
        "member": after_state(member, now),
        "invitation": state(invitation, now),
        "reason": reason,
    });
    to_admins("InvitationAcceptanceRefused", invitation, payload)
}

/// Its mail was handed over, or is failing (INV-13).
pub(super) fn mail_changed(invitation: &Invitation, was: MailState, now: Timestamp) -> NewEvent {
    let payload = json!({ "memberId": invitation.member, "invitation": state(invitation, now) });
    let before = json!({ "invitation": { "mail": was } });
    to_admins("InvitationMailChanged", invitation, payload).with_before(before)
}

/// On the stream of the person whose verified address it is: what they find among their invitations (INV-9). It says
/// no more than the link may show.
pub(super) fn for_person(account: AccountId, invitation: &Invitation, now: Timestamp) -> NewEvent {
    let kind = if invitation.is_open() { "InvitationReceived" } else { "InvitationClosed" };
    to_person(kind, account, invitation, invitation.status(now))
}

/// Its workspace is deleted: gone from the person's list, as if it had been withdrawn. The invitation itself stays as it is,
/// for the workspace may come back (WSP-10).
pub(super) fn gone_for_person(account: AccountId, invitation: &Invitation) -> NewEvent {
    to_person("InvitationClosed", account, invitation, InvitationStatus::Withdrawn)
}

fn to_person(
    kind: &'static str,
    account: AccountId,
    invitation: &Invitation,
    status: InvitationStatus,
) -> NewEvent {
    NewEvent {
        kind,
        version: 1,
        audience: Audience::Subject,
        subject: Some(Subject::Account(account)),
        effect: None,
        payload: json!({
            "workspace": invitation.workspace,
            "invitation": {
                "id": invitation.id,
                "status": status,
                "sentAt": invitation.sent_at,
                "expiresAt": invitation.expires_at,
                "revision": invitation.revision,
            },
        }),
        occurred_at: None,
    }
}
