//! Ending a transaction: number the events, write them, commit, hand them to the bus; and find out what became of a
//! commit whose answer was lost.
//!
//! Never stops half-way because the caller went away, and never says "done" or "not done" without knowing.

use std::collections::BTreeMap;
use std::sync::Arc;

use sea_orm::DatabaseTransaction;

use super::answers::{self, Claim};
use super::failure::{Failure, Never};
use super::gate::{Gate, Opened};
use crate::platform::database;
use crate::platform::journal::{self, Authorship, Event, LockedStream, NewEvent, StreamId};
use crate::primitives::cursor::EventCursor;
use crate::primitives::ids::AccountId;

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
    let mut events = journal::append(&tx, &mut stream, authorship, news).await?;
    events.extend(append_to_accounts(&tx, account_news, authorship).await?);
    if let Some(claim) = claim {
        answers::mark(&tx, claim, authorship.operation).await?;
    }
    if let Err(error) = tx.commit().await {
        if database::is_retryable(&error) {
            return Err(error.into());
        }
        tracing::warn!(%error, "the answer to a commit was lost");
        resolve(&gate, (&stream, is_new), authorship, events.is_empty()).await?;
    }
    drop(turn);
    let events: Vec<Arc<Event>> = events.into_iter().map(Arc::new).collect();
    gate.outlet()(events.clone());
    Ok(Committed { cursor: gate.cursor(stream.id, stream.seq), events })
}

async fn append_to_accounts(
    tx: &DatabaseTransaction,
    mut news: BTreeMap<AccountId, Vec<NewEvent>>,
    authorship: Authorship,
) -> Result<Vec<Event>, Failure<Never>> {
    if news.is_empty() {
        return Ok(Vec::new());
    }
    let accounts: Vec<AccountId> = news.keys().copied().collect();
    // A person who is gone has nobody left to tell.
    let mut locked = journal::lock_account_streams(tx, &accounts).await?;
    let theirs = locked.iter_mut().filter_map(|stream| {
        let StreamId::Account(account) = stream.id else { return None };
        news.remove(&account).map(|news| (stream, news))
    });
    let theirs = theirs.collect();
    Ok(journal::append_all(tx, theirs, authorship).await?)
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
        journal::find_operation(&tx, authorship.operation).await
    };
    match look.await {
        Ok(found) if !found.is_empty() => Ok(()),
        Ok(_) => Err(Failure::Unavailable),
        Err(error) => {
            tracing::warn!(%error, "what became of a commit can't be found out now");
            Err(Failure::OutcomeUnknown)
        }
    }
}
