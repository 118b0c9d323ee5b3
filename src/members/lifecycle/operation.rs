//! The operations of the lifecycle table, and what somebody may wish for besides.
//!
//! Never decides anything.

use crate::words;

words! {
    /// What can be done with a membership, in the order of the rule book.
    pub enum Operation {
        Invite = "INVITE",
        Withdraw = "WITHDRAW",
        Resend = "RESEND",
        /// Change name, role or assets of an open invitation (INV-11).
        UpdateInvitation = "UPDATE_INVITATION",
        Accept = "ACCEPT",
        Decline = "DECLINE",
        Block = "BLOCK",
        Unblock = "UNBLOCK",
        /// Set or clear the review date of a block (BLK-11).
        SetReview = "SET_REVIEW",
        Deactivate = "DEACTIVATE",
        Reactivate = "REACTIVATE",
        Rejoin = "REJOIN",
        Remove = "REMOVE",
        Leave = "LEAVE",
        DeleteForever = "DELETE_FOREVER",
        SetRole = "SET_ROLE",
        SetAssignments = "SET_ASSIGNMENTS",
    }
}

impl Operation {
    /// Whether the person is nearer to access after it: what a block and its mark hold against (BLK-7, BLK-8).
    pub const fn leads_to_access(self) -> bool {
        use Operation::*;
        matches!(self, Invite | Resend | Accept | Unblock | Reactivate | Rejoin)
    }

    /// Whether the wait of REM-4 begins with it. Who leaves by themselves doesn't wait.
    pub const fn starts_wait(self) -> bool {
        matches!(self, Operation::Remove)
    }
}

/// An operation as it was asked for. Where nothing is wished besides, an [`Operation`] converts into it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Request {
    Plain(Operation),
    /// Lift the block, but leave the member deactivated.
    UnblockIntoDeactivated,
    /// Invite within the wait, giving up the data kept for the person (REM-4).
    InviteGivingUpKept,
}

impl Request {
    pub const fn operation(self) -> Operation {
        match self {
            Request::Plain(operation) => operation,
            Request::UnblockIntoDeactivated => Operation::Unblock,
            Request::InviteGivingUpKept => Operation::Invite,
        }
    }
}

impl From<Operation> for Request {
    fn from(operation: Operation) -> Self {
        Request::Plain(operation)
    }
}
