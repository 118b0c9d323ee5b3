//! Changing the workspace's name and contact, and its policy.

use async_graphql::{Context, InputObject, MaybeUndefined, Object, Result, SimpleObject};

use super::Workspace;
use super::words::UndecidedAssets;
use crate::access::{Committed, WorkspaceView};
use crate::graphql::billing::seat_limit_reached;
use crate::graphql::caller::Asking;
use crate::graphql::directives::{Permission, SessionKind, requires};
use crate::graphql::outcome::{outcome, outcome_of_many};
use crate::graphql::scalars::EventCursor;
use crate::graphql::user_errors::{UserError, name_at};
use crate::policy::PolicyChange;
use crate::primitives::email::Email;
use crate::workspaces::{self, PolicyRefusal, UpdateWorkspace};

/// What is to be other about the workspace; what is left out stays.
#[derive(InputObject)]
struct UpdateWorkspaceInput {
    /// What it is called: at most 200 characters.
    name: Option<String>,
    /// Whom to turn to, for people: at most 200 characters. Null: no such text.
    contact_text: MaybeUndefined<String>,
    /// An address that people in need of help may write to. Null: no such address. Where neither text nor address is
    /// set, the admin who has served longest stands in.
    contact_email: MaybeUndefined<String>,
}

impl UpdateWorkspaceInput {
    fn read(self) -> Result<UpdateWorkspace, Vec<UserError>> {
        let name = self.name.map(|name| name_at("input.name", &name)).transpose();
        let text = optional(self.contact_text, |text| name_at("input.contactText", text));
        let email = optional(self.contact_email, |email| {
            let read = Email::parse(email).map(|email| email.as_typed().to_owned());
            read.map_err(|error| UserError::invalid("input.contactEmail", error.to_string()))
        });
        match (name, text, email) {
            (Ok(name), Ok(contact_text), Ok(contact_email)) => {
                Ok(UpdateWorkspace { name, contact_text, contact_email })
            }
            (name, text, email) => Err([name.err(), text.err(), email.err()].into_iter().flatten().collect()),
        }
    }
}

/// Left out is nothing to change, null is none.
fn optional<E>(
    given: MaybeUndefined<String>,
    read: impl FnOnce(&str) -> Result<String, E>,
) -> Result<Option<Option<String>>, E> {
    match given {
        MaybeUndefined::Undefined => Ok(None),
        MaybeUndefined::Null => Ok(Some(None)),
        MaybeUndefined::Value(text) => read(&text).map(|text| Some(Some(text))),
    }
}

/// Settings to take over; what is left out stays.
#[derive(InputObject)]
struct UpdatePolicyInput {
    /// How long an invitation is valid, in hours: 1 to 2,160 (90 days). Those that are out keep their expiry.
    invitation_ttl_hours: Option<i32>,
    /// May an invitation that is still valid be resent?
    resend_valid_invitation: Option<bool>,
    /// May a deactivated member be blocked?
    block_deactivated: Option<bool>,
    /// May a deactivated member rejoin by themselves?
    rejoin_deactivated: Option<bool>,
    /// May role and assignments of a blocked member be changed?
    change_blocked: Option<bool>,
    /// The wait before a removed person may be invited again, in hours: 0 (none) to 17,568 (two years). A wait that has
    /// begun keeps its end.
    reinvite_wait_hours: Option<i32>,
    /// What becomes of a removed member's assets that nobody decided on.
    undecided_assets: Option<UndecidedAssets>,
    /// Do open invitations reserve seats?
    invitations_reserve_seats: Option<bool>,
}

impl From<UpdatePolicyInput> for PolicyChange {
    fn from(input: UpdatePolicyInput) -> Self {
        Self {
            invitation_ttl_hours: input.invitation_ttl_hours,
            resend_valid_invitation: input.resend_valid_invitation,
            block_deactivated: input.block_deactivated,
            rejoin_deactivated: input.rejoin_deactivated,
            change_blocked: input.change_blocked,
            reinvite_wait_hours: input.reinvite_wait_hours,
            undecided_assets: input.undecided_assets.map(Into::into),
            invitations_reserve_seats: input.invitations_reserve_seats,
        }
    }
}

/// What changing the workspace came to.
#[derive(SimpleObject, Default)]
struct UpdateWorkspacePayload {
    /// The workspace after the change; null when it was refused.
    workspace: Option<Workspace>,
    /// What you can put right.
    user_errors: Vec<UserError>,
    /// The workspace's stream after the change; null when it was refused.
    event_cursor: Option<EventCursor>,
}

impl UpdateWorkspacePayload {
    fn of(result: Result<Committed, Vec<UserError>>, view: &WorkspaceView) -> Self {
        match result {
            Ok(committed) => Self {
                workspace: Some(Workspace::new(view)),
                user_errors: Vec::new(),
                event_cursor: Some(committed.cursor.into()),
            },
            Err(user_errors) => Self { user_errors, ..Self::default() },
        }
    }
}

/// What changing the policy came to.
#[derive(SimpleObject, Default)]
struct UpdatePolicyPayload {
    /// The workspace, with its policy after the change; null when it was refused.
    workspace: Option<Workspace>,
    /// What you can put right: each setting that is out of its bounds.
    user_errors: Vec<UserError>,
    /// The workspace's stream after the change; null when it was refused.
    event_cursor: Option<EventCursor>,
}

/// The mutations on the workspace itself.
#[derive(Default)]
pub struct UpdatingMutation;

#[Object]
impl UpdatingMutation {
    /// Changes what the workspace is called and whom people turn to in it. For admins directly, no API key.
    #[graphql(directive = requires::apply(SessionKind::Workspace, Some(Permission::ManageWorkspace)))]
    async fn update_workspace(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be other; what is left out stays.")] input: UpdateWorkspaceInput,
    ) -> Result<UpdateWorkspacePayload> {
        let view = ctx.workspace_view()?;
        let result = match input.read() {
            Ok(request) => {
                outcome(workspaces::update_workspace(ctx.gate()?, ctx.workspace_proof()?, request).await)?
            }
            Err(errors) => Err(errors),
        };
        Ok(UpdateWorkspacePayload::of(result, &view))
    }

    /// Changes the workspace's own settings of the rules. What may be done with members follows at once. For admins
    /// directly, no API key.
    #[graphql(directive = requires::apply(SessionKind::Workspace, Some(Permission::ManagePolicy)))]
    async fn update_policy(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Settings to take over; what is left out stays.")] input: UpdatePolicyInput,
    ) -> Result<UpdatePolicyPayload> {
        let view = ctx.workspace_view()?;
        let updated = workspaces::update_policy(ctx.gate()?, ctx.workspace_proof()?, input.into()).await;
        Ok(match outcome_of_many(updated)? {
            Ok(committed) => UpdatePolicyPayload {
                workspace: Some(Workspace::new(&view)),
                user_errors: Vec::new(),
                event_cursor: Some(committed.cursor.into()),
            },
            Err(user_errors) => UpdatePolicyPayload { user_errors, ..UpdatePolicyPayload::default() },
        })
    }
}

impl From<PolicyRefusal> for UserError {
    fn from(refusal: PolicyRefusal) -> Self {
        match refusal {
            PolicyRefusal::OutOfBounds(wrong) => {
                Self::invalid(&format!("input.{}", wrong.field), wrong.to_string())
            }
            PolicyRefusal::SeatsTaken(taken) => seat_limit_reached(
                taken,
                "input.invitationsReserveSeats",
                "raise the limit, or withdraw invitations first",
            ),
        }
    }
}
