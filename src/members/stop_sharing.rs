//! Ending that what went with a person stays in reach of those who worked on it (REM-6): the person's own decision.
//!
//! Never touches an asset that the workspace, or one of its members, holds.

use super::assignments;
use super::events;
use super::store;
use crate::access::{AccountProof, Committed, Failure, Gate};
use crate::assets;
use crate::primitives::ids::{AssetId, MemberId};

/// Why nothing was ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum StopSharingRefusal {
    /// Nobody has it in reach any more.
    NotShared,
}

pub async fn stop_sharing(
    gate: &Gate,
    proof: &AccountProof,
    asset: AssetId,
) -> Result<Committed, Failure<StopSharingRefusal>> {
    let unknown = || Failure::NotFound { field: "input.keptAssetId" };
    let workspace = assets::find_kept_workspace(gate.database().reader(), proof.account, asset).await?;
    let (mut tx, fresh) = gate.by_account(proof, workspace.ok_or_else(unknown)?).await?;
    assets::find_kept_workspace(tx.reader(), fresh.account, asset).await?.ok_or_else(unknown)?;
    let concerned: Vec<MemberId> = assignments::list_members_of(&tx, asset).await?;
    if concerned.is_empty() {
        return Err(Failure::Refused(StopSharingRefusal::NotShared));
    }
    let before = assignments::load_many_assignments(tx.reader(), tx.workspace(), &concerned).await?;
    assignments::remove_asset(&tx, asset).await?;
    for mut member in store::load_many(tx.reader(), tx.workspace(), &concerned).await? {
        store::save(&tx, &mut member, None).await?;
        let own = before.iter().filter(|(id, _)| *id == member.id);
        let before: Vec<_> = own.map(|(_, assignment)| assignment.clone()).collect();
        let after: Vec<_> = before.iter().filter(|it| it.asset != asset).cloned().collect();
        let now = tx.now();
        tx.announce(events::member_assignments_set(&member, (&before, &after), now));
    }
    tx.commit().await.map_err(Failure::widen)
}
