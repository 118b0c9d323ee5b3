//! The table of rules.md, section 4, row by row.
//!
//! Never says anything that the rule book's table doesn't; the refusals around it are in `decide`.

use super::{LifecyclePolicy, Operation};
use crate::primitives::actor::MemberStatus;

/// Where an operation starts; without a membership `None`.
pub(super) type Start = Option<MemberStatus>;

/// One row: the operation is allowed from these statuses.
#[derive(Clone, Copy)]
pub(super) struct Row {
    pub operation: Operation,
    pub from: &'static [Start],
    /// One status more, where the workspace's policy says so.
    pub by_policy: Option<(MemberStatus, Setting)>,
    pub to: To,
    pub by: By,
}

/// Where a row leads.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum To {
    Status(MemberStatus),
    BeforeInvitation,
    /// What lies under the block; `DEACTIVATED` if the admin says so.
    UnderBlock,
    Unchanged,
    Purged,
}

/// Who may ask.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum By {
    /// Admin, bulk, automation.
    Admins,
    /// Like `Admins`, but directly for a person who was removed while blocked (BLK-8).
    AdminsMindingTheMark,
    /// An admin directly, and nothing else.
    AdminDirectly,
    /// The invited person.
    Invited,
    /// The member, for themself.
    Member,
}

/// The settings of [`LifecyclePolicy`], to be named in a row.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Setting {
    ResendValidInvitation,
    BlockDeactivated,
    RejoinDeactivated,
    ChangeBlocked,
}

impl Setting {
    pub(super) const fn is_on(self, policy: &LifecyclePolicy) -> bool {
        match self {
            Setting::ResendValidInvitation => policy.resend_valid_invitation,
            Setting::BlockDeactivated => policy.block_deactivated,
            Setting::RejoinDeactivated => policy.rejoin_deactivated,
            Setting::ChangeBlocked => policy.change_blocked,
        }
    }
}

const NONE: Start = None;
const SENT: Start = Some(MemberStatus::InvitationSent);
const EXPIRED: Start = Some(MemberStatus::InvitationExpired);
const ACTIVE: Start = Some(MemberStatus::Active);
const DEACTIVATED: Start = Some(MemberStatus::Deactivated);
const BLOCKED: Start = Some(MemberStatus::Blocked);
const REMOVED: Start = Some(MemberStatus::Removed);

/// Each operation once, in the order of [`Operation::ALL`].
pub(super) const TABLE: &[Row] = {
    use self::{By::*, Operation::*, Setting::*, To::*};
    use MemberStatus as Is;
    &[
        row(Invite, &[NONE, REMOVED], Status(Is::InvitationSent), AdminsMindingTheMark),
        row(Withdraw, &[SENT, EXPIRED], BeforeInvitation, Admins),
        row(Resend, &[EXPIRED], Status(Is::InvitationSent), AdminsMindingTheMark)
            .or_from(Is::InvitationSent, ResendValidInvitation),
        row(UpdateInvitation, &[SENT, EXPIRED], Unchanged, AdminsMindingTheMark),
        row(Accept, &[SENT], Status(Is::Active), Invited),
        row(Decline, &[SENT], BeforeInvitation, Invited),
        row(Block, &[ACTIVE], Status(Is::Blocked), Admins).or_from(Is::Deactivated, BlockDeactivated),
        row(Unblock, &[BLOCKED], UnderBlock, AdminDirectly),
        row(SetReview, &[BLOCKED], Unchanged, Admins),
        row(Deactivate, &[ACTIVE], Status(Is::Deactivated), Admins),
        row(Reactivate, &[DEACTIVATED], Status(Is::Active), Admins),
        row(Rejoin, &[], Status(Is::Active), Member).or_from(Is::Deactivated, RejoinDeactivated),
        row(Remove, &[ACTIVE, DEACTIVATED, BLOCKED], Status(Is::Removed), Admins),
        row(Leave, &[ACTIVE], Status(Is::Removed), Member),
        row(DeleteForever, &[DEACTIVATED, REMOVED], Purged, AdminDirectly),
        row(SetRole, &[ACTIVE, DEACTIVATED], Unchanged, Admins).or_from(Is::Blocked, ChangeBlocked),
        row(SetAssignments, &[ACTIVE, DEACTIVATED], Unchanged, Admins).or_from(Is::Blocked, ChangeBlocked),
    ]
};

const fn row(operation: Operation, from: &'static [Start], to: To, by: By) -> Row {
    Row { operation, from, by_policy: None, to, by }
}

impl Row {
    pub(super) fn of(operation: Operation) -> &'static Row {
        TABLE
            .iter()
            .find(|row| row.operation == operation)
            .expect("each operation has its row, see the test below")
    }

    const fn or_from(self, status: MemberStatus, setting: Setting) -> Row {
        Row { by_policy: Some((status, setting)), ..self }
    }

    pub(super) fn starts_from(&self, status: Start, policy: &LifecyclePolicy) -> bool {
        let by_policy =
            self.by_policy.is_some_and(|(from, setting)| Some(from) == status && setting.is_on(policy));
        self.from.contains(&status) || by_policy
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_operation_has_one_row() {
        let rows: Vec<Operation> = TABLE.iter().map(|row| row.operation).collect();
        assert_eq!(rows, Operation::ALL);
    }
}
