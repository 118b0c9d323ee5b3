//! Creating a workspace.

use async_graphql::{Context, InputObject, Object, Result, SimpleObject};

use super::membership::Membership;
use super::words::WorkspaceKind;
use crate::graphql::caller::Asking;
use crate::graphql::connection::Edge;
use crate::graphql::directives::{SessionKind, requires};
use crate::graphql::outcome::outcome;
use crate::graphql::scalars::EventCursor;
use crate::graphql::user_errors::{ErrorCode, UserError, name_at};
use crate::workspaces::{self, CreateRefusal, CreateWorkspace};

/// The workspace to create.
#[derive(InputObject)]
struct CreateWorkspaceInput {
    /// What it is called: at most 200 characters.
    name: String,
    /// What it is made as: it fixes the built-in roles and the starting policy.
    kind: WorkspaceKind,
}

/// What creating a workspace came to.
#[derive(SimpleObject, Default)]
struct CreateWorkspacePayload {
    /// Your membership of the new workspace; null when it was refused.
    membership: Option<Membership>,
    /// The same with its place in `viewer.memberships`; null when it was refused.
    membership_edge: Option<Edge<Membership>>,
    /// What you can put right.
    user_errors: Vec<UserError>,
    /// The new workspace's stream after the change; null when it was refused.
    event_cursor: Option<EventCursor>,
}

impl CreateWorkspacePayload {
    fn of(result: Result<workspaces::Created, Vec<UserError>>) -> Self {
        let created = match result {
            Ok(created) => created,
            Err(user_errors) => return Self { user_errors, ..Self::default() },
        };
        let place = created.membership.place();
        Self {
            membership: Some(created.membership.clone().into()),
            membership_edge: Some(Edge::new(place, created.membership.into())),
            user_errors: Vec::new(),
            event_cursor: Some(created.cursor.into()),
        }
    }
}

/// The mutations on workspaces.
#[derive(Default)]
pub struct WorkspacesMutation;

#[Object]
impl WorkspacesMutation {
    /// Creates a workspace with you as its first admin, active at once. Your e-mail address must be verified.
    #[graphql(directive = requires::apply(SessionKind::Account, None))]
    async fn create_workspace(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The workspace to create.")] input: CreateWorkspaceInput,
    ) -> Result<CreateWorkspacePayload> {
        let proof = ctx.account_proof()?;
        let name = match name_at("input.name", &input.name) {
            Ok(name) => name,
            Err(error) => return Ok(CreateWorkspacePayload::of(Err(vec![error]))),
        };
        let request = CreateWorkspace { name, kind: input.kind.into() };
        let created = workspaces::create_workspace(ctx.gate()?, proof, request).await;
        Ok(CreateWorkspacePayload::of(outcome(created)?))
    }
}

impl From<CreateRefusal> for UserError {
    fn from(refusal: CreateRefusal) -> Self {
        match refusal {
            CreateRefusal::EmailNotVerified => Self::whole(
                ErrorCode::EmailNotVerified,
                "verify your e-mail address first: open the link that was mailed to you",
            ),
        }
    }
}
