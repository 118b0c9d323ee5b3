//! Making a key (API-1).

use super::events::ApiKeyCreated;
use super::{ApiKey, store};
use crate::access::{Failure, Gate, Never, WorkspaceProof};
use crate::primitives::cursor::EventCursor;
use crate::primitives::ids::ApiKeyId;
use crate::primitives::rights::Permission;
use crate::primitives::secret::{Secret, SecretKind};

/// What came of it. The secret can't be had again.
#[derive(Clone, Debug)]
pub struct Created {
    pub key: ApiKey,
    pub secret: Secret,
    pub cursor: EventCursor,
}

/// Makes a key that acts for the asking admin. `name` has been read by [`crate::primitives::name::parse_name`].
pub async fn create(gate: &Gate, proof: &WorkspaceProof, name: String) -> Result<Created, Failure<Never>> {
    let mut tx = gate.by_permission(proof, Permission::ManageApiKeys).await?;
    let secret = Secret::mint(SecretKind::ApiKey);
    let (maker, maker_joined_seq) = (tx.proof()?.member, tx.proof()?.joined_seq);
    let key = ApiKey {
        id: ApiKeyId::new(),
        name,
        maker,
        maker_joined_seq,
        created_at: tx.now(),
        last_used_at: None,
        revoked_at: None,
    };
    store::insert(&tx, &key, secret.hash()).await?;
    tx.announce(ApiKeyCreated::of(&key).into_event());
    let committed = tx.commit().await?;
    Ok(Created { key, secret, cursor: committed.cursor })
}
