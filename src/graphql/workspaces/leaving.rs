//! Leaving a workspace by oneself, and coming back from rest where the policy lets people.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};

use super::membership::Membership;
use crate::access::Never;
use crate::graphql::caller::Asking;
use crate::graphql::directives::{Permission, SessionKind, requires};
use crate::graphql::members::member_error;
use crate::graphql::outcome::{answer, outcome};
use crate::graphql::scalars::{EventCursor, parse_id};
use crate::graphql::user_errors::UserError;
use crate::members;
use crate::primitives::ids::{MembershipId, WorkspaceId};
use crate::workspaces;

/// Nothing needs to be said: the session tells which workspace.
#[derive(InputObject)]
struct LeaveWorkspaceInput {
    /// Comes back as it was sent; for clients that tell answers apart by it.
    client_mutation_id: Option<String>,
}

/// What leaving came to.
#[derive(SimpleObject, Default)]
struct LeaveWorkspacePayload {
    /// The membership that has ended, one of `viewer.memberships` until now; null when it was refused.
    left_membership_id: Option<ID>,
    /// As it was sent.
    client_mutation_id: Option<String>,
    /// What you can put right.
    user_errors: Vec<UserError>,
    /// The workspace's stream after the change; null when it was refused.
    event_cursor: Option<EventCursor>,
}

/// Where to come back to.
#[derive(InputObject)]
struct RejoinWorkspaceInput {
    /// One of `viewer.memberships` that is deactivated.
    workspace_id: ID,
}

/// What coming back came to.
#[derive(SimpleObject, Default)]
struct RejoinWorkspacePayload {
    /// Your membership, active again; null when it was refused.
    membership: Option<Membership>,
    /// What you can put right.
    user_errors: Vec<UserError>,
    /// The workspace's stream after the change; null when it was refused.
    event_cursor: Option<EventCursor>,
}

/// The mutations by which people leave and come back by themselves.
#[derive(Default)]
pub struct LeavingMutation;

#[Object]
impl LeavingMutation {
    /// Leaves the workspace of this session: every session of yours in it ends, this one too. What you own there stays
    /// with the workspace. Nobody has to wait before they are invited again who left. The last admin can't leave.
    #[graphql(directive = requires::apply(SessionKind::Workspace, Some(Permission::LeaveWorkspace)))]
    async fn leave_workspace(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Nothing needs to be said.")] input: LeaveWorkspaceInput,
    ) -> Result<LeaveWorkspacePayload> {
        let left = members::leave(ctx.gate()?, ctx.workspace_proof()?).await;
        let left = outcome(left.map_err(|failure| failure.map(|refusal| member_error(refusal, ""))))?;
        let client_mutation_id = input.client_mutation_id;
        Ok(match left {
            Ok(left) => LeaveWorkspacePayload {
                left_membership_id: Some(ID(MembershipId::from(left.member.id).to_string())),
                client_mutation_id,
                user_errors: Vec::new(),
                event_cursor: Some(left.committed.cursor.into()),
            },
            Err(user_errors) => {
                LeaveWorkspacePayload { user_errors, client_mutation_id, ..Default::default() }
            }
        })
    }

    /// Comes back from rest by yourself, where the workspace's policy lets deactivated members rejoin. No way round a
    /// block.
    #[graphql(directive = requires::apply(SessionKind::Account, None))]
    async fn rejoin_workspace(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Where to come back to.")] input: RejoinWorkspaceInput,
    ) -> Result<RejoinWorkspacePayload> {
        let workspace = parse_id("input.workspaceId", &input.workspace_id, WorkspaceId::parse)?;
        let rejoined = members::rejoin(ctx.gate()?, ctx.account_proof()?, workspace).await;
        let error = |refusal| member_error(refusal, "input.workspaceId");
        let rejoined = match outcome(rejoined.map_err(|failure| failure.map(error)))? {
            Ok(rejoined) => rejoined,
            Err(user_errors) => return Ok(RejoinWorkspacePayload { user_errors, ..Default::default() }),
        };
        let (view, id) = (ctx.account_view()?, rejoined.member.id);
        let mut held = answer(workspaces::load_many_memberships::<Never>(&view, &[id]).await)?;
        Ok(RejoinWorkspacePayload {
            membership: held.remove(&id).map(Membership::from),
            user_errors: Vec::new(),
            event_cursor: Some(rejoined.committed.cursor.into()),
        })
    }
}
