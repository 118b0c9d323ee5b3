//! The words of invitations, published.

use async_graphql::Enum;

use crate::invitations::LinkState;

/// Where an invitation stands.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "crate::invitations::InvitationStatus")]
pub enum InvitationStatus {
    /// It waits for an answer.
    Sent,
    /// Nobody answered in time. It can be sent again.
    Expired,
    /// The person is in.
    Accepted,
    /// The person said no.
    Declined,
    /// An admin took it back.
    Withdrawn,
}

/// How far the mail of an invitation has come.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "crate::invitations::MailState")]
pub enum InvitationMail {
    /// It waits to leave.
    Queued,
    /// The mail server, or the local mailbox, has it.
    HandedOver,
    /// It did not leave; it is tried again by itself.
    Failing,
    /// It did not leave, and is tried no more: the mail server doesn't take it, or the invitation expired before it did.
    /// Look at the address, and send the invitation again once it has expired, or withdraw it and invite anew.
    GivenUp,
}

/// What a link leads to.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
pub enum InvitationLinkState {
    /// It can be accepted or declined.
    Open,
    /// Too late; the admins can send it again.
    Expired,
    /// It was accepted.
    Accepted,
    /// It was declined.
    Declined,
    /// An admin took it back.
    Withdrawn,
    /// It was sent again since: the newest mail holds the link that works.
    Superseded,
}

impl From<LinkState> for InvitationLinkState {
    fn from(state: LinkState) -> Self {
        let LinkState::Newest(status) = state else { return Self::Superseded };
        match InvitationStatus::from(status) {
            InvitationStatus::Sent => Self::Open,
            InvitationStatus::Expired => Self::Expired,
            InvitationStatus::Accepted => Self::Accepted,
            InvitationStatus::Declined => Self::Declined,
            InvitationStatus::Withdrawn => Self::Withdrawn,
        }
    }
}
