//! Writing to the admins of a workspace that one is, or was, in.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};

use crate::graphql::caller::Asking;
use crate::graphql::directives::{SessionKind, requires};
use crate::graphql::outcome::outcome;
use crate::graphql::scalars::{EventCursor, parse_id};
use crate::graphql::user_errors::{ErrorCode, UserError};
use crate::members::{self, ContactRefusal};
use crate::primitives::ids::WorkspaceId;
use crate::primitives::name::parse_note;

/// Whom to write to, and what.
#[derive(InputObject)]
struct ContactAdminsInput {
    /// A workspace that you are or were in: blocked, deactivated and removed persons may write as well.
    workspace_id: ID,
    /// What you have to say, at most 2,000 characters.
    message: String,
}

/// What writing came to.
#[derive(SimpleObject, Default)]
struct ContactAdminsPayload {
    /// The admins have it, and mails to them are on their way.
    sent: bool,
    /// What you can put right.
    user_errors: Vec<UserError>,
    /// The workspace's stream after the change; null when it was refused.
    event_cursor: Option<EventCursor>,
}

/// The mutation by which people write to admins.
#[derive(Default)]
pub struct ContactingMutation;

#[Object]
impl ContactingMutation {
    /// Writes to the admins of a workspace: to the contact that they have set, else to each of them. At most five times a
    /// day.
    #[graphql(directive = requires::apply(SessionKind::Account, None))]
    async fn contact_admins(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whom to write to, and what.")] input: ContactAdminsInput,
    ) -> Result<ContactAdminsPayload> {
        let workspace = parse_id("input.workspaceId", &input.workspace_id, WorkspaceId::parse)?;
        let message = match read(&input.message) {
            Ok(message) => message,
            Err(error) => return Ok(ContactAdminsPayload { user_errors: vec![error], ..Default::default() }),
        };
        let sent = members::contact_admins(ctx.gate()?, ctx.account_proof()?, workspace, message).await;
        Ok(match outcome(sent)? {
            Ok(committed) => ContactAdminsPayload {
                sent: true,
                user_errors: Vec::new(),
                event_cursor: Some(committed.cursor.into()),
            },
            Err(user_errors) => ContactAdminsPayload { user_errors, ..Default::default() },
        })
    }
}

fn read(message: &str) -> Result<String, UserError> {
    let wrong = |message: String| UserError::invalid("input.message", message);
    let read = parse_note(message).map_err(|error| wrong(error.to_string()))?;
    read.ok_or_else(|| wrong("say something".into()))
}

impl From<ContactRefusal> for UserError {
    fn from(refusal: ContactRefusal) -> Self {
        let ContactRefusal::TooOften { per_day_max } = refusal;
        let message = format!("at most {per_day_max} times a day; the admins have what you wrote before");
        Self::at("input.message", ErrorCode::RateLimited, message)
    }
}
