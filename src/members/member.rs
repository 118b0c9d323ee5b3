//! A membership as the room sees it: one row, the role it holds, and the status that follows.
//!
//! Never stores a status: it follows from what lies under a block, the block, and the time (INV-2, BLK-1).

use serde_json::{Value, json};

use super::lifecycle::{BeforeInvitation, Standing, Underneath, status_at};
use crate::access::WorkspaceTx;
use crate::primitives::actor::{Actor, AssetScope, MemberStatus};
use crate::primitives::email::EmailKey;
use crate::primitives::ids::{AccountId, MemberId, WorkspaceId};
use crate::primitives::time::Timestamp;
use crate::roles::Role;
use crate::words;

words! {
    /// What lies under a block.
    pub enum MemberState {
        Invited = "INVITED",
        Active = "ACTIVE",
        Deactivated = "DEACTIVATED",
        Removed = "REMOVED",
    }
}

words! {
    /// What a list shows (rules.md, section 1).
    pub enum DisplayStatus {
        InvitationSent = "INVITATION_SENT",
        InvitationExpired = "INVITATION_EXPIRED",
        Active = "ACTIVE",
        /// Deactivated or blocked.
        Inactive = "INACTIVE",
        Removed = "REMOVED",
    }
}

impl DisplayStatus {
    pub const fn of(status: MemberStatus) -> Self {
        match status {
            MemberStatus::InvitationSent => Self::InvitationSent,
            MemberStatus::InvitationExpired => Self::InvitationExpired,
            MemberStatus::Active => Self::Active,
            MemberStatus::Deactivated | MemberStatus::Blocked => Self::Inactive,
            MemberStatus::Removed => Self::Removed,
        }
    }
}

words! {
    /// Why somebody is put out (LIF-4).
    pub enum ReasonCategory {
        SecurityConcern = "SECURITY_CONCERN",
        LeaveOrPause = "LEAVE_OR_PAUSE",
        PolicyViolation = "POLICY_VIOLATION",
        Offboarding = "OFFBOARDING",
        PaymentDispute = "PAYMENT_DISPUTE",
        Other = "OTHER",
    }
}

words! {
    /// Why a block is lifted (LIF-4).
    pub enum UnblockCategory {
        Mistake = "MISTAKE",
        Resolved = "RESOLVED",
        DutyResumed = "DUTY_RESUMED",
        Other = "OTHER",
    }
}

/// A hold that only an admin's own hand lifts.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Block {
    pub at: Timestamp,
    pub by: Actor,
    pub category: Option<ReasonCategory>,
    pub note: Option<String>,
    /// When it is to be looked at again (BLK-11).
    pub review_at: Option<Timestamp>,
    /// The admins have been told that this time has come.
    pub review_told: bool,
}

/// Why somebody is deactivated or removed: it stays until they are active again.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Departure {
    pub at: Timestamp,
    pub by: Actor,
    pub category: Option<ReasonCategory>,
    pub note: Option<String>,
}

/// What an admin says about putting somebody out (LIF-4).
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Reason {
    pub category: Option<ReasonCategory>,
    pub note: Option<String>,
}

impl Departure {
    /// For this reason, by whoever acts now.
    pub(super) fn new(tx: &WorkspaceTx, reason: &Reason) -> Self {
        let Reason { category, note } = reason.clone();
        Self { at: tx.now(), by: tx.actor(), category, note }
    }
}

/// One person's membership of one workspace.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Member {
    pub id: MemberId,
    pub workspace: WorkspaceId,
    /// None until the invitation is accepted.
    pub account: Option<AccountId>,
    pub email: String,
    pub email_key: EmailKey,
    pub name: String,
    pub state: MemberState,
    pub block: Option<Block>,
    pub departure: Option<Departure>,
    pub invitation_expires_at: Option<Timestamp>,
    pub role: Role,
    pub generation: i64,
    pub removed_while_blocked: bool,
    pub removed_at: Option<Timestamp>,
    pub reinvite_allowed_at: Option<Timestamp>,
    pub joined_at: Option<Timestamp>,
    pub joined_seq: Option<i64>,
    pub last_active_at: Option<Timestamp>,
    pub revision: i64,
    pub created_at: Timestamp,
}

impl Member {
    /// Where the membership stands at this moment.
    pub fn status(&self, now: Timestamp) -> MemberStatus {
        if self.block.is_some() {
            return MemberStatus::Blocked;
        }
        let stored = match self.state {
            MemberState::Invited => MemberStatus::InvitationSent,
            MemberState::Active => MemberStatus::Active,
            MemberState::Deactivated => MemberStatus::Deactivated,
            MemberState::Removed => MemberStatus::Removed,
        };
        status_at(stored, self.invitation_expires_at, now)
    }

    pub fn display_status(&self, now: Timestamp) -> DisplayStatus {
        DisplayStatus::of(self.status(now))
    }

    /// What the lifecycle table is told about this membership.
    pub fn standing(&self, now: Timestamp, is_self: bool) -> Standing {
        let under_block = self.block.as_ref().map(|_| match self.state {
            MemberState::Active => Underneath::Active,
            _ => Underneath::Deactivated,
        });
        let was_removed = self.state == MemberState::Invited && self.removed_at.is_some();
        Standing {
            status: Some(self.status(now)),
            under_block,
            before_invitation: if was_removed {
                BeforeInvitation::Removed
            } else {
                BeforeInvitation::Nothing
            },
            removed_while_blocked: self.removed_while_blocked,
            reinvite_allowed_at: self.reinvite_allowed_at,
            is_self,
        }
    }

    /// Why the person rests; also while a block lies over it.
    pub fn deactivation(&self) -> Option<&Departure> {
        self.departure.as_ref().filter(|_| self.state == MemberState::Deactivated)
    }

    /// How the membership ended; also while the person is asked in again.
    pub fn removal(&self) -> Option<&Departure> {
        self.departure.as_ref().filter(|_| self.removed_at.is_some())
    }

    /// An active member in the admin role: what a workspace always has one of (WSP-6).
    pub fn is_active_admin(&self) -> bool {
        self.state == MemberState::Active && self.block.is_none() && self.role.is_admin
    }

    pub fn works_on_assigned_assets(&self) -> bool {
        self.role.scope == AssetScope::Assigned
    }
}

/// The state of a member after a change, as events carry it: what a client patches its cache from. No name and no
/// address is in it (DEL-1).
pub fn after_state(member: &Member, now: Timestamp) -> Value {
    json!({
        "id": member.id,
        "status": member.status(now),
        "role": {
            "id": member.role.id,
            "name": member.role.name,
            "admin": member.role.is_admin,
        },
        "revision": member.revision,
        "joinedAt": member.joined_at,
    })
}
