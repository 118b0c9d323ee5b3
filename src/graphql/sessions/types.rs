//! The types of sessions.

#![expect(clippy::duplicated_attributes, reason = "several fields of an interface have one type")]

use async_graphql::{ID, Interface, Object};
use uuid::Uuid;

use crate::graphql::scalars::DateTime;
use crate::primitives::ids::{AccountSessionId, WorkspaceSessionId};
use crate::sessions::{self, Footprint};

/// Signed in, as a person or into a workspace.
#[derive(Interface)]
#[graphql(
    field(name = "id", ty = "ID", desc = "Its id."),
    field(
        name = "device",
        ty = "Option<&str>",
        desc = "What the client called itself when the session was made."
    ),
    field(
        name = "address",
        ty = "Option<&str>",
        desc = "The network address that the session was made from."
    ),
    field(name = "created_at", ty = "DateTime", desc = "When it was made."),
    field(name = "last_used_at", ty = "DateTime", desc = "When it was last used, to about a minute."),
    field(
        name = "expires_at",
        ty = "DateTime",
        desc = "When it ends at the latest; lying idle ends it before."
    ),
    field(name = "is_current", ty = "bool", desc = "Is it the one that asks?")
)]
pub enum Session {
    Account(AccountSession),
    Workspace(WorkspaceSession),
}

impl Session {
    /// As one's own list shows it, to the account session that asks.
    pub(in crate::graphql) fn of(session: sessions::Session, asking: AccountSessionId) -> Self {
        match session {
            sessions::Session::Account(session) => Self::Account(AccountSession::new(session, asking)),
            sessions::Session::Workspace(session) => Self::Workspace(WorkspaceSession::new(session, None)),
        }
    }
}

/// Signed in as a person.
pub struct AccountSession {
    session: sessions::AccountSession,
    is_current: bool,
}

impl AccountSession {
    pub(in crate::graphql) fn new(session: sessions::AccountSession, asking: AccountSessionId) -> Self {
        Self { is_current: session.id == asking, session }
    }

    pub(in crate::graphql) const fn uuid(&self) -> Uuid {
        self.session.id.as_uuid()
    }

    const fn footprint(&self) -> &Footprint {
        &self.session.footprint
    }
}

/// Signed in as a person. Nothing inside a workspace: for that, enter it.
#[Object]
impl AccountSession {
    /// Its id.
    pub async fn id(&self) -> ID {
        ID(self.session.id.to_string())
    }

    /// What the client called itself when the session was made.
    pub async fn device(&self) -> Option<&str> {
        self.footprint().device.as_deref()
    }

    /// The network address that the session was made from.
    pub async fn address(&self) -> Option<&str> {
        self.footprint().address.as_deref()
    }

    /// When it was made.
    pub async fn created_at(&self) -> DateTime {
        self.footprint().created_at.into()
    }

    /// When it was last used, to about a minute.
    pub async fn last_used_at(&self) -> DateTime {
        self.footprint().last_used_at.into()
    }

    /// When it ends at the latest; lying idle ends it before.
    pub async fn expires_at(&self) -> DateTime {
        self.footprint().expires_at.into()
    }

    /// Is it the one that asks?
    pub async fn is_current(&self) -> bool {
        self.is_current
    }
}

/// Entered into one workspace.
pub struct WorkspaceSession {
    session: sessions::WorkspaceSession,
    is_current: bool,
}

impl WorkspaceSession {
    /// `asking`: the workspace session that asks, where it is one.
    pub fn new(session: sessions::WorkspaceSession, asking: Option<WorkspaceSessionId>) -> Self {
        Self { is_current: asking == Some(session.id), session }
    }

    pub(in crate::graphql) const fn uuid(&self) -> Uuid {
        self.session.id.as_uuid()
    }

    const fn footprint(&self) -> &Footprint {
        &self.session.footprint
    }
}

/// Entered into one workspace, as one member of it. It ends with the account session that it was made from.
#[Object]
impl WorkspaceSession {
    /// Its id.
    pub async fn id(&self) -> ID {
        ID(self.session.id.to_string())
    }

    /// The workspace's id.
    async fn workspace_id(&self) -> ID {
        ID(self.session.workspace.to_string())
    }

    /// What the workspace is called.
    async fn workspace_name(&self) -> &str {
        &self.session.workspace_name
    }

    /// The id of the member that is in.
    async fn member_id(&self) -> ID {
        ID(self.session.member.to_string())
    }

    /// What the client called itself when the session was made.
    pub async fn device(&self) -> Option<&str> {
        self.footprint().device.as_deref()
    }

    /// The network address that the session was made from.
    pub async fn address(&self) -> Option<&str> {
        self.footprint().address.as_deref()
    }

    /// When it was made.
    pub async fn created_at(&self) -> DateTime {
        self.footprint().created_at.into()
    }

    /// When it was last used, to about a minute.
    pub async fn last_used_at(&self) -> DateTime {
        self.footprint().last_used_at.into()
    }

    /// When it ends at the latest; lying idle ends it before.
    pub async fn expires_at(&self) -> DateTime {
        self.footprint().expires_at.into()
    }

    /// Is it the one that asks?
    pub async fn is_current(&self) -> bool {
        self.is_current
    }
}
