//! Every setting of a workspace's policy, what each kind starts from, and how it is stored.
//!
//! Never fails on settings that this release doesn't know, or that the one which stored them didn't: releases run
//! beside each other.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Kind;
use crate::primitives::time::Timestamp;
use crate::words;

words! {
    /// What becomes of a removed member's assets that nobody decided on (REM-2).
    pub enum UndecidedAssets {
        /// They stay with the workspace, in the admins' hands.
        Workspace = "WORKSPACE",
        /// They go with the person.
        Person = "PERSON",
        /// They are lost; so a removal that hasn't decided is refused with the list.
        Lost = "LOST",
    }
}

/// A workspace's own settings of the rules.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Policy {
    /// How long an invitation is valid (INV-2).
    pub invitation_ttl_hours: u32,
    /// An invitation that is still valid may be resent (INV-4).
    pub resend_valid_invitation: bool,
    /// A deactivated member may be blocked.
    pub block_deactivated: bool,
    /// A deactivated member may rejoin by themselves.
    pub rejoin_deactivated: bool,
    /// Role and assignments of a blocked member may be changed (BLK-5).
    pub change_blocked: bool,
    /// The wait before a removed person may be invited again; 0 is none (REM-4).
    pub reinvite_wait_hours: u32,
    pub undecided_assets: UndecidedAssets,
    /// Open invitations reserve seats (SEAT-3).
    pub invitations_reserve_seats: bool,
}

impl Policy {
    /// What a workspace of this kind starts from.
    pub const fn of_kind(kind: Kind) -> Self {
        let team = matches!(kind, Kind::Team);
        Self {
            invitation_ttl_hours: 72,
            resend_valid_invitation: team,
            block_deactivated: team,
            rejoin_deactivated: false,
            change_blocked: false,
            reinvite_wait_hours: if team { 14 * 24 } else { 0 },
            undecided_assets: if team { UndecidedAssets::Person } else { UndecidedAssets::Workspace },
            invitations_reserve_seats: false,
        }
    }

    /// When an invitation expires that is sent now.
    pub fn invitation_expiry(&self, now: Timestamp) -> Timestamp {
        now.plus_hours(self.invitation_ttl_hours.into())
    }

    /// The text that is stored.
    pub fn to_stored(&self) -> String {
        serde_json::to_string(self).expect("a policy is plain data")
    }

    /// Reads what is stored. A setting that the text lacks is what the kind starts from.
    pub fn from_stored(kind: Kind, text: &str) -> Result<Self, serde_json::Error> {
        let mut settings = serde_json::to_value(Self::of_kind(kind))?;
        let stored: serde_json::Map<String, Value> = serde_json::from_str(text)?;
        if let Value::Object(settings) = &mut settings {
            settings.extend(stored);
        }
        serde_json::from_value(settings)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_starts_from_the_policy_of_the_rule_book() {
        for kind in [Kind::Wallet, Kind::Merchant] {
            let policy = Policy::of_kind(kind);
            assert!(!policy.resend_valid_invitation && !policy.block_deactivated);
            assert!(!policy.rejoin_deactivated && !policy.change_blocked);
            assert_eq!((policy.invitation_ttl_hours, policy.reinvite_wait_hours), (72, 0));
            assert_eq!(policy.undecided_assets, UndecidedAssets::Workspace);
            assert!(!policy.invitations_reserve_seats);
        }
        let team = Policy::of_kind(Kind::Team);
        assert_eq!((team.invitation_ttl_hours, team.reinvite_wait_hours), (72, 14 * 24));
        assert!(team.resend_valid_invitation && team.block_deactivated);
        assert!(!team.rejoin_deactivated && !team.change_blocked && !team.invitations_reserve_seats);
        assert_eq!(team.undecided_assets, UndecidedAssets::Person);
    }

    #[test]
    fn a_policy_reads_back_and_releases_may_differ_in_what_they_know() {
        let policy = Policy { invitation_ttl_hours: 5, ..Policy::of_kind(Kind::Team) };
        assert_eq!(Policy::from_stored(Kind::Team, &policy.to_stored()).expect("readable"), policy);
        let newer = r#"{"invitation_ttl_hours":5,"something_newer":true}"#;
        assert_eq!(Policy::from_stored(Kind::Team, newer).expect("readable"), policy);
    }
}
