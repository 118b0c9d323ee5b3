//! Entering a workspace: what it takes, what comes of it, and why not.

use async_graphql::{Context, ID, InputObject, SimpleObject};

use super::types::WorkspaceSession;
use crate::graphql::tokens;
use crate::graphql::user_errors::{
    ErrorCode, MembershipBlocked, MembershipDeactivated, UserError, WorkspaceContact, path,
};
use crate::members::Contact;
use crate::sessions::{EnterRefusal, Entered};

/// Which workspace to enter.
#[derive(InputObject)]
pub(super) struct EnterWorkspaceInput {
    /// One of `viewer.memberships`.
    pub(super) workspace_id: ID,
}

/// What entering came to.
#[derive(SimpleObject, Default)]
pub(super) struct EnterWorkspacePayload {
    /// What to send as bearer token. Shown this once, and never again; null where it went into a cookie.
    token: Option<String>,
    /// The new session; null when it was refused.
    workspace_session: Option<WorkspaceSession>,
    /// What you can put right.
    user_errors: Vec<UserError>,
}

impl EnterWorkspacePayload {
    pub(super) fn of(ctx: &Context<'_>, result: Result<Entered, Vec<UserError>>) -> Self {
        match result {
            Ok(Entered { token, session }) => Self {
                token: tokens::deliver(ctx, &token, session.footprint.expires_at),
                workspace_session: Some(WorkspaceSession::new(session, None)),
                user_errors: Vec::new(),
            },
            Err(user_errors) => Self { user_errors, ..Self::default() },
        }
    }
}

impl From<EnterRefusal> for UserError {
    fn from(refusal: EnterRefusal) -> Self {
        let field = path("input.workspaceId");
        match refusal {
            EnterRefusal::Blocked(contact) => Self::MembershipBlocked(MembershipBlocked {
                code: ErrorCode::MembershipBlocked,
                message: "your membership of this workspace is blocked; its contact can help".into(),
                field,
                contact: shown(contact),
            }),
            EnterRefusal::Deactivated(contact) => Self::MembershipDeactivated(MembershipDeactivated {
                code: ErrorCode::MembershipDeactivated,
                message: "your membership of this workspace is deactivated; its contact can help".into(),
                field,
                contact: shown(contact),
            }),
        }
    }
}

fn shown(contact: Contact) -> Option<WorkspaceContact> {
    let Contact { text, email } = contact;
    (text.is_some() || email.is_some()).then_some(WorkspaceContact { text, email })
}
