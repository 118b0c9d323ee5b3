//! What may be asked about assets: everybody sees those in the scope of their role (WSP-3, AST-2).

use std::collections::HashMap;

use super::{Asset, Shares, rules, store};
use crate::access::{Failure, WorkspaceView};
use crate::primitives::ids::{AssetId, MemberId};
use crate::primitives::page::{Page, PageRequest};
use crate::primitives::rights::Permission;

/// Which assets of the asker's scope are wanted.
#[derive(Clone, Debug, Default)]
pub struct AssetFilter {
    pub kind: Option<String>,
    /// Of this member, where the asker sees them.
    pub owner: Option<MemberId>,
    /// Of nobody but the workspace.
    pub unowned: bool,
    /// Archived ones, in the place of those in use.
    pub archived: bool,
}

/// The assets in the asker's scope, by name.
pub async fn list<R>(
    view: &WorkspaceView,
    filter: &AssetFilter,
    request: &PageRequest,
) -> Result<Page<Asset>, Failure<R>> {
    view.require(Permission::ViewAssets)?;
    let sight = store::Sight::of(view.proof());
    Ok(request.page(store::list(view.reader(), &sight, filter, request).await?))
}

/// How many assets the list holds.
pub async fn count<R>(view: &WorkspaceView, filter: &AssetFilter) -> Result<u64, Failure<R>> {
    view.require(Permission::ViewAssets)?;
    let sight = store::Sight::of(view.proof());
    Ok(store::count(view.reader(), &sight, filter).await?)
}

/// One asset that the asker sees: of their scope, or their own.
pub async fn find<R>(view: &WorkspaceView, asset: AssetId) -> Result<Option<Asset>, Failure<R>> {
    Ok(load_many_assets(view, &[asset]).await?.remove(&asset))
}

/// Assets that the asker sees, of their scope or their own, by id and in one statement; others are not in the answer.
pub async fn load_many_assets<R>(
    view: &WorkspaceView,
    assets: &[AssetId],
) -> Result<HashMap<AssetId, Asset>, Failure<R>> {
    view.require(Permission::ViewAssets)?;
    let sight = store::Sight::with_owned(view.proof());
    let found = store::find_many(view.reader(), &sight, assets).await?;
    Ok(found.into_iter().map(|asset| (asset.id, asset)).collect())
}

/// The same by the host's own id of it.
pub async fn find_by_external_id<R>(
    view: &WorkspaceView,
    kind: &str,
    external_id: &str,
) -> Result<Option<Asset>, Failure<R>> {
    let found = store::find_by_external_id(view.reader(), view.workspace(), (kind, external_id)).await?;
    match found {
        Some(asset) => find(view, asset.id).await,
        None => Ok(None),
    }
}

/// May the asker do this, on this asset? Status and role were proved by the request's own check a moment ago; an asset
/// costs one statement, and only where the permission alone doesn't settle it (AST-3).
pub async fn can<R>(
    view: &WorkspaceView,
    permission: &str,
    asset: Option<AssetId>,
) -> Result<bool, Failure<R>> {
    if !allows_word(view, permission) {
        return Ok(false);
    }
    let Some(asset) = asset else { return Ok(true) };
    view.require(Permission::ViewAssets)?;
    // By the scope alone: to own an asset is not to work on it (AST-2).
    let found = store::find_many(view.reader(), &store::Sight::of(view.proof()), &[asset]).await?;
    Ok(found.first().is_some_and(|asset| rules::permits(permission, asset)))
}

/// A permission of the product's follows the credential as well: a key can't do all that its maker may (API-3).
fn allows_word(view: &WorkspaceView, word: &str) -> bool {
    match Permission::parse(word) {
        Some(permission) => view.allows(permission),
        None => view.proof().rights.allows_word(word),
    }
}

/// Whom assets are shared with, in two statements: for those who may manage assets, and for the owner. Others learn
/// nothing of it.
pub async fn load_many_shares<R>(
    view: &WorkspaceView,
    assets: &[AssetId],
) -> Result<HashMap<AssetId, Shares>, Failure<R>> {
    let seen = load_many_assets(view, assets).await?;
    let manages = view.allows(Permission::ManageAssets);
    let own = |asset: &Asset| asset.owner == Some(view.proof().member);
    let ids: Vec<AssetId> =
        seen.values().filter(|asset| manages || own(asset)).map(|asset| asset.id).collect();
    Ok(store::load_many_shares(view.reader(), view.workspace(), &ids).await?)
}

/// What a member owns, by name: for those who look after members, and for the member.
pub async fn list_owned<R>(
    view: &WorkspaceView,
    owner: MemberId,
    request: &PageRequest,
) -> Result<Page<Asset>, Failure<R>> {
    require_sight_of(view, owner)?;
    Ok(request.page(store::list_owned(view.reader(), (view.workspace(), owner), request).await?))
}

/// How many assets a member owns.
pub async fn count_owned<R>(view: &WorkspaceView, owner: MemberId) -> Result<u64, Failure<R>> {
    require_sight_of(view, owner)?;
    Ok(store::count_owned(view.reader(), view.workspace(), owner).await?)
}

fn require_sight_of<R>(view: &WorkspaceView, owner: MemberId) -> Result<(), Failure<R>> {
    if owner == view.proof().member { Ok(()) } else { view.require(Permission::ManageMembers) }
}
