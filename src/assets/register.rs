//! Registering an asset (AST-1).

use super::events::AssetRegistered;
use super::{Asset, RegisterRefusal, rules, store};
use crate::access::{Failure, Gate, WorkspaceProof, WorkspaceTx};
use crate::primitives::cursor::EventCursor;
use crate::primitives::ids::{AssetId, MemberId};
use crate::primitives::rights::Permission;

/// What the host registers. The texts have been read by [`crate::primitives::name::parse_name`].
#[derive(Clone, Debug)]
pub struct RegisterAsset {
    pub kind: String,
    pub name: String,
    pub external_id: String,
    /// None: whoever registers it, or the workspace when a key does.
    pub owner: Option<MemberId>,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Registered {
    pub asset: Asset,
    pub cursor: EventCursor,
}

/// Registers an asset.
pub async fn register(
    gate: &Gate,
    proof: &WorkspaceProof,
    request: RegisterAsset,
) -> Result<Registered, Failure<RegisterRefusal>> {
    let mut tx = gate.by_permission(proof, Permission::ManageAssets).await?;
    let owner = rules::owner(&request, tx.proof()?);
    check(&tx, &request, owner).await?;
    let asset = Asset {
        id: AssetId::new(),
        kind: request.kind,
        name: request.name,
        external_id: request.external_id,
        owner,
        went_away: false,
        archived_at: None,
        revision: 1,
        created_at: tx.now(),
    };
    store::insert(&tx, &asset).await?;
    tx.announce(AssetRegistered::of(&asset).into_event());
    let committed = tx.commit().await.map_err(Failure::widen)?;
    Ok(Registered { asset, cursor: committed.cursor })
}

async fn check(
    tx: &WorkspaceTx,
    request: &RegisterAsset,
    owner: Option<MemberId>,
) -> Result<(), Failure<RegisterRefusal>> {
    let owner = match owner {
        None => None,
        Some(member) => {
            let state = store::find_owner_state(tx, member).await?;
            Some(state.ok_or(Failure::NotFound { field: "input.ownerMemberId" })?)
        }
    };
    let same = store::find_by_external_id(tx.reader(), tx.workspace(), (&request.kind, &request.external_id))
        .await?;
    rules::decide(owner, same.is_some()).map_err(Failure::Refused)
}
