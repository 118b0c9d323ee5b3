//! Deleting a member for ever.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};

use crate::endings::{self, Deleted};
use crate::graphql::caller::Asking;
use crate::graphql::directives::{Permission, SessionKind, requires};
use crate::graphql::members::{MemberNames, member_error};
use crate::graphql::outcome::outcome;
use crate::graphql::scalars::{EventCursor, parse_id};
use crate::graphql::user_errors::UserError;
use crate::members::{DeleteMemberForever, DeleteRefusal};
use crate::primitives::email::Email;
use crate::primitives::ids::MemberId;

/// Whom to delete for ever.
#[derive(InputObject)]
struct DeleteMemberForeverInput {
    /// The member, one who is deactivated or removed.
    member_id: ID,
    /// The member's e-mail address, as a confirmation: nothing brings them back.
    email: String,
}

/// What deleting came to.
#[derive(SimpleObject, Default)]
struct DeleteMemberForeverPayload {
    /// The member who is gone, and whose id leads nowhere from here on; null when it was refused.
    deleted_member_id: Option<ID>,
    /// What you can put right.
    user_errors: Vec<UserError>,
    /// The workspace's stream after the change; null when it was refused.
    event_cursor: Option<EventCursor>,
}

/// The mutation that purges a membership.
#[derive(Default)]
pub struct DeletingMembersMutation;

#[Object]
impl DeletingMembersMutation {
    /// Purges a membership: the person's name and addresses, what they own here, shared things too, notes, sessions,
    /// keys, mails and what they wrote. The log keeps the fact, and nobody's name. The person keeps their account and
    /// their other workspaces. For an admin directly, and never undone.
    #[graphql(directive = requires::apply(SessionKind::Workspace, Some(Permission::DeleteMembers)))]
    async fn delete_member_forever(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whom to delete for ever.")] input: DeleteMemberForeverInput,
    ) -> Result<DeleteMemberForeverPayload> {
        let member = parse_id("input.memberId", &input.member_id, MemberId::parse)?;
        let proof = ctx.workspace_proof()?;
        let email = match Email::parse(&input.email) {
            Ok(email) => email.key().clone(),
            Err(error) => return Ok(refused(vec![UserError::invalid("input.email", error.to_string())])),
        };
        let request = DeleteMemberForever { member, email };
        let deleted = endings::delete_member_forever(ctx.gate()?, proof, request).await;
        ctx.data::<MemberNames>()?.forget(member);
        Ok(outcome(deleted)?.map_or_else(refused, DeleteMemberForeverPayload::from))
    }
}

impl From<Deleted> for DeleteMemberForeverPayload {
    fn from(deleted: Deleted) -> Self {
        Self {
            deleted_member_id: Some(ID(deleted.member.to_string())),
            user_errors: Vec::new(),
            event_cursor: Some(deleted.committed.cursor.into()),
        }
    }
}

fn refused(user_errors: Vec<UserError>) -> DeleteMemberForeverPayload {
    DeleteMemberForeverPayload { user_errors, ..Default::default() }
}

impl From<DeleteRefusal> for UserError {
    fn from(refusal: DeleteRefusal) -> Self {
        match refusal {
            DeleteRefusal::Member(refusal) => member_error(refusal, "input.memberId"),
            DeleteRefusal::OtherAddress => Self::invalid(
                "input.email",
                "this isn't the member's address; type the one that the list shows, to confirm whom you delete",
            ),
        }
    }
}
