//! The words of a membership, as the schema publishes them.
//!
//! Never another set than the rooms': each enum is tied to the room's own.

use async_graphql::Enum;

/// Where a membership stands.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "crate::primitives::actor::MemberStatus")]
pub enum MemberStatus {
    /// Invited; the link still works.
    InvitationSent,
    /// Invited; the link has expired and can be sent anew.
    InvitationExpired,
    /// In.
    Active,
    /// Put to rest, reversible.
    Deactivated,
    /// Out until an admin's own hand lifts it.
    Blocked,
    /// Out of the workspace.
    Removed,
}

/// What a list shows of a status.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "crate::members::DisplayStatus")]
pub enum MemberDisplayStatus {
    /// Invited; the link still works.
    InvitationSent,
    /// Invited; the link has expired.
    InvitationExpired,
    /// In.
    Active,
    /// Deactivated or blocked.
    Inactive,
    /// Out of the workspace.
    Removed,
}

/// Why somebody is put out.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "crate::members::ReasonCategory")]
pub enum ReasonCategory {
    /// Something about the account looks unsafe.
    SecurityConcern,
    /// Away for a while, or for good.
    LeaveOrPause,
    /// Against the rules of the workspace.
    PolicyViolation,
    /// Leaving the organisation.
    Offboarding,
    /// Money is disputed.
    PaymentDispute,
    /// Anything else; say it in the note.
    Other,
}

/// Why a block is lifted.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "crate::members::UnblockCategory")]
pub enum UnblockCategory {
    /// It should not have been.
    Mistake,
    /// What it was about is settled.
    Resolved,
    /// The person is back at work.
    DutyResumed,
    /// Anything else; say it in the note.
    Other,
}

/// An operation on a membership (the table of the rule book, section 4), called as its mutation is.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "crate::members::lifecycle::Operation")]
pub enum MemberAction {
    /// Ask the person in.
    Invite,
    /// Take the invitation back.
    #[graphql(name = "WITHDRAW_INVITATION")]
    Withdraw,
    /// Send the invitation anew.
    #[graphql(name = "RESEND_INVITATION")]
    Resend,
    /// Change what the invitation promises.
    UpdateInvitation,
    /// Accept the invitation.
    #[graphql(name = "ACCEPT_INVITATION")]
    Accept,
    /// Decline the invitation.
    #[graphql(name = "DECLINE_INVITATION")]
    Decline,
    /// Put out until an admin lifts it.
    Block,
    /// Lift the block.
    Unblock,
    /// Name the date at which a block is to be looked at again.
    #[graphql(name = "SET_BLOCK_REVIEW")]
    SetReview,
    /// Put to rest.
    Deactivate,
    /// Bring back from rest.
    Reactivate,
    /// Come back from rest by oneself.
    Rejoin,
    /// Take out of the workspace.
    Remove,
    /// Leave by oneself.
    Leave,
    /// Purge the membership.
    DeleteForever,
    /// Give another role.
    SetRole,
    /// Set the assets to work on.
    SetAssignments,
}

/// What a list of members is ordered by.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "crate::members::MemberOrderField")]
pub enum MemberOrderField {
    /// By name.
    Name,
    /// By e-mail; for admins.
    Email,
    /// By the time of joining; invited persons come before all who have joined.
    JoinedAt,
    /// By the last use of a session; who never was there comes before all who were.
    LastActiveAt,
}

/// Which way a list goes.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
pub enum OrderDirection {
    /// From A to Z, from old to new.
    Ascending,
    /// From Z to A, from new to old.
    Descending,
}

/// How something was asked.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "crate::primitives::actor::Origin")]
pub enum Origin {
    /// A workspace session, on one member.
    AdminDirect,
    /// A call with more than one member.
    Bulk,
    /// An API key.
    Automation,
    /// The person's own accept, rejoin, sign-in or password reset.
    StandardFlow,
    /// A job of the service.
    System,
}
