//! How the table says no.
//!
//! Never holds a person's name or address.

use super::Operation;
use crate::primitives::actor::MemberStatus;
use crate::primitives::time::Timestamp;

/// Why an operation is refused, and what would be allowed instead (LIF-2).
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum LifecycleRefusal {
    /// Not from this status, under this policy. `allowed` is what the same asker may do instead.
    #[error("not possible while the member's status is {}; possible now: {}", name(*.status), list(.allowed))]
    NotAllowedInStatus { status: Option<MemberStatus>, allowed: Vec<Operation> },
    /// BLK-7, BLK-8: an admin has to do this directly.
    #[error(
        "the member is, or was when removed, blocked: an admin has to lift that directly, on this member alone"
    )]
    BlockedRequiresAdmin,
    /// WSP-7: admins don't do this to themselves.
    #[error("admins can't do this to themselves; ask another admin, or leave the workspace")]
    NotYourself,
    /// REM-4: the wait after the removal is still running.
    #[error(
        "the person can be invited again from {}, or at once by an admin who gives up the kept data",
        .allowed_at.to_rfc3339()
    )]
    ReinviteTooEarly { allowed_at: Timestamp },
    /// Not by an API key, not in bulk.
    #[error("only an admin's own session may do this, on one member at a time")]
    DirectAdminOnly,
    /// The invitation expired before it was answered.
    #[error("the invitation has expired; ask the workspace's admins to send it again")]
    InvitationExpired,
    /// This asker never may, whatever the status. It tells nothing about the member.
    #[error("this is not for you to ask")]
    NotPermitted,
}

impl LifecycleRefusal {
    /// Whether the attempt itself goes on record (BLK-10).
    pub const fn is_recorded(&self) -> bool {
        matches!(self, LifecycleRefusal::BlockedRequiresAdmin)
    }
}

fn name(status: Option<MemberStatus>) -> &'static str {
    status.map_or("NONE (not a member)", MemberStatus::as_str)
}

fn list(operations: &[Operation]) -> String {
    match operations {
        [] => "nothing".to_owned(),
        _ => operations.iter().map(|operation| operation.as_str()).collect::<Vec<_>>().join(", "),
    }
}
