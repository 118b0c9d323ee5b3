//! Calls that are made once, however often they are asked for: an idempotency key's claim, what it took effect as, and
//! its answer (LIF-6).
//!
//! What always holds here:
//! - A key belongs to a credential: another one's keys are not looked at.
//! - A change and the mark that it has taken effect are one commit. Whoever finds no mark may run the call again,
//!   whatever became of the first server: the run before can't commit any more, for it is no longer the key's.
//! - However many keys are taken, a holder has as many as the limit lets it at a time, and not one more.
//! - A secret is never in here: the edge takes no key with one.
//! - Answers may name persons, so they go with them (DEL-1). Only the answer does: that it took effect stays for the day.

mod store;

use uuid::Uuid;

use super::account_tx::AccountTx;
use super::failure::{Failure, Never};
use super::gate::Gate;
use super::workspace_tx::WorkspaceTx;
use crate::primitives::idempotency::Digest;
use crate::primitives::ids::{AccountId, OperationId, WorkspaceId};
use crate::primitives::time::Timestamp;

/// How long a key is known.
pub const KEY_HOURS: i64 = 24;
/// How long a run without an end counts as under way. A run that takes longer can still commit, as long as nobody has
/// taken its place.
const RUN_SECONDS_MAX: i64 = 60;
/// Longest answer that is kept.
const ANSWER_BYTES_MAX: usize = 256 * 1024;
/// Keys that one transaction takes away.
const PURGED_AT_ONCE: u64 = 1000;

/// How many keys a holder may have at a time: a person, over all their sessions, or an API key.
#[derive(Clone, Copy, Debug)]
pub struct KeyLimit {
    pub keys_max: u32,
}

/// The right to commit under a key; one run's own.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Claim(Uuid);

/// A call under a key, before anybody knows whether it is the first.
#[derive(Clone, Debug)]
pub struct KeyedCall {
    /// The session or API key.
    pub credential: Uuid,
    /// Whose keys it counts among: the account of a session, or the API key.
    pub holder: Uuid,
    pub key: Digest,
    pub body: Digest,
    pub account: AccountId,
    pub workspace: Option<WorkspaceId>,
}

/// What a key stands for at this moment.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Claimed {
    /// Nothing has taken effect: run the call.
    Mine(Claim),
    /// It was answered before, so.
    Answered(String),
    /// It has taken effect, and its answer isn't known any more.
    TookEffect(OperationId),
    /// Another run is under way.
    UnderWay,
    /// The key came with another body before.
    OtherBody,
    /// Its holder has as many as the limit allows; the first of them is over after so long.
    NoneFree { retry_after_seconds: u64 },
}

/// What is stored of a key.
#[derive(Clone, Debug)]
struct Known {
    body: Digest,
    operation: Option<OperationId>,
    settled: bool,
    answer: Option<String>,
    held_until: Timestamp,
    expires_at: Timestamp,
}

impl Known {
    /// None: nothing took effect and nobody is at it, so whoever asks runs it.
    fn decide(self, body: &Digest, now: Timestamp) -> Option<Claimed> {
        if self.expires_at <= now {
            return None;
        }
        if self.body != *body {
            return Some(Claimed::OtherBody);
        }
        match (self.answer, self.operation) {
            (Some(answer), _) => Some(Claimed::Answered(answer)),
            (None, _) if !self.settled && self.held_until > now => Some(Claimed::UnderWay),
            (None, Some(operation)) => Some(Claimed::TookEffect(operation)),
            (None, None) => None,
        }
    }
}

/// Asks what a key stands for, and takes it where nothing stands in the way.
pub async fn claim(gate: &Gate, limit: KeyLimit, call: &KeyedCall) -> Result<Claimed, Failure<Never>> {
    if let Some(claimed) = try_claim(gate, limit, call).await? {
        return Ok(claimed);
    }
    // Those whose day is over stand until the job comes by; they shall not be in the way.
    purge_due(gate, Some(call.holder)).await?;
    match try_claim(gate, limit, call).await? {
        Some(claimed) => Ok(claimed),
        None => none_free(gate, call.holder).await,
    }
}

/// None: it would be one too many.
async fn try_claim(
    gate: &Gate,
    limit: KeyLimit,
    call: &KeyedCall,
) -> Result<Option<Claimed>, Failure<Never>> {
    let now = gate.clock().now();
    let run = Claim(OperationId::new().as_uuid());
    let tx = gate.database().begin().await?;
    let lease = store::Lease {
        run,
        held_until: now.plus_seconds(RUN_SECONDS_MAX),
        expires_at: now.plus_hours(KEY_HOURS),
    };
    let claimed = if store::insert(&tx, call, lease).await? {
        // Last, here as everywhere: whoever has the holder's row waits for nobody.
        if !store::count_in(&tx, call.holder, limit.keys_max).await? {
            tx.rollback().await?;
            return Ok(None);
        }
        Claimed::Mine(run)
    } else {
        // Locked: a commit under way has ended before it is read.
        let known = store::get_locked(&tx, call).await?;
        match known.decide(&call.body, now) {
            Some(claimed) => claimed,
            None => {
                store::take_over(&tx, call, lease).await?;
                Claimed::Mine(run)
            }
        }
    };
    tx.commit().await?;
    Ok(Some(claimed))
}

async fn none_free(gate: &Gate, holder: Uuid) -> Result<Claimed, Failure<Never>> {
    let first = store::find_first_expiry(gate.database().reader(), holder).await?;
    let micros = first.map_or(0, |first| first.as_micros() - gate.clock().now().as_micros());
    let retry_after_seconds = u64::try_from(micros).unwrap_or_default().div_ceil(1_000_000).max(1);
    Ok(Claimed::NoneFree { retry_after_seconds })
}

/// Keeps the answer of a run. One that is too long isn't kept; that it took effect is.
pub async fn settle(gate: &Gate, claim: Claim, answer: Option<String>) -> Result<(), Failure<Never>> {
    let answer = answer.filter(|answer| answer.len() <= ANSWER_BYTES_MAX);
    let tx = gate.database().begin().await?;
    store::settle(&tx, claim, answer).await?;
    tx.commit().await?;
    Ok(())
}

/// A run has failed: where nothing took effect, the key is free again.
pub async fn release(gate: &Gate, claim: Claim) -> Result<(), Failure<Never>> {
    let tx = gate.database().begin().await?;
    store::release(&tx, claim).await?;
    tx.commit().await?;
    Ok(())
}

/// Inside the transaction that changes something: from its commit on, the call has taken effect.
pub(super) async fn mark(
    tx: &sea_orm::DatabaseTransaction,
    claim: Claim,
    operation: OperationId,
) -> Result<(), Failure<Never>> {
    if store::mark(tx, claim, operation).await? {
        return Ok(());
    }
    tracing::info!("a run took so long that another one has taken its key");
    Err(Failure::Unavailable)
}

/// Forgets every answer that was given in the workspace of this transaction, and to persons who have a membership of it,
/// whose account's answers tell of it too: they may name whoever is deleted from it (DEL-1). Comes before the members go.
pub async fn forget_in_workspace(tx: &WorkspaceTx) -> Result<(), Failure<Never>> {
    Ok(store::forget_in_workspace(tx.writer(), tx.workspace()).await?)
}

/// Forgets every answer that was given to the person of this transaction, in whatever workspace.
pub async fn forget_of_account(tx: &AccountTx) -> Result<(), Failure<Never>> {
    Ok(store::forget_of_account(tx.writer(), tx.account()).await?)
}

/// The job: takes keys away whose day is over. Says how many.
pub async fn purge(gate: &Gate) -> Result<u64, Failure<Never>> {
    purge_due(gate, None).await
}

async fn purge_due(gate: &Gate, holder: Option<Uuid>) -> Result<u64, Failure<Never>> {
    let (now, mut gone) = (gate.clock().now(), 0);
    loop {
        let tx = gate.database().begin().await?;
        let some = store::purge(&tx, now, holder, PURGED_AT_ONCE).await?;
        tx.commit().await?;
        gone += some;
        if some < PURGED_AT_ONCE {
            return Ok(gone);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Known {
        Known {
            body: Digest::of(&[b"body"]),
            operation: None,
            settled: false,
            answer: None,
            held_until: Timestamp::from_micros(10),
            expires_at: Timestamp::from_micros(100),
        }
    }

    fn decided(known: Known, now: i64) -> Option<Claimed> {
        known.decide(&Digest::of(&[b"body"]), Timestamp::from_micros(now))
    }

    /// LIF-6: what a key stands for, in every state that a crash can leave it in.
    #[test]
    fn lif_6_a_key_is_run_again_only_where_nothing_took_effect() {
        let operation = OperationId::new();
        assert_eq!(decided(known(), 9), Some(Claimed::UnderWay));
        assert_eq!(decided(known(), 10), None);
        let took = Known { operation: Some(operation), ..known() };
        assert_eq!(decided(took.clone(), 9), Some(Claimed::UnderWay), "its answer may be on its way");
        assert_eq!(decided(took.clone(), 10), Some(Claimed::TookEffect(operation)));
        assert_eq!(decided(Known { settled: true, ..took.clone() }, 9), Some(Claimed::TookEffect(operation)));
        let answered = Known { settled: true, answer: Some("{}".into()), ..took };
        assert_eq!(decided(answered.clone(), 99), Some(Claimed::Answered("{}".into())));
        assert_eq!(decided(Known { settled: true, ..known() }, 9), None, "a forgotten refusal");
        assert_eq!(decided(answered.clone(), 100), None, "its day is over");
        let other = answered.decide(&Digest::of(&[b"other"]), Timestamp::from_micros(9));
        assert_eq!(other, Some(Claimed::OtherBody));
    }
}
