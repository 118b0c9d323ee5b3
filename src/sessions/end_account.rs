//! With an account every session of it ends, of both kinds, on every server (SES-7, REV-1).
//!
//! Never ends a membership: that is a job's, after it.

use super::finish;
use crate::access::{Failure, Gate, Never};
use crate::accounts;
use crate::primitives::ids::AccountId;

/// Refused from its commit on; answered once each workspace's log tells of it.
pub async fn end_account(gate: &Gate, account: AccountId) -> Result<(), Failure<Never>> {
    let Some((tx, account)) = accounts::begin_end(gate, account).await? else { return Ok(()) };
    tx.commit().await?;
    finish::finish_account(gate, account.id).await
}
