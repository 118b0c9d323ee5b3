//! Posting a notice: a door for the rooms that put somebody out, inside their transactions.

use super::events::NoticePosted;
use super::notice::NoticeKind;
use super::store;
use crate::access::WorkspaceTx;
use crate::platform::database::DatabaseError;
use crate::primitives::ids::{AccountId, NoticeId};

/// Tells persons about the workspace of this transaction.
pub async fn post_all(
    tx: &mut WorkspaceTx,
    accounts: &[AccountId],
    kind: NoticeKind,
) -> Result<(), DatabaseError> {
    let notices: Vec<(NoticeId, AccountId)> = accounts.iter().map(|it| (NoticeId::new(), *it)).collect();
    store::insert(tx, &notices, kind).await?;
    for (id, account) in notices {
        let posted = NoticePosted { id, kind, workspace: tx.workspace(), account };
        tx.announce_to(account, posted.into_event());
    }
    Ok(())
}
