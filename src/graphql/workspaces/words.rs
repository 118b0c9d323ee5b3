//! The words of a workspace, as the schema publishes them, and its policy.
//!
//! Never another set than the rooms': each enum is tied to the room's own.

use async_graphql::{Enum, SimpleObject};

use crate::graphql::user_errors::WorkspaceContact;
use crate::{members, policy};

/// What a workspace was made as: it fixes the built-in roles and the starting policy.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "policy::Kind")]
pub enum WorkspaceKind {
    /// Workspace admin, reviewer, developer and operator.
    Wallet,
    /// Developer admin, developer and operator.
    Merchant,
    /// Admin and member.
    Team,
}

/// What becomes of a removed member's assets that nobody decided on.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "policy::UndecidedAssets")]
pub enum UndecidedAssets {
    /// They stay with the workspace, in the admins' hands.
    Workspace,
    /// They go with the person.
    Person,
    /// They are lost; so a removal that hasn't decided is refused with the list.
    Lost,
}

/// A workspace's own settings of the rules.
#[derive(SimpleObject, Clone, Debug)]
pub struct Policy {
    /// How long an invitation is valid, in hours.
    invitation_ttl_hours: u32,
    /// May an invitation that is still valid be resent?
    resend_valid_invitation: bool,
    /// May a deactivated member be blocked?
    block_deactivated: bool,
    /// May a deactivated member rejoin by themselves?
    rejoin_deactivated: bool,
    /// May role and assignments of a blocked member be changed?
    change_blocked: bool,
    /// The wait before a removed person may be invited again, in hours; 0 is none.
    reinvite_wait_hours: u32,
    /// What becomes of a removed member's assets that nobody decided on.
    undecided_assets: UndecidedAssets,
    /// Do open invitations reserve seats?
    invitations_reserve_seats: bool,
}

impl From<policy::Policy> for Policy {
    fn from(policy: policy::Policy) -> Self {
        Self {
            invitation_ttl_hours: policy.invitation_ttl_hours,
            resend_valid_invitation: policy.resend_valid_invitation,
            block_deactivated: policy.block_deactivated,
            rejoin_deactivated: policy.rejoin_deactivated,
            change_blocked: policy.change_blocked,
            reinvite_wait_hours: policy.reinvite_wait_hours,
            undecided_assets: policy.undecided_assets.into(),
            invitations_reserve_seats: policy.invitations_reserve_seats,
        }
    }
}

impl From<members::Contact> for WorkspaceContact {
    fn from(contact: members::Contact) -> Self {
        Self { text: contact.text, email: contact.email }
    }
}
