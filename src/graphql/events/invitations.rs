//! The events about invitations.
//!
//! Never holds an address: whoever may see it asks for the member.

use async_graphql::ID;

use super::head::events;
use super::words::BrokenPromise;
use crate::graphql::invitations::Invitation;
use crate::graphql::members::Member;
use crate::invitations;
use crate::primitives::ids::MemberId;

events! {
    /// Somebody was asked into the workspace.
    MemberInvited {
        /// The membership that the invitation made.
        member: Member = |p| p.member(),
        /// The invitation.
        invitation: Invitation = |p| p.invitation(),
    }

    /// What an open invitation offers is something else now.
    InvitationUpdated {
        /// The invited member.
        member: Member = |p| p.member(),
        /// The invitation.
        invitation: Invitation = |p| p.invitation(),
    }

    /// An invitation has a new link and is valid anew.
    InvitationResent {
        /// The invited member.
        member: Member = |p| p.member(),
        /// The invitation.
        invitation: Invitation = |p| p.invitation(),
    }

    /// The mail of an invitation was handed over, or is failing.
    InvitationMailChanged {
        /// The invited member's id.
        member_id: ID = |p| p.id::<MemberId>("/memberId"),
        /// The invitation.
        invitation: Invitation = |p| p.invitation(),
    }

    /// Nobody answered an invitation in time.
    InvitationExpired {
        /// The invited member.
        member: Member = |p| p.member(),
        /// The invitation.
        invitation: Invitation = |p| p.invitation(),
    }

    /// An admin took an invitation back.
    InvitationWithdrawn {
        /// The invited member's id.
        member_id: ID = |p| p.id::<MemberId>("/memberId"),
        /// What they are again; null when they never were more than invited.
        member: Option<Member> = |p| p.optional_member(),
        /// The invitation.
        invitation: Invitation = |p| p.invitation(),
    }

    /// The invited person said no.
    InvitationDeclined {
        /// The invited member's id.
        member_id: ID = |p| p.id::<MemberId>("/memberId"),
        /// What they are again; null when they never were more than invited.
        member: Option<Member> = |p| p.optional_member(),
        /// The invitation.
        invitation: Invitation = |p| p.invitation(),
    }

    /// The invited person accepted, but what was promised no longer holds. Any admin may take the invitation over
    /// with `updateInvitation`.
    InvitationAcceptanceRefused {
        /// The invited member.
        member: Member = |p| p.member(),
        /// The invitation.
        invitation: Invitation = |p| p.invitation(),
        /// What no longer holds.
        reason: BrokenPromise = |p| p.read::<invitations::BrokenPromise>("/reason").map(Into::into),
    }
}
