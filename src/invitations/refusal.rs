//! How the room says no: one closed list for each kind of call.
//!
//! Never holds a name or an address.

use super::invitation::InvitationOutcome;
use super::promise::PromiseRefusal;
use crate::members::SeatsTaken;
use crate::members::lifecycle::{LifecycleRefusal, Operation};
use crate::primitives::actor::MemberStatus;
use crate::primitives::time::Timestamp;
use crate::words;

/// Why a whole call of `inviteMembers` is refused.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum InviteRefusal {
    /// Nobody is named.
    Empty,
    /// More rows than one call may have.
    TooMany { rows: usize },
    /// What is meant for all rows is malformed; `field` is its name in the input.
    Malformed { field: &'static str, message: String },
}

/// Why one row of it is refused. The others don't care.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum RowRefusal {
    /// `field` is its name in the row.
    Malformed {
        field: &'static str,
        message: String,
    },
    Promise(PromiseRefusal),
    /// The policy reserves seats, and none is free (SEAT-3).
    SeatsTaken(SeatsTaken),
    /// The workspace has sent as many as it may within an hour.
    RateLimited {
        per_hour_max: u32,
    },
    /// The table says no; the refusal names the status of whoever has the address (INV-10, BLK-7, BLK-8, REM-4).
    Lifecycle {
        refusal: LifecycleRefusal,
        blocked_at: Option<Timestamp>,
    },
}

/// Why an admin's change of an invitation is refused.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum InvitationRefusal {
    Malformed {
        field: &'static str,
        message: String,
    },
    /// It came to something already; `status` is where the person stands now, and `allowed` what may be done with
    /// them instead (LIF-2).
    Ended {
        outcome: InvitationOutcome,
        status: Option<MemberStatus>,
        allowed: Vec<Operation>,
    },
    Lifecycle {
        refusal: LifecycleRefusal,
        blocked_at: Option<Timestamp>,
    },
    Promise(PromiseRefusal),
    /// The policy reserves seats, and none is free (SEAT-3).
    SeatsTaken(SeatsTaken),
    /// The workspace has sent as many as it may within an hour.
    RateLimited {
        per_hour_max: u32,
    },
}

words! {
    /// What was promised and no longer holds (INV-7).
    pub enum BrokenPromise {
        /// Nobody who may invite answers for it any more.
        InviterNotAdmin = "INVITER_NOT_ADMIN",
        RoleGone = "ROLE_GONE",
        /// An asset is gone, or the role no longer goes with the assets.
        AssetGone = "ASSET_GONE",
        /// The account is in the workspace already, as another member: nothing is left to accept.
        AlreadyMember = "ALREADY_MEMBER",
        /// The invitation goes on with another membership than the person's own: the address changed hands after it was
        /// sent. Withdrawn and sent anew it leads to theirs.
        OtherPerson = "OTHER_PERSON",
        /// Since it was sent, the address has become one of somebody who was removed while blocked (BLK-8).
        RemovedWhileBlocked = "REMOVED_WHILE_BLOCKED",
    }
}

/// Why the invited person's answer is refused.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum AnswerRefusal {
    /// No invitation has, or had, this link.
    LinkInvalid,
    /// The link belongs to an earlier sending (INV-4).
    Superseded,
    /// It came to something already (INV-6).
    Ended(InvitationOutcome),
    Lifecycle {
        refusal: LifecycleRefusal,
        blocked_at: Option<Timestamp>,
    },
    /// INV-7: the admins have been told.
    Broken(BrokenPromise),
    /// No seat is free (SEAT-2).
    SeatsTaken(SeatsTaken),
    /// The account's own address is not verified yet (SES-6).
    EmailNotVerified,
    /// No account holds the invited address: a name and a password make one.
    NewAccountNeeded,
    /// What a new account was to be made of.
    Malformed {
        field: &'static str,
        message: String,
    },
}

impl From<PromiseRefusal> for RowRefusal {
    fn from(refusal: PromiseRefusal) -> Self {
        Self::Promise(refusal)
    }
}

impl From<PromiseRefusal> for InvitationRefusal {
    fn from(refusal: PromiseRefusal) -> Self {
        Self::Promise(refusal)
    }
}
