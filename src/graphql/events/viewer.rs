//! The events of a person: what became of their memberships, invitations and account sessions.
//!
//! Never holds a name or an address.

use async_graphql::{Context, ID, Object, Result};

use super::head::{event_interface, events};
use super::payload::Payload;
use super::words::SessionEndCause;
use crate::access::AccountView;
use crate::graphql::accounts::Account;
use crate::graphql::caller::Asking;
use crate::graphql::invitations::ReceivedInvitation;
use crate::graphql::notices::NoticeKind;
use crate::graphql::scalars::EventCursor;
use crate::graphql::workspaces::Membership;
use crate::notices;
use crate::primitives::actor::EndCause;
use crate::primitives::ids::{AccountSessionId, MemberId, MembershipId, NoticeId, WorkspaceId};

/// Where a person's own stream stands.
pub struct ViewerPlace(pub AccountView);

#[Object]
impl ViewerPlace {
    /// The place in your own stream that this answer is not older than: whoever subscribes to `viewerEvents` after it
    /// misses nothing.
    async fn event_cursor(&self, ctx: &Context<'_>) -> Result<EventCursor> {
        let (stream, head) = self.0.place();
        Ok(ctx.gate()?.cursor(stream, head).into())
    }
}

event_interface! {
    /// Something that happened to you as a person.
    ViewerEvent {
        "AccountCreated" => AccountCreated,
        "EmailVerified" => EmailVerified,
        "SignUpRepeated" => SignUpRepeated,
        "PasswordResetRequested" => PasswordResetRequested,
        "PasswordChanged" => PasswordChanged,
        "EmailChangeRequested" => EmailChangeRequested,
        "EmailChanged" => EmailChanged,
        "AccountUpdated" => AccountUpdated,
        "AccountDeletionAsked" => AccountDeletionAsked,
        "AccountDeletionGivenUp" => AccountDeletionGivenUp,
        "AccountDeletionBegun" => AccountDeletionBegun,
        "AccountDeleted" => AccountDeleted,
        "AccountSessionEnded" => AccountSessionEnded,
        "MembershipGranted" => ViewerMembershipGranted,
        "MembershipRoleSet" => ViewerMembershipRoleSet,
        "MembershipBlocked" => ViewerMembershipBlocked,
        "MembershipUnblocked" => ViewerMembershipUnblocked,
        "MembershipDeactivated" => ViewerMembershipDeactivated,
        "MembershipReactivated" => ViewerMembershipReactivated,
        "MembershipRemoved" => ViewerMembershipRemoved,
        "MembershipLeft" => ViewerMembershipLeft,
        "MembershipDeleted" => ViewerMembershipDeleted,
        "MembershipWorkspaceDeleted" => ViewerWorkspaceDeleted,
        "MembershipWorkspaceRecovered" => ViewerWorkspaceRecovered,
        "NoticePosted" => NoticePosted,
        "NoticeDismissed" => NoticeDismissed,
        "InvitationReceived" => InvitationReceived,
        "InvitationClosed" => InvitationClosed,
        "ServiceRestored" => ViewerServiceRestored,
    }
}

/// Is it of a kind that only an account session hears of? What a person is invited to is no matter of the workspace
/// that a session is for, so `viewer.invitations` asks for an account session too.
pub fn needs_account_session(kind: &str) -> bool {
    matches!(kind, "InvitationReceived" | "InvitationClosed")
}

/// Of a membership that an event names without showing it.
fn membership_id(payload: &Payload<'_>) -> Option<ID> {
    let member: MemberId = payload.read("/memberId")?;
    Some(ID(MembershipId::from(member).to_string()))
}

fn workspace_id(payload: &Payload<'_>) -> Option<ID> {
    payload.id::<WorkspaceId>("/workspace")
}

events! {
    /// Your account stands. The first event of your stream.
    AccountCreated {
        /// Your account.
        account: Account = |p| p.account(),
    }

    /// A mailed link has proved your address.
    EmailVerified {
        /// Your account.
        account: Account = |p| p.account(),
    }

    /// Somebody tried to sign up with your address. You got a mail.
    SignUpRepeated {
        /// Your account.
        account: Account = |p| p.account(),
    }

    /// Somebody asked for a link to a new password of yours. You got it by mail.
    PasswordResetRequested {
        /// Your account.
        account: Account = |p| p.account(),
    }

    /// Your password is another. All sessions made before have ended, but for the one that asked.
    PasswordChanged {
        /// Your account.
        account: Account = |p| p.account(),
    }

    /// You want to have another e-mail address; a link was mailed there.
    EmailChangeRequested {
        /// Your account.
        account: Account = |p| p.account(),
    }

    /// Your e-mail address is another: read your account anew. All sessions made before have ended, but for the one that
    /// asked.
    EmailChanged {
        /// Your account.
        account: Account = |p| p.account(),
    }

    /// Your name is another: read your account anew.
    AccountUpdated {
        /// Your account.
        account: Account = |p| p.account(),
    }

    /// You asked for the end of your account; it is being looked whether a workspace would be left without an admin.
    AccountDeletionAsked {
        /// Your account.
        account: Account = |p| p.account(),
    }

    /// A workspace would be left without an admin: your account goes on.
    AccountDeletionGivenUp {
        /// Your account.
        account: Account = |p| p.account(),
    }

    /// The end of your account has begun: every session of it has ended.
    AccountDeletionBegun {
        /// Your account.
        account: Account = |p| p.account(),
    }

    /// Your account is gone, with every session of it: you deleted it, or nobody proved its address in time.
    AccountDeleted {
        /// Your account.
        account: Account = |p| p.account(),
    }

    /// One of your account sessions has ended, and what hangs on it.
    AccountSessionEnded {
        /// The session.
        session_id: ID = |p| p.id::<AccountSessionId>("/accountSession"),
        /// Why.
        cause: SessionEndCause = |p| p.read::<EndCause>("/cause").map(Into::into),
    }

    /// You are in a workspace.
    ViewerMembershipGranted {
        /// The membership, as `viewer.memberships` shows it.
        membership: Membership = |p| p.membership(),
    }

    /// Your role in a workspace is another.
    ViewerMembershipRoleSet {
        /// The membership, as `viewer.memberships` shows it.
        membership: Membership = |p| p.membership(),
    }

    /// A membership of yours is blocked.
    ViewerMembershipBlocked {
        /// The membership, as `viewer.memberships` shows it.
        membership: Membership = |p| p.membership(),
    }

    /// The block on a membership of yours was lifted.
    ViewerMembershipUnblocked {
        /// The membership, as `viewer.memberships` shows it.
        membership: Membership = |p| p.membership(),
    }

    /// A membership of yours is deactivated.
    ViewerMembershipDeactivated {
        /// The membership, as `viewer.memberships` shows it.
        membership: Membership = |p| p.membership(),
    }

    /// A deactivated membership of yours is active again.
    ViewerMembershipReactivated {
        /// The membership, as `viewer.memberships` shows it.
        membership: Membership = |p| p.membership(),
    }

    /// You were taken out of a workspace: it is gone from `viewer.memberships`.
    ViewerMembershipRemoved {
        /// The membership, as `viewer.memberships` shows it.
        membership: Membership = |p| p.membership(),
    }

    /// You have left a workspace: it is gone from `viewer.memberships`.
    ViewerMembershipLeft {
        /// The membership, as `viewer.memberships` shows it.
        membership: Membership = |p| p.membership(),
    }

    /// A membership of yours was purged: it is gone from `viewer.memberships`, and what you kept from that workspace from
    /// `viewer.assets`.
    ViewerMembershipDeleted {
        /// The membership that is gone.
        membership_id: ID = membership_id,
        /// The workspace.
        workspace_id: ID = workspace_id,
        /// What you were told about it, withdrawn: gone from `viewer.notices`.
        notice_ids: Vec<ID> = |p| p.ids::<NoticeId>("/notices"),
    }

    /// A workspace of yours was deleted: it is gone from `viewer.memberships`.
    ViewerWorkspaceDeleted {
        /// The membership.
        membership_id: ID = membership_id,
        /// The workspace.
        workspace_id: ID = workspace_id,
    }

    /// A workspace of yours that was deleted is back in `viewer.memberships`.
    ViewerWorkspaceRecovered {
        /// The membership.
        membership_id: ID = membership_id,
        /// The workspace.
        workspace_id: ID = workspace_id,
    }

    /// You are told something until you dismiss it: `viewer.notices` has one more.
    NoticePosted {
        /// The notice.
        notice_id: ID = |p| p.id::<NoticeId>("/notice/id"),
        /// What it tells.
        kind: NoticeKind = |p| p.read::<notices::NoticeKind>("/notice/kind").map(Into::into),
        /// The workspace.
        workspace_id: ID = workspace_id,
    }

    /// You have dismissed a notice: it is gone from `viewer.notices`.
    NoticeDismissed {
        /// The notice.
        notice_id: ID = |p| p.id::<NoticeId>("/notice/id"),
    }

    /// You are asked into a workspace, or what you are offered has changed.
    InvitationReceived {
        /// The workspace.
        workspace_id: ID = workspace_id,
        /// The invitation, as `viewer.invitations` shows it.
        invitation: ReceivedInvitation = |p| p.received_invitation(),
    }

    /// An invitation of yours came to something, or to nothing.
    InvitationClosed {
        /// The workspace.
        workspace_id: ID = workspace_id,
        /// The invitation, as `viewer.invitations` shows it.
        invitation: ReceivedInvitation = |p| p.received_invitation(),
    }

    /// The service was restored from a backup: each of your sessions has ended.
    ViewerServiceRestored {}
}
