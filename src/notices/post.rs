//! Posting a notice: a door for the rooms that put somebody out, inside their transactions.

use super::events::NoticePosted;
use super::notice::NoticeKind;
use super::store;
use crate::access::WorkspaceTx;
use crate::platform::database::DatabaseError;
use crate::primitives::ids::{AccountId, NoticeId};

/// Tells a person about the workspace of this transaction.
pub async fn post(tx: &mut WorkspaceTx, account: AccountId, kind: NoticeKind) -> Result<(), DatabaseError> {
    let id = NoticeId::new();
    store::insert(tx, id, account, kind).await?;
    let posted = NoticePosted { id, kind, workspace: tx.workspace(), account };
    tx.announce_to(account, posted.into_event());
    Ok(())
}
