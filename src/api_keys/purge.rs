//! Keys go with the member who made them, when that one is deleted for ever (DEL-1).
//!
//! Never any other key.

use super::store;
use crate::access::WorkspaceTx;
use crate::platform::database::DatabaseError;
use crate::primitives::ids::{ApiKeyId, MemberId};

/// A door for the room that deletes; says which. None of them works any more: their maker isn't in.
pub async fn purge_of_maker(tx: &WorkspaceTx, maker: MemberId) -> Result<Vec<ApiKeyId>, DatabaseError> {
    store::delete_of_maker(tx, maker).await
}
