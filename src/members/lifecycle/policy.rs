//! The part of a workspace's policy that the table depends on.

use super::LifecyclePolicy;
use crate::policy::Policy;

impl Policy {
    /// The settings that the lifecycle table depends on.
    pub const fn lifecycle(&self) -> LifecyclePolicy {
        LifecyclePolicy {
            resend_valid_invitation: self.resend_valid_invitation,
            block_deactivated: self.block_deactivated,
            rejoin_deactivated: self.rejoin_deactivated,
            change_blocked: self.change_blocked,
        }
    }
}
