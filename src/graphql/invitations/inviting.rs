//! The mutations of admins: parse, call the room, map.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};

use super::refusals::{Rows, change_error, resend_error};
use super::sent::Invitation;
use crate::access::{Failure, WorkspaceView};
use crate::graphql::caller::Asking;
use crate::graphql::connection::Edge;
use crate::graphql::directives::{Permission, SessionKind, requires};
use crate::graphql::members::{Member, MemberSight};
use crate::graphql::outcome::{Outcome, outcome};
use crate::graphql::scalars::{EventCursor, parse_id};
use crate::graphql::user_errors::UserError;
use crate::invitations::{
    self, ChangedInvitation, InvitationRefusal, Invitations, InviteMembers, InviteRow, InvitedMember,
    InvitedRow, SendingLimit, UpdateInvitation,
};
use crate::members::{self, MemberOrder};
use crate::primitives::ids::InvitationId;

/// Somebody to invite.
#[derive(InputObject)]
struct InviteMemberInput {
    /// Their e-mail address.
    email: String,
    /// What they are called, at most 200 characters.
    name: Option<String>,
    /// The role to promise; left out, together with the assets: what the call names for all, else what somebody who was
    /// removed had (the admin role apart), else the workspace's default role.
    role_id: Option<ID>,
    /// The assets that the role needs, at most 100.
    asset_ids: Option<Vec<ID>>,
    /// Invite somebody who was removed before their wait is over, by giving up what was kept for them: role, assignments,
    /// and that what went with them may come back. It takes effect with the acceptance. For an admin in their own
    /// session, one person in a call.
    #[graphql(default)]
    give_up_kept_data: bool,
}

/// Whom to invite: rows, a pasted list, or both; at most 100 persons.
#[derive(InputObject)]
struct InviteMembersInput {
    /// Person by person.
    members: Option<Vec<InviteMemberInput>>,
    /// As pasted: addresses parted by commas, semicolons or line ends, with or without names:
    /// `joe@example.com, Mary Doe <mary@example.com>`.
    list: Option<String>,
    /// The role for everybody who is named without one; left out: what somebody who was removed had (the admin role
    /// apart), and for all others the workspace's default role.
    role_id: Option<ID>,
    /// The assets for everybody who is named without a role.
    asset_ids: Option<Vec<ID>>,
}

/// Which invitation, and what of it is to be other; what is left out stays.
#[derive(InputObject)]
struct UpdateInvitationInput {
    /// The invitation.
    invitation_id: ID,
    /// What the person is called, at most 200 characters.
    name: Option<String>,
    /// The role to promise. One that works on all assets drops those that were promised.
    role_id: Option<ID>,
    /// All assets to promise, at most 100.
    asset_ids: Option<Vec<ID>>,
}

/// Which invitation to send again.
#[derive(InputObject)]
struct ResendInvitationInput {
    /// The invitation.
    invitation_id: ID,
}

/// Which invitation to take back.
#[derive(InputObject)]
struct WithdrawInvitationInput {
    /// The invitation.
    invitation_id: ID,
}

/// What came of inviting one person.
#[derive(SimpleObject)]
struct InviteResult {
    /// Which row: first those of `members`, then those of `list`, from 0.
    index: i32,
    /// The address as it was given.
    email: String,
    /// Who is invited now; null when this row was refused.
    member: Option<Member>,
    /// The same with their place among the members by name; null when this row was refused.
    member_edge: Option<Edge<Member>>,
    /// The invitation; null when this row was refused.
    invitation: Option<Invitation>,
    /// What you can put right in this row.
    user_errors: Vec<UserError>,
}

/// What inviting came to.
#[derive(SimpleObject, Default)]
struct InviteMembersPayload {
    /// A result for each row, in order; empty when the whole call was refused.
    results: Vec<InviteResult>,
    /// What you can put right in the call as a whole.
    user_errors: Vec<UserError>,
    /// The workspace's stream after the change; null when the whole call was refused.
    event_cursor: Option<EventCursor>,
}

impl InviteMembersPayload {
    fn of(view: &WorkspaceView, rows: &Rows, invited: Result<Invitations, Vec<UserError>>) -> Self {
        match invited {
            Err(user_errors) => Self { user_errors, ..Self::default() },
            Ok(invited) => Self {
                results: (0..).zip(invited.rows).map(|(at, row)| result(view, rows, at, row)).collect(),
                user_errors: Vec::new(),
                event_cursor: Some(invited.committed.cursor.into()),
            },
        }
    }
}

fn result(view: &WorkspaceView, rows: &Rows, index: usize, row: InvitedRow) -> InviteResult {
    let sight = MemberSight::new(view.clone());
    let index_shown = i32::try_from(index).unwrap_or(i32::MAX);
    match row.result {
        Err(refusal) => InviteResult {
            index: index_shown,
            email: row.email,
            member: None,
            member_edge: None,
            invitation: None,
            user_errors: vec![rows.error(index, refusal)],
        },
        Ok(InvitedMember { member, invitation }) => InviteResult {
            index: index_shown,
            email: row.email,
            member_edge: Some(Edge::new(
                members::place(&member, MemberOrder::BY_NAME),
                sight.member(member.clone()),
            )),
            member: Some(sight.member(member)),
            invitation: Some(Invitation::new(invitation, view.clone())),
            user_errors: Vec::new(),
        },
    }
}

macro_rules! change_payloads {
    ($($(#[$doc:meta])* $name:ident;)*) => { $(
        $(#[$doc])*
        #[derive(SimpleObject, Default)]
        struct $name {
            /// The invitation after the change; null when it was refused.
            invitation: Option<Invitation>,
            /// Whom it is for; null when it was refused, and where they never were more than invited and no longer
            /// are.
            member: Option<Member>,
            /// What you can put right.
            user_errors: Vec<UserError>,
            /// The workspace's stream after the change; null when it was refused.
            event_cursor: Option<EventCursor>,
        }

        impl $name {
            fn of(view: &WorkspaceView, result: Result<ChangedInvitation, Vec<UserError>>) -> Self {
                match result {
                    Err(user_errors) => Self { user_errors, ..Self::default() },
                    Ok(changed) => Self {
                        member: changed.member.map(|member| MemberSight::new(view.clone()).member(member)),
                        invitation: Some(Invitation::new(changed.invitation, view.clone())),
                        user_errors: Vec::new(),
                        event_cursor: Some(changed.committed.cursor.into()),
                    },
                }
            }
        }
    )* };
}

change_payloads! {
    /// What changing the invitation came to.
    UpdateInvitationPayload;
    /// What sending it again came to.
    ResendInvitationPayload;
    /// What taking it back came to.
    WithdrawInvitationPayload;
}

fn texts(ids: Option<Vec<ID>>) -> Vec<String> {
    ids.unwrap_or_default().into_iter().map(|id| id.0).collect()
}

fn changed(
    result: Result<ChangedInvitation, Failure<InvitationRefusal>>,
    refused: fn(InvitationRefusal) -> UserError,
) -> Outcome<ChangedInvitation> {
    outcome(result.map_err(|failure| failure.map(refused)))
}

/// The mutations of admins on invitations.
#[derive(Default)]
pub struct InvitationsMutation;

#[Object]
impl InvitationsMutation {
    /// Invites people by mail, each answered for itself: a bad row doesn't fail the others.
    #[graphql(directive = requires::apply(SessionKind::Workspace, Some(Permission::InviteMembers)))]
    async fn invite_members(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whom to invite.")] input: InviteMembersInput,
    ) -> Result<InviteMembersPayload> {
        let (proof, view) = (ctx.workspace_proof()?, ctx.workspace_view()?);
        let given = input.members.unwrap_or_default().into_iter().map(|member| InviteRow {
            email: member.email,
            name: member.name,
            role: member.role_id.map(|id| id.0),
            assets: texts(member.asset_ids),
            gives_up_kept: member.give_up_kept_data,
        });
        let rows: Vec<InviteRow> = given.collect();
        let fields = Rows::of(&rows);
        let (role, assets) = (input.role_id.map(|id| id.0), texts(input.asset_ids));
        let request = InviteMembers { rows, list: input.list, role, assets };
        let limit = *ctx.data::<SendingLimit>()?;
        let invited = invitations::invite_members(ctx.gate()?, limit, proof, request).await;
        Ok(InviteMembersPayload::of(&view, &fields, outcome(invited)?))
    }

    /// Changes name, role or assets of an open invitation, and takes it over: you answer for it from here on. The
    /// link that is out stays as it is. The address is changed by withdrawing and inviting.
    #[graphql(directive = requires::apply(SessionKind::Workspace, Some(Permission::InviteMembers)))]
    async fn update_invitation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which invitation, and what is to be other.")] input: UpdateInvitationInput,
    ) -> Result<UpdateInvitationPayload> {
        let invitation = parse_id("input.invitationId", &input.invitation_id, InvitationId::parse)?;
        let (proof, view) = (ctx.workspace_proof()?, ctx.workspace_view()?);
        let request = UpdateInvitation {
            invitation,
            name: input.name,
            role: input.role_id.map(|id| id.0),
            assets: input.asset_ids.map(|ids| texts(Some(ids))),
        };
        let result = changed(invitations::update(ctx.gate()?, proof, request).await, change_error)?;
        Ok(UpdateInvitationPayload::of(&view, result))
    }

    /// Sends an invitation again: a new link with its whole validity, and the old link is dead. Possible when it has
    /// expired, and before where the policy says so. You answer for it from here on.
    #[graphql(directive = requires::apply(SessionKind::Workspace, Some(Permission::InviteMembers)))]
    async fn resend_invitation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which invitation to send again.")] input: ResendInvitationInput,
    ) -> Result<ResendInvitationPayload> {
        let id = parse_id("input.invitationId", &input.invitation_id, InvitationId::parse)?;
        let (proof, view) = (ctx.workspace_proof()?, ctx.workspace_view()?);
        let limit = *ctx.data::<SendingLimit>()?;
        let result = changed(invitations::resend(ctx.gate()?, limit, proof, id).await, resend_error)?;
        Ok(ResendInvitationPayload::of(&view, result))
    }

    /// Takes an invitation back, expired or not: its link is dead, and the person is what they were before.
    #[graphql(directive = requires::apply(SessionKind::Workspace, Some(Permission::InviteMembers)))]
    async fn withdraw_invitation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which invitation to take back.")] input: WithdrawInvitationInput,
    ) -> Result<WithdrawInvitationPayload> {
        let id = parse_id("input.invitationId", &input.invitation_id, InvitationId::parse)?;
        let (proof, view) = (ctx.workspace_proof()?, ctx.workspace_view()?);
        let result = changed(invitations::withdraw(ctx.gate()?, proof, id).await, change_error)?;
        Ok(WithdrawInvitationPayload::of(&view, result))
    }
}
