//! What an invitation promises, a role and the assets that it needs, held against the workspace as it is now.
//!
//! Never makes a promise smaller to let it pass: what doesn't hold is refused (INV-7).

use crate::access::{Failure, WorkspaceTx};
use crate::assets::{self, UnknownAssets};
use crate::primitives::actor::Origin;
use crate::primitives::ids::{AssetId, RoleId};
use crate::roles::{self, AssetsRefusal, Role};

/// Why something can't be promised.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum PromiseRefusal {
    /// No role was named and the workspace has no default (WSP-4).
    RoleRequired,
    RoleUnknown,
    /// WSP-2.
    AssetsRequired,
    /// WSP-2.
    AssetsNotAllowed,
    AssetsUnknown {
        assets: Vec<AssetId>,
    },
    AssetTwice {
        asset: AssetId,
    },
    /// API-3.
    AdminRoleByKey,
}

type Checked<T> = Result<T, Failure<PromiseRefusal>>;

/// The role that is meant: the named one, or the workspace's default.
pub(super) async fn choose_role(tx: &WorkspaceTx, named: Option<RoleId>) -> Checked<Role> {
    let (db, workspace) = (tx.reader(), tx.workspace());
    let (found, otherwise) = match named {
        Some(role) => (roles::find(db, workspace, role).await?, PromiseRefusal::RoleUnknown),
        None => (roles::find_default(db, workspace).await?, PromiseRefusal::RoleRequired),
    };
    found.ok_or(Failure::Refused(otherwise))
}

/// May this be promised by whoever acts?
pub(super) async fn check(tx: &WorkspaceTx, role: &Role, assets: &[AssetId]) -> Checked<()> {
    if role.is_admin && tx.origin() == Origin::Automation {
        return Err(Failure::Refused(PromiseRefusal::AdminRoleByKey));
    }
    holds(tx, role, assets).await
}

/// Does it hold at this moment?
pub(super) async fn holds(tx: &WorkspaceTx, role: &Role, assets: &[AssetId]) -> Checked<()> {
    roles::check_assets(role, assets).map_err(|refusal| match refusal {
        AssetsRefusal::AssetsRequired => Failure::Refused(PromiseRefusal::AssetsRequired),
        AssetsRefusal::AssetsNotAllowed => Failure::Refused(PromiseRefusal::AssetsNotAllowed),
    })?;
    if let Some(asset) = first_twice(assets) {
        return Err(Failure::Refused(PromiseRefusal::AssetTwice { asset }));
    }
    let known = assets::check_exist(tx, assets).await;
    known.map_err(|failure| failure.map(|UnknownAssets(assets)| PromiseRefusal::AssetsUnknown { assets }))
}

fn first_twice(assets: &[AssetId]) -> Option<AssetId> {
    assets.iter().enumerate().find(|(at, asset)| assets[..*at].contains(asset)).map(|(_, asset)| *asset)
}
