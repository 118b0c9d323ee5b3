//! Checks that arrive together share one statement.
//!
//! Never adds a request to a statement that was already sent: the waiting ones are taken in the same moment in which
//! their statement is made.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::oneshot;

use super::rows::Found;
use super::{Source, judge, rows};
use crate::access::proof::{Proof, Refusal};
use crate::primitives::secret::{SecretHash, SecretKind};

/// Most credentials in one statement.
const BATCH_MAX: usize = 64;
/// Statements under way at once; while they are, newcomers gather for the next.
const STATEMENTS_MAX: usize = 2;

pub(super) type Answer = Result<Proof, Refusal>;

/// The checks of one kind of credential.
#[derive(Debug)]
pub(super) struct Lane {
    kind: SecretKind,
    state: Arc<Mutex<State>>,
    counts: Arc<Counts>,
}

/// What a lane has done since the start.
#[derive(Debug, Default)]
struct Counts {
    checks: AtomicU64,
    statements: AtomicU64,
}

#[derive(Debug, Default)]
struct State {
    waiting: Vec<(SecretHash, oneshot::Sender<Answer>)>,
    running: usize,
    #[cfg(feature = "planted-bugs")]
    flying: super::planted::Flying,
}

impl Lane {
    pub(super) fn new(kind: SecretKind) -> Self {
        Self { kind, state: Arc::default(), counts: Arc::default() }
    }

    /// Checks asked for, and statements sent for them.
    pub(super) fn counts(&self) -> (u64, u64) {
        (self.counts.checks.load(Ordering::Relaxed), self.counts.statements.load(Ordering::Relaxed))
    }

    pub(super) async fn check(&self, source: &Source, token: SecretHash) -> Answer {
        let (sender, receiver) = oneshot::channel();
        self.counts.checks.fetch_add(1, Ordering::Relaxed);
        if self.join(token, sender) {
            // Apart from the caller, who may go away while others wait for the same statement.
            let (state, counts) = (Arc::clone(&self.state), Arc::clone(&self.counts));
            tokio::spawn(drain(self.kind, state, counts, source.clone()));
        }
        receiver.await.unwrap_or(Err(Refusal::Unavailable))
    }

    /// Queues a check; true when somebody has to start working on the queue.
    fn join(&self, token: SecretHash, sender: oneshot::Sender<Answer>) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        #[cfg(feature = "planted-bugs")]
        let Some(sender) = state.flying.join(token, sender) else { return false };
        state.waiting.push((token, sender));
        let start = state.running < STATEMENTS_MAX;
        state.running += usize::from(start);
        start
    }
}

/// Takes what waits, or ends its turn when nothing does.
fn take(state: &Mutex<State>) -> Option<Vec<(SecretHash, oneshot::Sender<Answer>)>> {
    let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
    if state.waiting.is_empty() {
        state.running -= 1;
        return None;
    }
    let count = state.waiting.len().min(BATCH_MAX);
    let batch: Vec<_> = state.waiting.drain(..count).collect();
    #[cfg(feature = "planted-bugs")]
    state.flying.sent(batch.iter().map(|(token, _)| *token));
    Some(batch)
}

async fn drain(kind: SecretKind, state: Arc<Mutex<State>>, counts: Arc<Counts>, source: Source) {
    // Whoever is ready to ask at this moment joins first. Nobody is waited for.
    tokio::task::yield_now().await;
    while let Some(batch) = take(&state) {
        let mut tokens: Vec<SecretHash> = batch.iter().map(|(token, _)| *token).collect();
        tokens.sort_unstable();
        tokens.dedup();
        counts.statements.fetch_add(1, Ordering::Relaxed);
        let found = ask(kind, &source, &tokens).await;
        let now = source.clock.now();
        for (token, sender) in batch {
            let answer = match &found {
                None => Err(Refusal::Unavailable),
                Some(rows) => match rows.get(&token) {
                    None => Err(Refusal::Unknown),
                    Some(row) => judge::judge(row.clone(), token, now, source.ages),
                },
            };
            #[cfg(feature = "planted-bugs")]
            state.lock().unwrap_or_else(PoisonError::into_inner).flying.answered(token, &answer);
            // Whoever asked may have gone away.
            let _ = sender.send(answer);
        }
    }
}

async fn ask(kind: SecretKind, source: &Source, tokens: &[SecretHash]) -> Option<HashMap<SecretHash, Found>> {
    let asked = rows::find(source.database.checker(), kind, tokens);
    match tokio::time::timeout(source.deadline, asked).await {
        Ok(Ok(found)) => Some(found),
        Ok(Err(error)) => {
            tracing::warn!(%error, "sessions could not be checked");
            None
        }
        Err(_) => {
            tracing::warn!("the database did not answer a session check in time");
            None
        }
    }
}
