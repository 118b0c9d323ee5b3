//! What the room announces.
//!
//! Never holds a name, an address or a note (DEL-1): these are the events that outlive a person.

use serde_json::json;

use crate::access::WorkspaceTx;
use crate::members::Member;
use crate::platform::journal::{Effect, NewEvent, Subject};
use crate::primitives::actor::{Audience, EndCause};
use crate::primitives::ids::{AccountId, ApiKeyId, MemberId, NoticeId, WorkspaceId};
use crate::primitives::time::Timestamp;

/// A membership is gone for good. Its sessions were over before; whatever was let in by one is out with this (REV-1).
pub(super) fn member_deleted(member: &Member, keys: &[ApiKeyId]) -> NewEvent {
    let effect = Effect::EndMemberSessions {
        member: member.id,
        below_generation: member.generation + 1,
        cause: EndCause::Removed,
    };
    NewEvent {
        kind: "MemberDeletedForever",
        version: 1,
        audience: Audience::Admins,
        subject: Some(Subject::Member(member.id)),
        effect: Some(effect),
        payload: json!({ "memberId": member.id, "apiKeys": keys }),
        occurred_at: None,
    }
}

/// Tells the person: the membership is off their list, and what they were told about it is withdrawn.
pub(super) fn tell_deleted(
    tx: &mut WorkspaceTx,
    account: AccountId,
    member: &Member,
    withdrawn: &[NoticeId],
) {
    let event = NewEvent {
        kind: "MembershipDeleted",
        version: 1,
        audience: Audience::Subject,
        subject: Some(Subject::Account(account)),
        effect: None,
        payload: json!({ "workspace": tx.workspace(), "memberId": member.id, "notices": withdrawn }),
        occurred_at: None,
    };
    tx.announce_to(account, event);
}

/// A workspace is over: whoever follows its stream checks their session anew, and finds that it holds no more.
pub(super) fn workspace_deleted(workspace: WorkspaceId, recoverable_until: Timestamp) -> NewEvent {
    let payload = json!({ "workspaceId": workspace, "recoverableUntil": recoverable_until });
    NewEvent { effect: Some(Effect::CheckAnew), payload, ..about_workspace("WorkspaceDeleted", workspace) }
}

/// A workspace was brought back, or purged.
pub(super) fn about_workspace(kind: &'static str, workspace: WorkspaceId) -> NewEvent {
    NewEvent {
        kind,
        version: 1,
        audience: Audience::Members,
        subject: None,
        effect: None,
        payload: json!({ "workspaceId": workspace }),
        occurred_at: None,
    }
}

/// Tells a person that the workspace of one of their memberships is gone, or back.
pub(super) fn tell_workspace(tx: &mut WorkspaceTx, kind: &'static str, member: MemberId, account: AccountId) {
    let event = NewEvent {
        kind,
        version: 1,
        audience: Audience::Subject,
        subject: Some(Subject::Account(account)),
        effect: None,
        payload: json!({ "workspace": tx.workspace(), "memberId": member }),
        occurred_at: None,
    };
    tx.announce_to(account, event);
}
