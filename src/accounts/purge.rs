//! Accounts that nobody proved, and links that are long dead, go by a job.
//!
//! Never takes an account whose mail may still arrive: while a link holds or a mail waits, it stays.

use super::events::AccountDeleted;
use super::store;
use crate::access::{Failure, Gate, JobRun, Never};
use crate::primitives::ids::AccountId;
use crate::primitives::time::Timestamp;

/// Accounts looked at, and links taken, at once.
const BATCH: u64 = 200;
/// Dead links are kept for so long, to say what became of them.
const DEAD_LINK_DAYS: i64 = 7;

/// How long what nobody proved is kept.
#[derive(Clone, Copy, Debug)]
pub struct Retention {
    pub unproved_days: i64,
}

/// The job. Says how many accounts and links are gone.
pub async fn purge(gate: &Gate, retention: Retention) -> Result<u64, Failure<Never>> {
    let now = gate.clock().now();
    let made_before = now.plus_hours(-24 * retention.unproved_days);
    let (mut after, mut purged) = (None, 0);
    let mut run = JobRun::new("an account that nobody proved could not be purged");
    loop {
        let reader = gate.database().reader();
        let due = store::list_unproved(reader, (made_before, now), after, BATCH).await?;
        let Some(last) = due.last() else { break };
        after = Some(*last);
        for account in due {
            let gone = run.note(account, purge_account(gate, account, made_before).await);
            purged += u64::from(gone.unwrap_or_default());
        }
    }
    let links = store::delete_dead_links(gate.database(), now.plus_hours(-24 * DEAD_LINK_DAYS)).await?;
    run.end(purged + links)
}

/// Looked at again under the lock: it may have been proved meanwhile.
async fn purge_account(gate: &Gate, id: AccountId, made_before: Timestamp) -> Result<bool, Failure<Never>> {
    let mut tx = gate.account_by_job(id).await?;
    let bounds = (made_before, tx.now());
    if !store::is_unproved(tx.reader(), id, bounds).await? {
        return Ok(false);
    }
    let Some(account) = store::find(tx.reader(), id).await? else { return Ok(false) };
    store::delete(tx.writer(), id).await?;
    tx.announce(AccountDeleted(&account).into_event());
    tx.commit().await?;
    Ok(true)
}
