//! Giving assets another owner, many at once (AST-1).
//!
//! Never changes any before all have been checked.

use std::collections::BTreeMap;

use super::Asset;
use super::dispose::Destination;
use super::events::AssetsReassigned;
use super::rules::{self, OwnerState};
use super::store::{self, Sight};
use crate::access::{Committed, Failure, Gate, WorkspaceProof, WorkspaceTx};
use crate::primitives::ids::{AssetId, MemberId};
use crate::primitives::rights::Permission;

/// What is to have another owner.
#[derive(Clone, Debug)]
pub struct ReassignAssets {
    pub assets: Vec<AssetId>,
    /// None: the workspace itself.
    pub to: Option<MemberId>,
}

/// Why nothing changed hands. The numbers are places in the list.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ReassignRefusal {
    AssetTwice {
        index: usize,
    },
    AssetUnknown {
        index: usize,
    },
    AssetArchived {
        index: usize,
    },
    /// Only an active member can be given something to own.
    OwnerNotActive,
}

/// The assets after the change, in the order they were named, and the place in the stream.
#[derive(Clone, Debug)]
pub struct Reassigned {
    pub assets: Vec<Asset>,
    pub committed: Committed,
}

/// Gives them away. Those that the new owner has already stay as they are.
pub async fn reassign(
    gate: &Gate,
    proof: &WorkspaceProof,
    request: ReassignAssets,
) -> Result<Reassigned, Failure<ReassignRefusal>> {
    let mut tx = gate.by_permission(proof, Permission::ManageAssets).await?;
    let mut assets = find(&tx, &request.assets).await?;
    check_owner(&tx, request.to).await?;
    let to = request.to.map_or(Destination::Workspace, Destination::Member);
    let mut by_owner: BTreeMap<Option<MemberId>, Vec<AssetId>> = BTreeMap::new();
    for asset in assets.iter_mut().filter(|asset| asset.owner != request.to) {
        by_owner.entry(asset.owner).or_default().push(asset.id);
        asset.owner = request.to;
        asset.revision += 1;
    }
    for (from, ids) in by_owner {
        store::set_owner(&tx, &ids, request.to).await?;
        for event in AssetsReassigned::of(&ids, from, to) {
            tx.announce(event.into_event());
        }
    }
    let committed = tx.commit().await.map_err(Failure::widen)?;
    Ok(Reassigned { assets, committed })
}

async fn find(tx: &WorkspaceTx, ids: &[AssetId]) -> Result<Vec<Asset>, Failure<ReassignRefusal>> {
    if let Some(index) = (1..ids.len()).find(|index| ids[..*index].contains(&ids[*index])) {
        return Err(Failure::Refused(ReassignRefusal::AssetTwice { index }));
    }
    let found = store::find_many(tx.reader(), &Sight::of(tx.proof()?), ids).await?;
    let in_order = ids.iter().enumerate().map(|(index, id)| {
        let asset = found.iter().find(|asset| asset.id == *id && !asset.went_away);
        let asset = asset.ok_or(ReassignRefusal::AssetUnknown { index })?;
        if rules::is_in_use(asset) {
            Ok(asset.clone())
        } else {
            Err(ReassignRefusal::AssetArchived { index })
        }
    });
    in_order.collect::<Result<_, _>>().map_err(Failure::Refused)
}

async fn check_owner(tx: &WorkspaceTx, to: Option<MemberId>) -> Result<(), Failure<ReassignRefusal>> {
    let Some(to) = to else { return Ok(()) };
    match store::find_owner_state(tx, to).await? {
        None => Err(Failure::NotFound { field: "input.toMemberId" }),
        Some(OwnerState::NotActive) => Err(Failure::Refused(ReassignRefusal::OwnerNotActive)),
        Some(OwnerState::Active) => Ok(()),
    }
}
