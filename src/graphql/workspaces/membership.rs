//! A person's memberships, and what they may do where they are (AST-3).

use async_graphql::{Context, ID, Object, Result};

use super::words::WorkspaceKind;
use crate::access::{AccountView, Never};
use crate::graphql::caller::Asking;
use crate::graphql::connection::{Connection, page_request};
use crate::graphql::members::words::{MemberDisplayStatus, MemberStatus};
use crate::graphql::outcome::answer;
use crate::graphql::roles::Role;
use crate::graphql::scalars::{DateTime, parse_id};
use crate::graphql::user_errors::WorkspaceContact;
use crate::primitives::ids::{AssetId, MembershipId};
use crate::primitives::page::PageArguments;
use crate::{assets, workspaces};

/// One workspace of a person, as the person sees it from outside.
pub struct Membership(workspaces::Membership);

impl From<workspaces::Membership> for Membership {
    fn from(membership: workspaces::Membership) -> Self {
        Self(membership)
    }
}

/// One workspace of a person, as the person sees it from outside: there while they are in it, blocked and deactivated
/// included.
#[Object]
impl Membership {
    /// Its id.
    pub async fn id(&self) -> ID {
        ID(MembershipId::from(self.0.member).to_string())
    }

    /// The id of the same membership inside the workspace.
    async fn member_id(&self) -> ID {
        ID(self.0.member.to_string())
    }

    /// The workspace's id, for `enterWorkspace`.
    async fn workspace_id(&self) -> ID {
        ID(self.0.workspace.id.to_string())
    }

    /// What the workspace is called.
    async fn workspace_name(&self) -> &str {
        &self.0.workspace.name
    }

    /// What the workspace was made as.
    async fn workspace_kind(&self) -> WorkspaceKind {
        self.0.workspace.kind.into()
    }

    /// Whom to turn to in the workspace.
    async fn contact(&self) -> WorkspaceContact {
        self.0.contact.clone().into()
    }

    /// Where the membership stands.
    async fn status(&self) -> MemberStatus {
        self.0.status.into()
    }

    /// What a list shows of the status.
    async fn display_status(&self) -> MemberDisplayStatus {
        self.0.display_status().into()
    }

    /// The role that the person holds there.
    async fn role(&self) -> Role {
        self.0.role.clone().into()
    }

    /// When the person joined.
    async fn joined_at(&self) -> Option<DateTime> {
        self.0.joined_at.map(DateTime)
    }

    /// Grows with each change; a client ignores what is older than what it has.
    async fn revision(&self) -> i64 {
        self.0.revision
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
    ) -> Result<bool> {
        let view = ctx.workspace_view()?;
        let asset = asset_id.map(|id| parse_id("assetId", &id, AssetId::parse)).transpose()?;
        answer(assets::can::<Never>(&view, &permission, asset).await)
    }
}
