//! Loads whom many assets of one answer are shared with.
//!
//! Never mixes workspaces: the key carries the view that was proven.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use async_graphql::dataloader::{DataLoader, Loader};
use async_graphql::{Context, Result};

use crate::access::{Failure, Never, WorkspaceView};
use crate::assets;
use crate::graphql::errors::TopLevelError;
use crate::primitives::ids::AssetId;

/// Loads shares. One lives as long as its request.
#[derive(Default)]
pub struct AssetShares;

/// An asset as somebody sees it.
#[derive(Clone)]
pub struct SharesOf {
    view: WorkspaceView,
    asset: AssetId,
}

impl PartialEq for SharesOf {
    fn eq(&self, other: &Self) -> bool {
        self.asset == other.asset && self.view.workspace() == other.view.workspace()
    }
}

impl Eq for SharesOf {}

impl Hash for SharesOf {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.view.workspace(), self.asset).hash(state);
    }
}

impl Loader<SharesOf> for AssetShares {
    type Value = assets::Shares;
    type Error = Arc<Failure<Never>>;

    async fn load(&self, keys: &[SharesOf]) -> Result<HashMap<SharesOf, Self::Value>, Self::Error> {
        let Some(first) = keys.first() else { return Ok(HashMap::new()) };
        // A request sees one workspace.
        let view = first.view.clone();
        let ids: Vec<AssetId> = keys.iter().map(|key| key.asset).collect();
        let found = assets::load_many_shares(&view, &ids).await.map_err(Arc::new)?;
        let keyed = |(asset, shares)| (SharesOf { view: view.clone(), asset }, shares);
        Ok(found.into_iter().map(keyed).collect())
    }
}

/// Whom an asset is shared with, as far as the asker may know.
pub(super) async fn shares_of(
    ctx: &Context<'_>,
    view: &WorkspaceView,
    asset: AssetId,
) -> Result<assets::Shares> {
    let loader = ctx.data::<DataLoader<AssetShares>>()?;
    let found = loader.load_one(SharesOf { view: view.clone(), asset }).await;
    let found = found.map_err(|failure| match &*failure {
        Failure::Unavailable => TopLevelError::unavailable(),
        other => TopLevelError::internal(format!("{other:?}")),
    })?;
    Ok(found.unwrap_or_default())
}
