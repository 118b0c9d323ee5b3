//! Deleting a workspace.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};

use crate::endings::{self, DeletedWorkspace, OtherName, Recovery};
use crate::graphql::caller::Asking;
use crate::graphql::directives::{Permission, SessionKind, requires};
use crate::graphql::outcome::outcome;
use crate::graphql::scalars::{DateTime, EventCursor};
use crate::graphql::user_errors::UserError;

/// That you mean this workspace.
#[derive(InputObject)]
struct DeleteWorkspaceInput {
    /// The name of the workspace of this session, as a confirmation.
    name: String,
}

/// What deleting came to.
#[derive(SimpleObject, Default)]
struct DeleteWorkspacePayload {
    /// The workspace that is gone; null when it was refused.
    deleted_workspace_id: Option<ID>,
    /// Until when the operator of the service can bring it back; null when it was refused.
    recoverable_until: Option<DateTime>,
    /// What you can put right.
    user_errors: Vec<UserError>,
    /// The workspace's stream after the change; null when it was refused.
    event_cursor: Option<EventCursor>,
}

/// The mutation that ends a workspace.
#[derive(Default)]
pub struct DeletingWorkspaceMutation;

#[Object]
impl DeletingWorkspaceMutation {
    /// Deletes the workspace of this session: when the answer arrives every session, key and invitation of it is dead on
    /// every server, and it is gone from everybody's memberships. The operator can bring it back for a while, 30 days
    /// where nothing else is set; then everything in it is purged.
    #[graphql(directive = requires::apply(SessionKind::Workspace, Some(Permission::ManageWorkspace)))]
    async fn delete_workspace(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "That you mean this workspace.")] input: DeleteWorkspaceInput,
    ) -> Result<DeleteWorkspacePayload> {
        let (proof, recovery) = (ctx.workspace_proof()?, *ctx.data::<Recovery>()?);
        let deleted = endings::delete_workspace(ctx.gate()?, recovery, proof, &input.name).await;
        let refused = |user_errors| DeleteWorkspacePayload { user_errors, ..Default::default() };
        Ok(outcome(deleted)?.map_or_else(refused, DeleteWorkspacePayload::from))
    }
}

impl From<DeletedWorkspace> for DeleteWorkspacePayload {
    fn from(deleted: DeletedWorkspace) -> Self {
        Self {
            deleted_workspace_id: Some(ID(deleted.workspace.to_string())),
            recoverable_until: Some(deleted.recoverable_until.into()),
            user_errors: Vec::new(),
            event_cursor: Some(deleted.committed.cursor.into()),
        }
    }
}

impl From<OtherName> for UserError {
    fn from(_: OtherName) -> Self {
        Self::invalid(
            "input.name",
            "this isn't the workspace's name; type it as it is shown, to confirm what you delete",
        )
    }
}
