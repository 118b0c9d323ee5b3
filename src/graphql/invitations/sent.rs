//! An invitation as admins see it.

use async_graphql::dataloader::DataLoader;
use async_graphql::{Context, ID, Object, Result};

use super::loader::{OpenInvitationOf, OpenInvitations, PromisedRole, PromisedRoles};
use super::words::{InvitationMail, InvitationStatus};
use crate::access::WorkspaceView;
use crate::graphql::member_loader::find_member;
use crate::graphql::members::Member;
use crate::graphql::members::actor::Actor;
use crate::graphql::members::loaders::not_loaded;
use crate::graphql::roles::Role;
use crate::graphql::scalars::DateTime;
use crate::invitations;
use crate::primitives::ids::MemberId;
use crate::primitives::rights::Permission;

/// An invitation, and the sight of the admin who asks.
pub struct Invitation {
    invitation: invitations::Invitation,
    view: WorkspaceView,
}

impl Invitation {
    pub const fn new(invitation: invitations::Invitation, view: WorkspaceView) -> Self {
        Self { invitation, view }
    }
}

/// One asking of one person into the workspace. For admins.
#[Object]
impl Invitation {
    /// Its id.
    pub async fn id(&self) -> ID {
        ID(self.invitation.id.to_string())
    }

    /// Where it stands at this moment.
    async fn status(&self) -> InvitationStatus {
        self.invitation.status(self.view.now()).into()
    }

    /// Whom it is for; null where it came to nothing and the person never was more than invited.
    async fn member(&self, ctx: &Context<'_>) -> Result<Option<Member>> {
        find_member(ctx, &self.view, self.invitation.member).await
    }

    /// The role that it promises; null where it has ended and the role is gone.
    async fn role(&self, ctx: &Context<'_>) -> Result<Option<Role>> {
        let loader = ctx.data::<DataLoader<PromisedRoles>>()?;
        let found = loader.load_one(PromisedRole::new(&self.view, self.invitation.role)).await;
        Ok(found.map_err(not_loaded)?.map(Role::from))
    }

    /// The assets that it promises, for `workspace.asset`.
    async fn asset_ids(&self) -> Vec<ID> {
        self.invitation.assets.iter().map(|asset| ID(asset.to_string())).collect()
    }

    /// Who asked first.
    async fn invited_by(&self) -> Actor {
        self.invitation.invited_by.into()
    }

    /// The admin who answers for it: whoever invited, made the key that did, or changed or resent it last. When they
    /// are no active admin any more it can't be accepted until another admin takes it over with `updateInvitation`.
    async fn inviter(&self, ctx: &Context<'_>) -> Result<Option<Member>> {
        find_member(ctx, &self.view, self.invitation.inviter).await
    }

    /// When it was last sent.
    async fn sent_at(&self) -> DateTime {
        self.invitation.sent_at.into()
    }

    /// Until when it can be accepted.
    async fn expires_at(&self) -> DateTime {
        self.invitation.expires_at.into()
    }

    /// How far its mail has come.
    async fn mail(&self) -> InvitationMail {
        self.invitation.mail.into()
    }

    /// Grows with each change; a client ignores what is older than what it has.
    async fn revision(&self) -> i64 {
        self.invitation.revision
    }
}

/// The open invitation of a member, for admins; none for others.
pub async fn find_open(
    ctx: &Context<'_>,
    view: &WorkspaceView,
    member: MemberId,
) -> Result<Option<Invitation>> {
    if !view.allows(Permission::InviteMembers) {
        return Ok(None);
    }
    let loader = ctx.data::<DataLoader<OpenInvitations>>()?;
    let found = loader.load_one(OpenInvitationOf::new(view, member)).await;
    Ok(found.map_err(not_loaded)?.map(|invitation| Invitation::new(invitation, view.clone())))
}
