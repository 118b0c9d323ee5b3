//! The life of a member (rules.md, section 4): the one place that knows which operation leads from where to
//! where, who may ask for it, and how it is refused.
//!
//! Never does I/O and never reads the time or a setting by itself. It doesn't know seats, roles or the last
//! admin either: what it allows may still be refused by those.

mod decide;
mod diagram;
mod operation;
mod policy;
mod refusal;
mod standing;
mod table;

pub use decide::{available, decide};
pub use diagram::diagram;
pub use operation::{Operation, Request};
pub use refusal::LifecycleRefusal;
pub use standing::{Asker, Asking, BeforeInvitation, LifecyclePolicy, Standing, Underneath, status_at};

use crate::primitives::actor::MemberStatus;

/// What an operation that is allowed makes of the membership.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Outcome {
    Becomes(MemberStatus),
    /// The status stays; something else about the member or the invitation changes.
    Unchanged,
    /// The invitation is gone; what was there before it shows again (INV-3).
    BackToBefore(BeforeInvitation),
    /// Deleted for ever (DEL-1).
    Purged,
}
