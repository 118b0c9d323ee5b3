//! What a role wants of assignments (WSP-2).

use crate::primitives::actor::AssetScope;
use crate::primitives::ids::AssetId;

use super::Role;

/// Why assets don't go with a role.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum AssetsRefusal {
    /// The role works on assigned assets and needs at least one.
    AssetsRequired,
    /// The role works on all assets and takes no assignments.
    AssetsNotAllowed,
}

/// Do these assets go with the role, when it is given or while it is held?
pub const fn check_assets(role: &Role, assets: &[AssetId]) -> Result<(), AssetsRefusal> {
    match (role.scope, assets.is_empty()) {
        (AssetScope::Assigned, true) => Err(AssetsRefusal::AssetsRequired),
        (AssetScope::All, false) => Err(AssetsRefusal::AssetsNotAllowed),
        _ => Ok(()),
    }
}
