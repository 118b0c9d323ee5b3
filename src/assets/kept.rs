//! What went with a person, as they see it from outside the workspace (REM-6).
//!
//! Never shows anything of the workspace but what it is called, and nobody who still works on the asset.

use std::collections::HashMap;

use super::{Asset, store};
use crate::access::{AccountView, Failure};
use crate::primitives::cursor::PageCursor;
use crate::primitives::ids::{AssetId, WorkspaceId};
use crate::primitives::page::{Page, PageRequest};

/// An asset that a person's account holds.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct KeptAsset {
    pub asset: Asset,
    /// The workspace that it went away from.
    pub workspace: WorkspaceId,
    /// None where the workspace is deleted.
    pub workspace_name: Option<String>,
    /// How many members of it still have it in reach.
    pub shared_with: i64,
}

impl KeptAsset {
    /// The order that they are listed in.
    pub const ORDER: &'static str = "KEPT_ASSET_NAME";

    /// Its place in the list.
    pub fn place(&self) -> PageCursor {
        PageCursor { order: Self::ORDER.into(), ..self.asset.place() }
    }
}

/// One's own, by name.
pub async fn list_kept<R>(view: &AccountView, request: &PageRequest) -> Result<Page<KeptAsset>, Failure<R>> {
    Ok(request.page(store::list_kept(view.reader(), view.account(), request).await?))
}

/// How many there are.
pub async fn count_kept<R>(view: &AccountView) -> Result<u64, Failure<R>> {
    Ok(store::count_kept(view.reader(), view.account()).await?)
}

/// One's own by id; others are not in the answer.
pub async fn load_many_kept<R>(
    view: &AccountView,
    ids: &[AssetId],
) -> Result<HashMap<AssetId, KeptAsset>, Failure<R>> {
    let found = store::find_many_kept(view.reader(), view.account(), ids).await?;
    Ok(found.into_iter().map(|kept| (kept.asset.id, kept)).collect())
}
