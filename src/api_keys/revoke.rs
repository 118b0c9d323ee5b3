//! Revoking a key: it stops at that moment, on every server (REV-1).

use super::events::ApiKeyRevoked;
use super::{ApiKey, store};
use crate::access::{Failure, Gate, WorkspaceProof};
use crate::primitives::cursor::EventCursor;
use crate::primitives::ids::ApiKeyId;
use crate::primitives::rights::Permission;

/// Why a key isn't revoked.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RevokeRefusal {
    AlreadyRevoked,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Revoked {
    pub key: ApiKey,
    pub cursor: EventCursor,
}

/// Revokes a key, whoever made it.
pub async fn revoke(
    gate: &Gate,
    proof: &WorkspaceProof,
    key: ApiKeyId,
) -> Result<Revoked, Failure<RevokeRefusal>> {
    let mut tx = gate.by_permission(proof, Permission::ManageApiKeys).await?;
    let found = store::find_many(tx.reader(), tx.workspace(), &[key]).await?.pop();
    let mut key = found.ok_or(Failure::NotFound { field: "input.apiKeyId" })?;
    if key.revoked_at.is_some() {
        return Err(Failure::Refused(RevokeRefusal::AlreadyRevoked));
    }
    key.revoked_at = Some(tx.now());
    store::save_revoked(&tx, &key).await?;
    tx.announce(ApiKeyRevoked::of(&key).into_event());
    let committed = tx.commit().await.map_err(Failure::widen)?;
    Ok(Revoked { key, cursor: committed.cursor })
}
