//! What is known of a session, without its token.
//!
//! Never says whether it holds; that is the check on every request, in `access`.

use uuid::Uuid;

use crate::primitives::cursor::{Key, PageCursor};
use crate::primitives::ids::{AccountSessionId, MemberId, WorkspaceId, WorkspaceSessionId};
use crate::primitives::time::Timestamp;

/// How long sessions live from their making on (SES-4); how long they may lie idle, the check knows.
#[derive(Clone, Copy, Debug)]
pub struct Lifetimes {
    pub account_seconds: i64,
    pub workspace_seconds: i64,
}

/// What a session leaves behind for its owner to recognise it by (SES-3).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Footprint {
    /// What the client called itself.
    pub device: Option<String>,
    /// From where it was made.
    pub address: Option<String>,
    pub created_at: Timestamp,
    /// To the minute.
    pub last_used_at: Timestamp,
    /// Its absolute end.
    pub expires_at: Timestamp,
}

/// Signed in as a person.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AccountSession {
    pub id: AccountSessionId,
    pub footprint: Footprint,
}

/// Entered into one workspace.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct WorkspaceSession {
    pub id: WorkspaceSessionId,
    pub workspace: WorkspaceId,
    pub workspace_name: String,
    pub member: MemberId,
    /// It ends with this one.
    pub account_session: AccountSessionId,
    pub footprint: Footprint,
}

/// A session of either kind.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Session {
    Account(AccountSession),
    Workspace(WorkspaceSession),
}

impl Session {
    /// The order that sessions are listed in: the newest first.
    pub const ORDER: &'static str = "SESSION_NEWEST";

    /// Its place in a list.
    pub fn place(&self) -> PageCursor {
        match self {
            Self::Account(session) => place(&session.footprint, session.id.as_uuid()),
            Self::Workspace(session) => session.place(),
        }
    }
}

impl WorkspaceSession {
    /// Its place in a list of the same order.
    pub fn place(&self) -> PageCursor {
        place(&self.footprint, self.id.as_uuid())
    }
}

fn place(footprint: &Footprint, id: Uuid) -> PageCursor {
    PageCursor { order: Session::ORDER.into(), key: Key::Number(footprint.created_at.as_micros()), id }
}
