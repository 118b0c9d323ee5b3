//! Changing a workspace's settings of the rules: by an admin directly, never by a key (API-3).
//!
//! Never touches what is under way: an invitation keeps its expiry, and a wait that began keeps its end.

use super::events::PolicyUpdated;
use super::store;
use crate::access::{Committed, Failure, Gate, WorkspaceProof};
use crate::policy::{self, OutOfBounds, PolicyChange};
use crate::primitives::rights::Permission;

/// Takes settings over. Where nothing is other than before, nothing happens.
pub async fn update_policy(
    gate: &Gate,
    proof: &WorkspaceProof,
    change: PolicyChange,
) -> Result<Committed, Failure<Vec<OutOfBounds>>> {
    let mut tx = gate.by_permission(proof, Permission::ManagePolicy).await?;
    let before = policy::load(tx.reader(), tx.workspace()).await?;
    let after = before.changed(&change).map_err(Failure::Refused)?;
    if after != before {
        let revision = store::save_policy(&tx, &after).await?;
        tx.announce(PolicyUpdated { policy: after, before, revision }.into_event());
    }
    tx.commit().await.map_err(Failure::widen)
}
