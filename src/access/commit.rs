//! Ending a transaction: number the events, write them, commit, hand them to the bus; and find out what became of a
//! commit whose answer was lost.
//!
//! Never stops half-way because the caller went away, and never says "done" or "not done" without knowing.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use sea_orm::{DatabaseTransaction, DbErr};
use tokio::time::timeout;

use super::answers::{self, Claim};
use super::failure::{Failure, Never};
use super::gate::{Gate, Opened};
use crate::platform::database;
use crate::platform::journal::{self, Authorship, Event, LockedStream, NewEvent, StreamId};
use crate::primitives::cursor::EventCursor;
use crate::primitives::ids::AccountId;

/// How long the database may take to write the events, to commit, and to tell what became of a commit; each by itself.
/// Longer than anything there that waits for a lock.
const ANSWER_MAX: Duration = Duration::from_secs(10);

/// What a commit left behind.
#[derive(Clone, Debug)]
pub struct Committed {
    /// The stream's place after the change.
    pub cursor: EventCursor,
    pub events: Vec<Arc<Event>>,
}

/// Everything that is to be written at the end.
pub(super) struct Ending {
    pub(super) opened: Opened,
    pub(super) news: Vec<NewEvent>,
    /// For the streams of persons; locked after this one, in ascending order.
    pub(super) account_news: BTreeMap<AccountId, Vec<NewEvent>>,
    /// The idempotency key that takes effect with it; none for a refusal, which leaves nothing but its record.
    pub(super) claim: Option<Claim>,
}

pub(super) async fn commit(gate: Gate, ending: Ending) -> Result<Committed, Failure<Never>> {
    let finishing = tokio::spawn(finish(gate, ending));
    match finishing.await {
        Ok(done) => done,
        Err(error) => Err(Failure::Internal(format!("a commit broke off: {error}"))),
    }
}

async fn finish(gate: Gate, ending: Ending) -> Result<Committed, Failure<Never>> {
    let Ending { opened: Opened { tx, mut stream, authorship, turn, is_new }, news, account_news, claim } =
        ending;
    let writing = async {
        let events = append(&tx, &mut stream, authorship, (news, account_news)).await?;
        if let Some(claim) = claim {
            answers::mark(&tx, claim, authorship.operation).await?;
        }
        Ok::<_, Failure<Never>>(events)
    };
    // Nothing is committed yet: whatever was written goes with the transaction.
    let events = timeout(ANSWER_MAX, writing).await.unwrap_or(Err(Failure::Unavailable))?;
    if let Err(error) = commit_in_time(tx).await {
        if database::is_retryable(&error) {
            return Err(error.into());
        }
        tracing::warn!(%error, "the answer to a commit was lost");
        let resolving = resolve(&gate, (&stream, is_new), authorship, events.is_empty());
        timeout(ANSWER_MAX, resolving).await.unwrap_or(Err(Failure::OutcomeUnknown))?;
    }
    drop(turn);
    let events: Vec<Arc<Event>> = events.into_iter().map(Arc::new).collect();
    gate.outlet()(events.clone());
    Ok(Committed { cursor: gate.cursor(stream.id, stream.seq), events })
}

async fn commit_in_time(tx: DatabaseTransaction) -> Result<(), DbErr> {
    let late = |_| Err(DbErr::Custom("the database did not answer in time".into()));
    timeout(ANSWER_MAX, tx.commit()).await.unwrap_or_else(late)
}

/// Writes what was announced, all in as many statements as for one stream: to this one, and to persons.
async fn append(
    tx: &DatabaseTransaction,
    stream: &mut LockedStream,
    authorship: Authorship,
    (news, mut account_news): (Vec<NewEvent>, BTreeMap<AccountId, Vec<NewEvent>>),
) -> Result<Vec<Event>, Failure<Never>> {
    let accounts: Vec<AccountId> = account_news.keys().copied().collect();
    // A person who is gone has nobody left to tell.
    let mut locked = journal::lock_account_streams(tx, &accounts).await?;
    let theirs = locked.iter_mut().filter_map(|stream| {
        let StreamId::Account(account) = stream.id else { return None };
        account_news.remove(&account).map(|news| (stream, news))
    });
    let all = std::iter::once((stream, news)).chain(theirs).collect();
    Ok(journal::append(tx, all, authorship).await?)
}

/// After a lost answer: waits until the commit that may be under way has ended, and looks the operation up in the
/// journal. It still holds the stream's lock; or, where it made the stream, the place of its row.
async fn resolve(
    gate: &Gate,
    (stream, is_new): (&LockedStream, bool),
    authorship: Authorship,
    silent: bool,
) -> Result<(), Failure<Never>> {
    if silent {
        return Err(Failure::OutcomeUnknown);
    }
    let look = async {
        let tx = gate.database().begin().await?;
        if is_new {
            journal::await_creation(&tx, stream.id, authorship.now).await?;
        } else {
            journal::lock_stream(&tx, stream.id).await?;
        }
        let happened = !journal::find_operation(&tx, authorship.operation).await?.is_empty();
        if happened {
            // Seen is not yet safe: what waits for a synchronous standby is visible when its backend breaks off. A commit
            // that comes after it waits for both; without the lock it would have nothing to write and wait for nothing.
            journal::lock_stream(&tx, stream.id).await?;
            tx.commit().await?;
        }
        Ok::<_, DbErr>(happened)
    };
    match look.await {
        Ok(true) => Ok(()),
        Ok(false) => Err(Failure::Unavailable),
        Err(error) => {
            tracing::warn!(%error, "what became of a commit can't be found out now");
            Err(Failure::OutcomeUnknown)
        }
    }
}
