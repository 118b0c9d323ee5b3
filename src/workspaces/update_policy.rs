//! Changing a workspace's settings of the rules: by an admin directly, never by a key (API-3).
//!
//! Never touches what is under way: an invitation keeps its expiry, and a wait that began keeps its end.

use super::events::PolicyUpdated;
use super::store;
use crate::access::{Committed, Failure, Gate, WorkspaceProof};
use crate::members::{self, SeatsTaken};
use crate::policy::{self, OutOfBounds, PolicyChange};
use crate::primitives::rights::Permission;

/// Why a policy isn't taken over.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum PolicyRefusal {
    OutOfBounds(OutOfBounds),
    /// SEAT-3: there aren't seats enough to keep one for each open invitation.
    SeatsTaken(SeatsTaken),
}

/// Takes settings over. Where nothing is other than before, nothing happens.
pub async fn update_policy(
    gate: &Gate,
    proof: &WorkspaceProof,
    change: PolicyChange,
) -> Result<Committed, Failure<Vec<PolicyRefusal>>> {
    let mut tx = gate.by_permission(proof, Permission::ManagePolicy).await?;
    let before = policy::load(tx.reader(), tx.workspace()).await?;
    let after = before
        .changed(&change)
        .map_err(|wrong| Failure::Refused(wrong.into_iter().map(PolicyRefusal::OutOfBounds).collect()))?;
    if after.invitations_reserve_seats && !before.invitations_reserve_seats {
        let reservable = members::find_reservable(&tx).await;
        reservable.map_err(|failure| failure.map(|taken| vec![PolicyRefusal::SeatsTaken(taken)]))?;
    }
    if after != before {
        let revision = store::save_policy(&tx, &after).await?;
        tx.announce(PolicyUpdated { policy: after, before, revision }.into_event());
    }
    tx.commit().await.map_err(Failure::widen)
}
