//! Who owns what is registered, and why something can't be (AST-1).

use super::RegisterAsset;
use crate::access::WorkspaceProof;
use crate::primitives::ids::MemberId;

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
