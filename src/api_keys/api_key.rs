//! An API key as the other rooms see it.

use crate::primitives::cursor::{Key, PageCursor};
use crate::primitives::ids::{ApiKeyId, MemberId};
use crate::primitives::time::Timestamp;

/// A key of a workspace, without its secret.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ApiKey {
    pub id: ApiKeyId,
    pub name: String,
    /// The admin who made it, and for whom it acts.
    pub maker: MemberId,
    pub created_at: Timestamp,
    pub revoked_at: Option<Timestamp>,
}

impl ApiKey {
    /// The order that keys are listed in.
    pub const ORDER: &'static str = "API_KEY_CREATED";

    /// Raised by each change; a key has one, its end.
    pub const fn revision(&self) -> i64 {
        if self.revoked_at.is_some() { 2 } else { 1 }
    }

    /// Its place in the list.
    pub fn place(&self) -> PageCursor {
        let key = Key::Number(self.created_at.as_micros());
        PageCursor { order: Self::ORDER.into(), key, id: self.id.as_uuid() }
    }
}
