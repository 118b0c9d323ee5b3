//! What an invitation promises, a role and the assets that it needs, held against the workspace as it is now.
//!
//! Never makes a promise smaller to let it pass: what doesn't hold is refused (INV-7).

use std::collections::{HashMap, HashSet};

use super::invitation::Invitation;
use crate::access::{Failure, WorkspaceTx};
use crate::assets;
use crate::platform::database::DatabaseError;
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
    check_actor(tx.origin(), role).map_err(Failure::Refused)?;
    holds(tx, role, assets).await
}

/// Does it hold at this moment?
pub(super) async fn holds(tx: &WorkspaceTx, role: &Role, assets: &[AssetId]) -> Checked<()> {
    let there = assets::retain_existing(tx, assets.to_vec()).await?;
    check_fit(role, assets, &there.into_iter().collect()).map_err(Failure::Refused)
}

fn check_actor(origin: Origin, role: &Role) -> Result<(), PromiseRefusal> {
    if role.is_admin && origin == Origin::Automation { Err(PromiseRefusal::AdminRoleByKey) } else { Ok(()) }
}

fn check_fit(role: &Role, assets: &[AssetId], there: &HashSet<AssetId>) -> Result<(), PromiseRefusal> {
    roles::check_assets(role, assets).map_err(|refusal| match refusal {
        AssetsRefusal::AssetsRequired => PromiseRefusal::AssetsRequired,
        AssetsRefusal::AssetsNotAllowed => PromiseRefusal::AssetsNotAllowed,
    })?;
    if let Some(asset) = first_twice(assets) {
        return Err(PromiseRefusal::AssetTwice { asset });
    }
    // Assets that are not in this workspace, or nowhere: both answer alike (WSP-8).
    let unknown: Vec<AssetId> = assets.iter().copied().filter(|asset| !there.contains(asset)).collect();
    if unknown.is_empty() { Ok(()) } else { Err(PromiseRefusal::AssetsUnknown { assets: unknown }) }
}

/// What many promises are held against, read once.
pub(super) struct Promises {
    roles: HashMap<RoleId, Role>,
    assets: HashSet<AssetId>,
}

impl Promises {
    pub(super) async fn load(tx: &WorkspaceTx, invitations: &[&Invitation]) -> Result<Self, DatabaseError> {
        let roles: HashSet<RoleId> = invitations.iter().map(|invitation| invitation.role).collect();
        let roles: Vec<RoleId> = roles.into_iter().collect();
        let found = roles::find_many(tx.reader(), tx.workspace(), &roles).await?;
        let assets: HashSet<AssetId> =
            invitations.iter().flat_map(|invitation| invitation.assets.iter().copied()).collect();
        let assets = assets::retain_existing(tx, assets.into_iter().collect()).await?;
        let roles = found.into_iter().map(|role| (role.id, role)).collect();
        Ok(Self { roles, assets: assets.into_iter().collect() })
    }

    /// May what this one promises be promised by whoever acts?
    pub(super) fn check(&self, origin: Origin, invitation: &Invitation) -> Result<(), PromiseRefusal> {
        let role = self.roles.get(&invitation.role).ok_or(PromiseRefusal::RoleUnknown)?;
        check_actor(origin, role)?;
        check_fit(role, &invitation.assets, &self.assets)
    }
}

fn first_twice(assets: &[AssetId]) -> Option<AssetId> {
    assets.iter().enumerate().find(|(at, asset)| assets[..*at].contains(asset)).map(|(_, asset)| *asset)
}
