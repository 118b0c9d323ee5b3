//! Two ways to answer a check from the past, for the fault harness to find. Compiled with `planted-bugs` alone.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::Instant;

use super::batch::Answer;
use crate::access::proof::Proof;
use crate::planted::{self, Bug};
use crate::primitives::secret::SecretHash;

const REMEMBERED: Duration = Duration::from_secs(1);

static YES: Mutex<Vec<(SecretHash, Instant, Proof)>> = Mutex::new(Vec::new());

/// A "yes" of up to a second ago.
pub(super) fn remembered(token: SecretHash) -> Option<Proof> {
    let mut yes = YES.lock().unwrap_or_else(PoisonError::into_inner);
    yes.retain(|(_, since, _)| since.elapsed() < REMEMBERED);
    yes.iter().find(|(known, ..)| *known == token).map(|(.., proof)| proof.clone())
}

pub(super) fn remember(token: SecretHash, answer: &Answer) {
    if let (true, Ok(proof)) = (planted::is(Bug::AllowCache), answer) {
        YES.lock().unwrap_or_else(PoisonError::into_inner).push((token, Instant::now(), proof.clone()));
    }
}

/// Statements that were sent, by what they ask for, with those who joined them since.
#[derive(Debug, Default)]
pub(super) struct Flying(HashMap<SecretHash, Vec<oneshot::Sender<Answer>>>);

impl Flying {
    /// Joins a statement under way that asks for the same; gives the sender back where there is none.
    pub(super) fn join(
        &mut self,
        token: SecretHash,
        sender: oneshot::Sender<Answer>,
    ) -> Option<oneshot::Sender<Answer>> {
        match self.0.get_mut(&token).filter(|_| planted::is(Bug::JoinInFlight)) {
            Some(joined) => {
                joined.push(sender);
                None
            }
            None => Some(sender),
        }
    }

    pub(super) fn sent(&mut self, tokens: impl Iterator<Item = SecretHash>) {
        tokens.for_each(|token| _ = self.0.entry(token).or_default());
    }

    pub(super) fn answered(&mut self, token: SecretHash, answer: &Answer) {
        for sender in self.0.remove(&token).unwrap_or_default() {
            let _ = sender.send(answer.clone());
        }
    }
}
