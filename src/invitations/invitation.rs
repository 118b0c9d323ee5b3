//! An invitation as the room sees it.
//!
//! Never stores that it has expired: that follows from the time (INV-2).

use serde::{Deserialize, Serialize};

use crate::primitives::actor::Actor;
use crate::primitives::email::EmailKey;
use crate::primitives::ids::{AssetId, InvitationId, MemberId, RoleId, WorkspaceId};
use crate::primitives::time::Timestamp;
use crate::words;

use super::refusal::BrokenPromise;

words! {
    /// What an invitation came to.
    pub enum InvitationOutcome {
        Accepted = "ACCEPTED",
        Declined = "DECLINED",
        Withdrawn = "WITHDRAWN",
    }
}

words! {
    /// Where an invitation stands.
    pub enum InvitationStatus {
        Sent = "SENT",
        Expired = "EXPIRED",
        Accepted = "ACCEPTED",
        Declined = "DECLINED",
        Withdrawn = "WITHDRAWN",
    }
}

words! {
    /// How far the mail of an invitation has come (INV-13).
    pub enum MailState {
        /// It waits to leave.
        Queued = "QUEUED",
        /// The mail server, or the local mailbox, has it.
        HandedOver = "HANDED_OVER",
        /// It did not leave; it is tried again.
        Failing = "FAILING",
        /// It did not leave, and is tried no more.
        GivenUp = "GIVEN_UP",
    }
}

/// What of a removed person's membership an invitation overlays, and gives back when it comes to nothing (INV-3).
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Before {
    pub name: String,
    pub email: String,
    pub email_key: EmailKey,
    pub role: RoleId,
    /// Its mark of BLK-8; unknown of invitations that a release before this one sent.
    #[serde(default)]
    pub removed_while_blocked: Option<bool>,
}

/// One asking of one person into one workspace.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Invitation {
    pub id: InvitationId,
    pub workspace: WorkspaceId,
    pub member: MemberId,
    pub email_key: EmailKey,
    pub role: RoleId,
    pub assets: Vec<AssetId>,
    /// Who asked first.
    pub invited_by: Actor,
    /// The admin who answers for it: the inviter, the maker of the key, or whoever took it over (INV-7).
    pub inviter: MemberId,
    pub sent_at: Timestamp,
    pub expires_at: Timestamp,
    pub expiry_announced: bool,
    /// How often it was sent. Links and mails of older sendings are dead (INV-4).
    pub sending: i64,
    pub mail: MailState,
    /// What a removed person's membership was.
    pub before: Option<Before>,
    /// What was kept for a removed person is given up with the acceptance (REM-4).
    pub gives_up_kept: bool,
    /// Refused acceptances that admins have been told of.
    pub refusals: Vec<BrokenPromise>,
    pub ended: Option<(InvitationOutcome, Timestamp)>,
    pub revision: i64,
    pub created_at: Timestamp,
}

impl Invitation {
    /// Where it stands at this moment.
    pub fn status(&self, now: Timestamp) -> InvitationStatus {
        match self.ended {
            Some((InvitationOutcome::Accepted, _)) => InvitationStatus::Accepted,
            Some((InvitationOutcome::Declined, _)) => InvitationStatus::Declined,
            Some((InvitationOutcome::Withdrawn, _)) => InvitationStatus::Withdrawn,
            None if self.expires_at <= now => InvitationStatus::Expired,
            None => InvitationStatus::Sent,
        }
    }

    pub(super) fn is_open(&self) -> bool {
        self.ended.is_none()
    }

    /// Ends it; the caller holds the workspace's lock and has found it open.
    pub(super) fn end(&mut self, outcome: InvitationOutcome, now: Timestamp) {
        self.ended = Some((outcome, now));
        self.revision += 1;
    }
}
