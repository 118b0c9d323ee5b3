//! What `workspace` answers about itself.

use async_graphql::{Context, ID, Object, Result};
use tokio::sync::OnceCell;

use super::Workspace;
use super::words::{Policy, WorkspaceKind};
use crate::access::{Never, WorkspaceView};
use crate::graphql::caller::Asking;
use crate::graphql::directives::{SessionKind, requires};
use crate::graphql::outcome::answer;
use crate::graphql::scalars::{DateTime, EventCursor};
use crate::graphql::user_errors::WorkspaceContact;
use crate::workspaces;

/// The workspace's own fields; its row is read when one of them is asked for.
pub struct WorkspaceFacts {
    view: WorkspaceView,
    row: OnceCell<workspaces::Workspace>,
}

impl WorkspaceFacts {
    pub fn new(view: WorkspaceView) -> Self {
        Self { view, row: OnceCell::new() }
    }

    async fn row(&self) -> Result<&workspaces::Workspace> {
        answer(self.row.get_or_try_init(|| workspaces::find::<Never>(&self.view)).await)
    }
}

#[Object]
impl WorkspaceFacts {
    /// Its id.
    pub async fn id(&self) -> ID {
        ID(self.view.workspace().to_string())
    }

    /// What it is called.
    async fn name(&self) -> Result<&str> {
        Ok(&self.row().await?.name)
    }

    /// What it was made as.
    async fn kind(&self) -> Result<WorkspaceKind> {
        Ok(self.row().await?.kind.into())
    }

    /// Its own settings of the rules. For admins and API keys; an error for others.
    async fn policy(&self) -> Result<Option<Policy>> {
        Ok(Some(answer(workspaces::policy::<Never>(&self.view).await)?.into()))
    }

    /// Whom to turn to: what the admins have set, else the admin who has served longest.
    async fn contact(&self) -> Result<WorkspaceContact> {
        Ok(answer(workspaces::find_workspace_contact::<Never>(&self.view).await)?.into())
    }

    /// The place in the workspace's stream that this answer is not older than: whoever subscribes after it misses
    /// nothing.
    async fn event_cursor(&self, ctx: &Context<'_>) -> Result<EventCursor> {
        let proof = self.view.proof();
        Ok(ctx.gate()?.cursor(proof.stream(), proof.head).into())
    }

    /// When it was created.
    async fn created_at(&self) -> Result<DateTime> {
        Ok(self.row().await?.created_at.into())
    }

    /// Grows with each change; a client ignores what is older than what it has.
    async fn revision(&self) -> Result<i64> {
        Ok(self.row().await?.revision)
    }
}

/// The way into a workspace.
#[derive(Default)]
pub struct WorkspacesQuery;

#[Object]
impl WorkspacesQuery {
    /// The workspace of the asking session or API key; there is no other to ask for.
    #[graphql(directive = requires::apply(SessionKind::Workspace, None))]
    async fn workspace(&self, ctx: &Context<'_>) -> Result<Workspace> {
        Ok(Workspace::new(&ctx.workspace_view()?))
    }
}
