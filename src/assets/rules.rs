//! Who owns what is registered, why something can't be, and what can be done with an asset (AST-1, AST-3).

use super::{Asset, RegisterAsset};
use crate::access::WorkspaceProof;
use crate::primitives::ids::MemberId;
use crate::primitives::rights::Permission;

/// Why an asset isn't registered.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RegisterRefusal {
    /// Another asset of this kind has this external id.
    ExternalIdTaken,
    /// Only an active member can be given something to own.
    OwnerNotActive,
}

/// Where a member that is to own something stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum OwnerState {
    Active,
    NotActive,
}

/// Who is to own the asset: whoever was named; else the member who registers it. What a key registers is the
/// workspace's own: its maker didn't ask for it.
pub(super) fn owner(request: &RegisterAsset, proof: &WorkspaceProof) -> Option<MemberId> {
    request.owner.or_else(|| (!proof.is_key()).then_some(proof.member))
}

pub(super) const fn decide(owner: Option<OwnerState>, taken: bool) -> Result<(), RegisterRefusal> {
    match (owner, taken) {
        (_, true) => Err(RegisterRefusal::ExternalIdTaken),
        (Some(OwnerState::NotActive), _) => Err(RegisterRefusal::OwnerNotActive),
        _ => Ok(()),
    }
}

pub(super) const fn is_in_use(asset: &Asset) -> bool {
    asset.archived_at.is_none()
}

/// Is this something that can be done with an asset that somebody sees, given that they may do it at all? What is
/// archived can be looked at and nothing else; what went with a person is not the workspace's to manage.
pub(super) fn permits(word: &str, asset: &Asset) -> bool {
    match Permission::parse(word) {
        Some(Permission::ViewAssets) => true,
        Some(Permission::ManageAssets) => is_in_use(asset) && !asset.went_away,
        _ => is_in_use(asset),
    }
}
