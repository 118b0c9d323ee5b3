//! What the table has to be told: where a membership stands, who asks how, and the workspace's settings.
//!
//! Never loads any of it.

use super::Outcome;
use crate::primitives::actor::{MemberStatus, Origin};
use crate::primitives::time::Timestamp;
use crate::words;

/// The settings of a workspace's policy that the table depends on.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct LifecyclePolicy {
    /// An invitation that is still valid may be resent.
    pub resend_valid_invitation: bool,
    /// A deactivated member may be blocked.
    pub block_deactivated: bool,
    /// A deactivated member may rejoin by themselves.
    pub rejoin_deactivated: bool,
    /// Role and assignments of a blocked member may be changed.
    pub change_blocked: bool,
}

words! {
    /// What lies under a block.
    pub enum Underneath {
        Active = "ACTIVE",
        Deactivated = "DEACTIVATED",
    }
}

words! {
    /// What an open invitation goes back to when it is withdrawn or declined.
    #[derive(Default)]
    pub enum BeforeInvitation {
        #[default]
        Nothing = "NOTHING",
        Removed = "REMOVED",
    }
}

/// What the table needs to know of a membership.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Standing {
    /// The status at the moment of asking ([`status_at`]); without a membership none.
    pub status: Option<MemberStatus>,
    /// Only while blocked.
    pub under_block: Option<Underneath>,
    /// Only while there is an open invitation.
    pub before_invitation: BeforeInvitation,
    /// The mark of BLK-8: removed while blocked, and not active since. It outlives deletion for ever, so a
    /// person without a membership may bear it.
    pub removed_while_blocked: bool,
    /// The end of the wait of REM-4. Only while removed.
    pub reinvite_allowed_at: Option<Timestamp>,
    /// The asking admin, or the one who made the asking key, is this member (WSP-7).
    pub is_self: bool,
}

impl Standing {
    /// Whether the membership bears the mark of BLK-8 once an operation has come out like this; what ends a blocked one
    /// leaves it, be it that the person's account has ended.
    pub fn marked_after(&self, outcome: Outcome) -> bool {
        match outcome {
            Outcome::Becomes(MemberStatus::Active) => false,
            Outcome::Becomes(MemberStatus::Removed) if self.is_blocked() => true,
            _ => self.removed_while_blocked,
        }
    }

    pub(super) fn is_blocked(&self) -> bool {
        self.status == Some(MemberStatus::Blocked)
    }

    /// What unblocking gives back. Where nobody recorded it, the lesser.
    pub(super) fn beneath(&self) -> MemberStatus {
        match self.under_block {
            Some(Underneath::Active) => MemberStatus::Active,
            Some(Underneath::Deactivated) | None => MemberStatus::Deactivated,
        }
    }
}

/// The status at this moment: an invitation is expired from the instant of its expiry, without any job (INV-2).
pub fn status_at(
    stored: MemberStatus,
    invitation_expires_at: Option<Timestamp>,
    now: Timestamp,
) -> MemberStatus {
    match (stored, invitation_expires_at) {
        (MemberStatus::InvitationSent, Some(expiry)) if expiry <= now => MemberStatus::InvitationExpired,
        _ => stored,
    }
}

words! {
    /// Who asks, as far as this membership is concerned.
    pub enum Asker {
        /// An active admin of the workspace, or an API key that one made.
        Admin = "ADMIN",
        /// The person whom the invitation is for.
        Invited = "INVITED",
        /// The member themself, not an active admin.
        Member = "MEMBER",
        /// Anybody else, a job included.
        Nobody = "NOBODY",
    }
}

/// Who asks, and how.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Hash)]
pub struct Asking {
    pub asker: Asker,
    pub origin: Origin,
}

impl Asking {
    pub const fn new(asker: Asker, origin: Origin) -> Self {
        Self { asker, origin }
    }

    /// An admin's own hand, on this one member: the only thing that lifts a block.
    pub(super) fn is_admin_directly(self) -> bool {
        self == Self::new(Asker::Admin, Origin::AdminDirect)
    }
}
