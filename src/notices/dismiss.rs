//! Dismissing a notice: the person has read it.
//!
//! Never touches another person's: an id that isn't one's own is unknown.

use super::events::NoticeDismissed;
use super::store;
use crate::access::{AccountProof, Committed, Failure, Gate, Never};
use crate::primitives::ids::NoticeId;

pub async fn dismiss(gate: &Gate, proof: &AccountProof, id: NoticeId) -> Result<Committed, Failure<Never>> {
    let (mut tx, fresh) = gate.own_account(proof).await?;
    if !store::delete(&tx, id).await? {
        return Err(Failure::NotFound { field: "input.noticeId" });
    }
    tx.announce(NoticeDismissed { id, account: fresh.account }.into_event());
    tx.commit().await
}
