//! An API key as the other rooms see it.

use crate::members::{Member, MemberState};
use crate::primitives::cursor::{Key, PageCursor};
use crate::primitives::ids::{ApiKeyId, MemberId};
use crate::primitives::time::Timestamp;
use crate::words;

words! {
    /// Whether a key works.
    pub enum KeyStatus {
        Working = "WORKING",
        /// Not while its maker is blocked, deactivated or no admin.
        Paused = "PAUSED",
        /// Its maker was removed, or has left, since it was made: it works never again.
        Stopped = "STOPPED",
        Revoked = "REVOKED",
    }
}

/// A key of a workspace, without its secret.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ApiKey {
    pub id: ApiKeyId,
    pub name: String,
    /// The admin who made it, and for whom it acts.
    pub maker: MemberId,
    /// Where the maker's membership began that it was made in.
    pub maker_joined_seq: i64,
    pub created_at: Timestamp,
    /// To about a minute.
    pub last_used_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
}

impl ApiKey {
    /// The order that keys are listed in.
    pub const ORDER: &'static str = "API_KEY_CREATED";

    /// Raised by each change; a key has one, its end.
    pub const fn revision(&self) -> i64 {
        if self.revoked_at.is_some() { 2 } else { 1 }
    }

    /// Whether it works, as far as its maker goes (API-2). The check on its requests asks the same.
    pub fn status(&self, maker: &Member) -> KeyStatus {
        let same_spell = maker.joined_seq == Some(self.maker_joined_seq);
        if self.revoked_at.is_some() {
            KeyStatus::Revoked
        } else if !same_spell || !matches!(maker.state, MemberState::Active | MemberState::Deactivated) {
            KeyStatus::Stopped
        } else if maker.is_active_admin() {
            KeyStatus::Working
        } else {
            KeyStatus::Paused
        }
    }

    /// Its place in the list.
    pub fn place(&self) -> PageCursor {
        let key = Key::Number(self.created_at.as_micros());
        PageCursor { order: Self::ORDER.into(), key, id: self.id.as_uuid() }
    }
}
