//! Every setting of a workspace's policy, its bounds, what each kind starts from, and how it is stored.
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

/// Settings to take over; what is not named stays.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct PolicyChange {
    pub invitation_ttl_hours: Option<i32>,
    pub resend_valid_invitation: Option<bool>,
    pub block_deactivated: Option<bool>,
    pub rejoin_deactivated: Option<bool>,
    pub change_blocked: Option<bool>,
    pub reinvite_wait_hours: Option<i32>,
    pub undecided_assets: Option<UndecidedAssets>,
    pub invitations_reserve_seats: Option<bool>,
}

/// A setting that is out of its bounds.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("must be a number of hours from {min} to {max}")]
pub struct OutOfBounds {
    /// The setting, as the API calls it.
    pub field: &'static str,
    pub min: u32,
    pub max: u32,
}

/// At least an hour, so that a mail has a chance to be read; at most 90 days.
const INVITATION_TTL_HOURS: (u32, u32) = (1, 90 * 24);
/// None, to two years.
const REINVITE_WAIT_HOURS: (u32, u32) = (0, 2 * 366 * 24);

fn hours(
    field: &'static str,
    (min, max): (u32, u32),
    given: Option<i32>,
    now: u32,
) -> Result<u32, OutOfBounds> {
    let Some(given) = given else { return Ok(now) };
    u32::try_from(given).ok().filter(|hours| (min..=max).contains(hours)).ok_or(OutOfBounds {
        field,
        min,
        max,
    })
}

impl Policy {
    /// The policy with these settings taken over; or each that is out of its bounds, and nothing is.
    pub fn changed(&self, to: &PolicyChange) -> Result<Self, Vec<OutOfBounds>> {
        let ttl = hours(
            "invitationTtlHours",
            INVITATION_TTL_HOURS,
            to.invitation_ttl_hours,
            self.invitation_ttl_hours,
        );
        let wait =
            hours("reinviteWaitHours", REINVITE_WAIT_HOURS, to.reinvite_wait_hours, self.reinvite_wait_hours);
        let (ttl, wait) = match (ttl, wait) {
            (Ok(ttl), Ok(wait)) => (ttl, wait),
            (ttl, wait) => return Err([ttl.err(), wait.err()].into_iter().flatten().collect()),
        };
        Ok(Self {
            invitation_ttl_hours: ttl,
            resend_valid_invitation: to.resend_valid_invitation.unwrap_or(self.resend_valid_invitation),
            block_deactivated: to.block_deactivated.unwrap_or(self.block_deactivated),
            rejoin_deactivated: to.rejoin_deactivated.unwrap_or(self.rejoin_deactivated),
            change_blocked: to.change_blocked.unwrap_or(self.change_blocked),
            reinvite_wait_hours: wait,
            undecided_assets: to.undecided_assets.unwrap_or(self.undecided_assets),
            invitations_reserve_seats: to.invitations_reserve_seats.unwrap_or(self.invitations_reserve_seats),
        })
    }

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
    fn a_change_takes_over_what_it_names_and_leaves_the_rest() {
        let before = Policy::of_kind(Kind::Team);
        assert_eq!(before.changed(&PolicyChange::default()), Ok(before));
        let change = PolicyChange {
            invitation_ttl_hours: Some(1),
            undecided_assets: Some(UndecidedAssets::Lost),
            ..PolicyChange::default()
        };
        let after = Policy { invitation_ttl_hours: 1, undecided_assets: UndecidedAssets::Lost, ..before };
        assert_eq!(before.changed(&change), Ok(after));
    }

    #[test]
    fn hours_are_bounded_and_each_setting_out_of_bounds_is_named() {
        let before = Policy::of_kind(Kind::Team);
        let named = |ttl, wait| {
            let change = PolicyChange {
                invitation_ttl_hours: Some(ttl),
                reinvite_wait_hours: Some(wait),
                ..PolicyChange::default()
            };
            let refused = before.changed(&change).err().unwrap_or_default();
            refused.into_iter().map(|wrong| wrong.field).collect::<Vec<_>>()
        };
        assert_eq!(named(1, 0), [""; 0]);
        assert_eq!(named(2160, 17_568), [""; 0]);
        assert_eq!(named(0, 0), ["invitationTtlHours"]);
        assert_eq!(named(-1, -1), ["invitationTtlHours", "reinviteWaitHours"]);
        assert_eq!(named(2161, 17_569), ["invitationTtlHours", "reinviteWaitHours"]);
    }

    #[test]
    fn a_policy_reads_back_and_releases_may_differ_in_what_they_know() {
        let policy = Policy { invitation_ttl_hours: 5, ..Policy::of_kind(Kind::Team) };
        assert_eq!(Policy::from_stored(Kind::Team, &policy.to_stored()).expect("readable"), policy);
        let newer = r#"{"invitation_ttl_hours":5,"something_newer":true}"#;
        assert_eq!(Policy::from_stored(Kind::Team, newer).expect("readable"), policy);
    }
}
