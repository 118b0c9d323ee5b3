//! Withdrawing what somebody was told about a workspace: a door for the room that deletes, inside its transaction.

use super::store;
use crate::access::WorkspaceTx;
use crate::platform::database::DatabaseError;
use crate::primitives::ids::{AccountId, NoticeId};

/// Nothing of this workspace is left to tell them. Says which notices are gone.
pub async fn withdraw(tx: &WorkspaceTx, account: AccountId) -> Result<Vec<NoticeId>, DatabaseError> {
    store::delete_of_workspace(tx, account).await
}
