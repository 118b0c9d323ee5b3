//! An invitation as admins see it.

use async_graphql::dataloader::DataLoader;
use async_graphql::{Context, ID, Object, Result};
use serde::Deserialize;

use super::loader::{OpenInvitationOf, OpenInvitations, PromisedRole, PromisedRoles};
use super::words::{InvitationMail, InvitationStatus};
use crate::access::WorkspaceView;
use crate::graphql::errors::not_carried;
use crate::graphql::member_loader::find_member;
use crate::graphql::members::Member;
use crate::graphql::members::actor::Actor;
use crate::graphql::members::loaders::not_loaded;
use crate::graphql::roles::Role;
use crate::graphql::scalars::DateTime;
use crate::invitations::{self, MailState};
use crate::primitives::ids::{AssetId, InvitationId, MemberId};
use crate::primitives::rights::Permission;
use crate::primitives::time::Timestamp;

/// An invitation as admins see it: with the sight of whoever asks, or filled from an event.
#[derive(Clone)]
pub struct Invitation(Source);

#[derive(Clone)]
enum Source {
    Stored { invitation: Box<invitations::Invitation>, view: WorkspaceView },
    Event(InvitationInEvent),
}

/// An invitation after a change, as events to admins carry it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InvitationInEvent {
    id: InvitationId,
    status: invitations::InvitationStatus,
    assets: Vec<AssetId>,
    sent_at: Timestamp,
    expires_at: Timestamp,
    mail: MailState,
    revision: i64,
}

impl Invitation {
    pub fn new(invitation: invitations::Invitation, view: WorkspaceView) -> Self {
        Self(Source::Stored { invitation: Box::new(invitation), view })
    }

    /// From an event: what it carries, and nothing that would need the database.
    pub const fn from_event(invitation: InvitationInEvent) -> Self {
        Self(Source::Event(invitation))
    }

    fn stored(&self) -> Result<(&invitations::Invitation, &WorkspaceView)> {
        match &self.0 {
            Source::Stored { invitation, view } => Ok((invitation, view)),
            // Refused when subscribing, by name; this is the second line.
            Source::Event(_) => Err(not_carried("invitation")),
        }
    }
}

/// One asking of one person into the workspace. For admins.
#[Object]
impl Invitation {
    /// Its id.
    pub async fn id(&self) -> ID {
        ID(match &self.0 {
            Source::Stored { invitation, .. } => invitation.id,
            Source::Event(invitation) => invitation.id,
        }
        .to_string())
    }

    /// Where it stands at this moment; in an event, where it stood then.
    async fn status(&self) -> InvitationStatus {
        match &self.0 {
            Source::Stored { invitation, view } => invitation.status(view.now()),
            Source::Event(invitation) => invitation.status,
        }
        .into()
    }

    /// Whom it is for; null where it came to nothing and the person never was more than invited.
    async fn member(&self, ctx: &Context<'_>) -> Result<Option<Member>> {
        let (invitation, view) = self.stored()?;
        find_member(ctx, view, invitation.member).await
    }

    /// The role that it promises; null where it has ended and the role is gone.
    async fn role(&self, ctx: &Context<'_>) -> Result<Option<Role>> {
        let (invitation, view) = self.stored()?;
        let loader = ctx.data::<DataLoader<PromisedRoles>>()?;
        let found = loader.load_one(PromisedRole::new(view, invitation.role)).await;
        Ok(found.map_err(not_loaded)?.map(Role::from))
    }

    /// The assets that it promises, for `workspace.asset`.
    async fn asset_ids(&self) -> Vec<ID> {
        let assets = match &self.0 {
            Source::Stored { invitation, .. } => &invitation.assets,
            Source::Event(invitation) => &invitation.assets,
        };
        assets.iter().map(|asset| ID(asset.to_string())).collect()
    }

    /// Who asked first.
    async fn invited_by(&self) -> Result<Actor> {
        Ok(self.stored()?.0.invited_by.into())
    }

    /// The admin who answers for it: whoever invited, made the key that did, or changed or resent it last. When they
    /// are no active admin any more it can't be accepted until another admin takes it over with `updateInvitation`.
    async fn inviter(&self, ctx: &Context<'_>) -> Result<Option<Member>> {
        let (invitation, view) = self.stored()?;
        find_member(ctx, view, invitation.inviter).await
    }

    /// When it was last sent.
    async fn sent_at(&self) -> DateTime {
        match &self.0 {
            Source::Stored { invitation, .. } => invitation.sent_at,
            Source::Event(invitation) => invitation.sent_at,
        }
        .into()
    }

    /// Until when it can be accepted.
    async fn expires_at(&self) -> DateTime {
        match &self.0 {
            Source::Stored { invitation, .. } => invitation.expires_at,
            Source::Event(invitation) => invitation.expires_at,
        }
        .into()
    }

    /// How far its mail has come.
    async fn mail(&self) -> InvitationMail {
        match &self.0 {
            Source::Stored { invitation, .. } => invitation.mail,
            Source::Event(invitation) => invitation.mail,
        }
        .into()
    }

    /// Grows with each change; a client ignores what is older than what it has.
    async fn revision(&self) -> i64 {
        match &self.0 {
            Source::Stored { invitation, .. } => invitation.revision,
            Source::Event(invitation) => invitation.revision,
        }
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
