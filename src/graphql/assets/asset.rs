//! An asset as the schema shows it.
//!
//! Never shows more than the assets room let be seen.

use async_graphql::{Context, ID, Object, Result};

use super::shares::shares_of;
use crate::access::{Never, WorkspaceView};
use crate::assets;
use crate::graphql::connection::{Connection, page_request};
use crate::graphql::events::words::AssetHolder;
use crate::graphql::member_loader::find_member;
use crate::graphql::members::Member;
use crate::graphql::outcome::answer;
use crate::graphql::scalars::DateTime;
use crate::primitives::ids::MemberId;
use crate::primitives::page::PageArguments;

/// Something of the host application, as somebody in the workspace sees it.
pub struct Asset {
    asset: assets::Asset,
    view: WorkspaceView,
}

impl Asset {
    pub const fn new(asset: assets::Asset, view: WorkspaceView) -> Self {
        Self { asset, view }
    }
}

/// Something of the host application that lives in a workspace and has an owner: a mini program, a flow, a recipe, a
/// conversation.
#[Object]
impl Asset {
    /// Its id.
    pub async fn id(&self) -> ID {
        ID(self.asset.id.to_string())
    }

    /// What it is, in the host's own words.
    async fn kind(&self) -> &str {
        &self.asset.kind
    }

    /// What it is called.
    async fn name(&self) -> &str {
        &self.asset.name
    }

    /// The host's own id of it, unique among the assets of its kind.
    async fn external_id(&self) -> &str {
        &self.asset.external_id
    }

    /// Who holds it, by kind; who the member is says `owner`.
    async fn holder(&self) -> AssetHolder {
        match self.asset {
            assets::Asset { owner: Some(_), .. } => AssetHolder::Member,
            assets::Asset { went_away: true, .. } => AssetHolder::Person,
            _ => AssetHolder::Workspace,
        }
    }

    /// The member who owns it; null when none does, which `holder` tells, or when you may not see who does.
    async fn owner(&self, ctx: &Context<'_>) -> Result<Option<Member>> {
        match self.asset.owner {
            Some(owner) => find_member(ctx, &self.view, owner).await,
            None => Ok(None),
        }
    }

    /// Members whom it is shared with: they see it without working on it. For those who may manage assets, and the owner;
    /// empty for others.
    async fn shared_with_member_ids(&self, ctx: &Context<'_>) -> Result<Vec<ID>> {
        let shares = shares_of(ctx, &self.view, self.asset.id).await?;
        Ok(shares.members.iter().map(|member| ID(member.to_string())).collect())
    }

    /// Channels of the host's that it is shared with. For those who may manage assets, and the owner; empty for others.
    async fn shared_with_channels(&self, ctx: &Context<'_>) -> Result<Vec<String>> {
        Ok(shares_of(ctx, &self.view, self.asset.id).await?.channels.into_iter().collect())
    }

    /// Since when it is out of use, for good; null while it is in use.
    async fn archived_at(&self) -> Option<DateTime> {
        self.asset.archived_at.map(Into::into)
    }

    /// When it was registered.
    async fn created_at(&self) -> DateTime {
        self.asset.created_at.into()
    }

    /// Grows with each change; a client ignores what is older than what it has.
    async fn revision(&self) -> i64 {
        self.asset.revision
    }
}

/// What a member owns, by name.
pub async fn owned_by(
    view: &WorkspaceView,
    owner: MemberId,
    arguments: &PageArguments<'_>,
) -> Result<Connection<Asset>> {
    let (view, request) = (view.clone(), page_request(arguments, assets::Asset::ORDER)?);
    let page = answer(assets::list_owned::<Never>(&view, owner, &request).await)?;
    let page = page.map(|asset| (asset.place(), Asset::new(asset, view.clone())));
    Ok(Connection::new(page, move || {
        let view = view.clone();
        async move { answer(assets::count_owned::<Never>(&view, owner).await) }
    }))
}
