//! What `workspace` answers about assets.

use async_graphql::{ID, Object, Result};

use super::Asset;
use crate::access::{Never, WorkspaceView};
use crate::assets::{self, AssetFilter};
use crate::graphql::connection::{Connection, page_request};
use crate::graphql::outcome::answer;
use crate::graphql::scalars::parse_id;
use crate::primitives::ids::{AssetId, MemberId};
use crate::primitives::page::PageArguments;

/// What `workspace` answers about assets.
pub struct WorkspaceAssets(pub WorkspaceView);

#[Object]
impl WorkspaceAssets {
    /// The assets by name, a page at a time. A role for assigned assets sees those alone, and what is shared with the
    /// member.
    #[allow(clippy::too_many_arguments, reason = "the four of a connection and the filter")]
    async fn assets(
        &self,
        #[graphql(desc = "Only those of this kind.")] kind: Option<String>,
        #[graphql(desc = "Only those that this member owns; none where you may not see the member.")]
        owner_id: Option<ID>,
        #[graphql(desc = "Only those that the workspace itself owns.", default)] unowned: bool,
        #[graphql(desc = "Archived ones, in the place of those in use.", default)] archived: bool,
        #[graphql(desc = "How many from the start, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Only those after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only those before this cursor.")] before: Option<String>,
    ) -> Result<Connection<Asset>> {
        let arguments = PageArguments { first, last, after: after.as_deref(), before: before.as_deref() };
        let request = page_request(&arguments, assets::Asset::ORDER)?;
        let owner = owner_id.map(|id| parse_id("ownerId", &id, MemberId::parse)).transpose()?;
        let (view, filter) = (self.0.clone(), AssetFilter { kind, owner, unowned, archived });
        let page = answer(assets::list::<Never>(&view, &filter, &request).await)?;
        let page = page.map(|asset| (asset.place(), Asset::new(asset, view.clone())));
        Ok(Connection::new(page, move || {
            let (view, filter) = (view.clone(), filter.clone());
            async move { answer(assets::count::<Never>(&view, &filter).await) }
        }))
    }

    /// One asset, archived or not; null when there is none in your sight.
    async fn asset(&self, #[graphql(desc = "The asset's id.")] id: ID) -> Result<Option<Asset>> {
        let id = parse_id("id", &id, AssetId::parse)?;
        let found = answer(assets::find::<Never>(&self.0, id).await)?;
        Ok(found.map(|asset| Asset::new(asset, self.0.clone())))
    }

    /// One asset by the host's own id of it, archived or not; null when there is none in your sight.
    async fn asset_by_external_id(
        &self,
        #[graphql(desc = "Its kind.")] kind: String,
        #[graphql(desc = "The host's own id of it.")] external_id: String,
    ) -> Result<Option<Asset>> {
        let found = answer(assets::find_by_external_id::<Never>(&self.0, &kind, &external_id).await)?;
        Ok(found.map(|asset| Asset::new(asset, self.0.clone())))
    }
}
