//! A person's memberships, and what they may do where they are (AST-3).

use async_graphql::{Context, ID, Object, Result};

use super::words::WorkspaceKind;
use crate::access::{AccountView, Never};
use crate::graphql::caller::Asking;
use crate::graphql::connection::{Connection, page_request};
use crate::graphql::errors::not_carried;
use crate::graphql::members::MemberInEvent;
use crate::graphql::members::words::{MemberDisplayStatus, MemberStatus};
use crate::graphql::outcome::answer;
use crate::graphql::roles::Role;
use crate::graphql::scalars::{DateTime, parse_id};
use crate::graphql::user_errors::WorkspaceContact;
use crate::primitives::ids::{AssetId, MemberId, MembershipId, WorkspaceId};
use crate::primitives::page::PageArguments;
use crate::{assets, members, workspaces};

/// One workspace of a person, as the person sees it from outside: from the database, or filled from an event.
#[derive(Clone)]
pub struct Membership(Source);

#[derive(Clone)]
enum Source {
    Stored(Box<workspaces::Membership>),
    Event { workspace: WorkspaceId, member: MemberInEvent },
}

impl From<workspaces::Membership> for Membership {
    fn from(membership: workspaces::Membership) -> Self {
        Self(Source::Stored(Box::new(membership)))
    }
}

impl Membership {
    /// From an event: what it carries, and nothing that would need the database.
    pub const fn from_event(workspace: WorkspaceId, member: MemberInEvent) -> Self {
        Self(Source::Event { workspace, member })
    }

    fn stored(&self) -> Result<&workspaces::Membership> {
        match &self.0 {
            Source::Stored(membership) => Ok(membership),
            // Refused when subscribing, by name; this is the second line.
            Source::Event { .. } => Err(not_carried("membership")),
        }
    }

    fn member(&self) -> MemberId {
        match &self.0 {
            Source::Stored(membership) => membership.member,
            Source::Event { member, .. } => member.id,
        }
    }
}

/// One workspace of a person, as the person sees it from outside: there while they are in it, blocked and deactivated
/// included.
#[Object]
impl Membership {
    /// Its id.
    pub async fn id(&self) -> ID {
        ID(MembershipId::from(self.member()).to_string())
    }

    /// The id of the same membership inside the workspace.
    async fn member_id(&self) -> ID {
        ID(self.member().to_string())
    }

    /// The workspace's id, for `enterWorkspace`.
    async fn workspace_id(&self) -> ID {
        let workspace = match &self.0 {
            Source::Stored(membership) => membership.workspace.id,
            Source::Event { workspace, .. } => *workspace,
        };
        ID(workspace.to_string())
    }

    /// What the workspace is called.
    async fn workspace_name(&self) -> Result<&str> {
        Ok(&self.stored()?.workspace.name)
    }

    /// What the workspace was made as.
    async fn workspace_kind(&self) -> Result<WorkspaceKind> {
        Ok(self.stored()?.workspace.kind.into())
    }

    /// Whom to turn to in the workspace.
    async fn contact(&self) -> Result<WorkspaceContact> {
        Ok(self.stored()?.contact.clone().into())
    }

    /// Where the membership stands; in an event, where it stood then.
    async fn status(&self) -> MemberStatus {
        match &self.0 {
            Source::Stored(membership) => membership.status,
            Source::Event { member, .. } => member.status,
        }
        .into()
    }

    /// What a list shows of the status.
    async fn display_status(&self) -> MemberDisplayStatus {
        match &self.0 {
            Source::Stored(membership) => membership.display_status(),
            Source::Event { member, .. } => members::DisplayStatus::of(member.status),
        }
        .into()
    }

    /// The role that the person holds there.
    async fn role(&self) -> Role {
        match &self.0 {
            Source::Stored(membership) => membership.role.clone().into(),
            Source::Event { member, .. } => member.role.to_role(),
        }
    }

    /// When the person joined.
    async fn joined_at(&self) -> Option<DateTime> {
        match &self.0 {
            Source::Stored(membership) => membership.joined_at,
            Source::Event { member, .. } => member.joined_at,
        }
        .map(DateTime)
    }

    /// Grows with each change; a client ignores what is older than what it has.
    async fn revision(&self) -> i64 {
        match &self.0 {
            Source::Stored(membership) => membership.revision,
            Source::Event { member, .. } => member.revision,
        }
    }
}

/// What `viewer` answers about memberships, and about what the viewer may do.
pub struct ViewerMemberships(pub AccountView);

#[Object]
impl ViewerMemberships {
    /// Every workspace that you are in, the oldest membership first, a page at a time. Blocked and deactivated ones
    /// are there and marked; open invitations and workspaces that you were removed from are not.
    #[allow(clippy::too_many_arguments, reason = "the four of a connection")]
    async fn memberships(
        &self,
        #[graphql(desc = "How many from the start, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Only those after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only those before this cursor.")] before: Option<String>,
    ) -> Result<Connection<Membership>> {
        let arguments = PageArguments { first, last, after: after.as_deref(), before: before.as_deref() };
        let request = page_request(&arguments, workspaces::Membership::ORDER)?;
        let page = answer(workspaces::list_memberships::<Never>(&self.0, &request).await)?;
        let page = page.map(|membership| (membership.place(), membership.into()));
        let view = self.0.clone();
        Ok(Connection::new(page, move || {
            let view = view.clone();
            async move { answer(workspaces::count_memberships::<Never>(&view).await) }
        }))
    }

    /// May you do this in the workspace of this session, at this moment? Needs a workspace session.
    async fn can(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "A permission of the product's (`BLOCK_MEMBERS`) or a string of the host's \
                          (`app:report.publish`).")]
        permission: String,
        #[graphql(
            desc = "On this asset: it must be in the scope of your role, or shared with you. An archived one can be \
                          seen (`VIEW_ASSETS`), and nothing else."
        )]
        asset_id: Option<ID>,
    ) -> Result<Option<bool>> {
        let view = ctx.workspace_view()?;
        let asset = asset_id.map(|id| parse_id("assetId", &id, AssetId::parse)).transpose()?;
        answer(assets::can::<Never>(&view, &permission, asset).await).map(Some)
    }
}
