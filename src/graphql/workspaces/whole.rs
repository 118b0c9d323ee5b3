//! The `Workspace` type, put together from what each room answers.

use async_graphql::{Context, ID, MergedObject, Result};

use super::WorkspaceFacts;
use crate::access::WorkspaceView;
use crate::graphql::api_keys::WorkspaceApiKeys;
use crate::graphql::assets::WorkspaceAssets;
use crate::graphql::audit::WorkspaceAudit;
use crate::graphql::billing::{WorkspaceBilling, WorkspaceSeats};
use crate::graphql::members::WorkspaceMembers;
use crate::graphql::roles::WorkspaceRoles;

/// The unit of tenancy: members, roles, assets and events of one team, as the asking session or API key sees it.
#[derive(MergedObject)]
pub struct Workspace(
    WorkspaceFacts,
    WorkspaceMembers,
    WorkspaceSeats,
    WorkspaceBilling,
    WorkspaceAudit,
    WorkspaceRoles,
    WorkspaceAssets,
    WorkspaceApiKeys,
);

impl Workspace {
    pub fn new(view: &WorkspaceView) -> Self {
        Self(
            WorkspaceFacts::new(view.clone()),
            WorkspaceMembers(view.clone()),
            WorkspaceSeats(view.clone()),
            WorkspaceBilling(view.clone()),
            WorkspaceAudit(view.clone()),
            WorkspaceRoles(view.clone()),
            WorkspaceAssets(view.clone()),
            WorkspaceApiKeys(view.clone()),
        )
    }

    /// For the interface `Node`, which asks the whole and not its parts.
    pub async fn id(&self, ctx: &Context<'_>) -> Result<ID> {
        self.0.id(ctx).await
    }
}
