//! A write to one person's account: the like of a [`super::workspace_tx::WorkspaceTx`] on the account's stream.
//!
//! Never takes a workspace: a transaction that starts from an account would lock in the wrong order.

use std::collections::BTreeMap;

use sea_orm::DatabaseTransaction;

use super::commit::{self, Committed, Ending};
use super::failure::{Failure, Never};
use super::gate::{Gate, Opened};
use crate::platform::journal::NewEvent;
use crate::primitives::ids::AccountId;
use crate::primitives::time::Timestamp;

/// A transaction on one account, holding its stream's lock. Dropped, it changes nothing.
pub struct AccountTx {
    gate: Gate,
    opened: Opened,
    account: AccountId,
    news: Vec<NewEvent>,
}

impl AccountTx {
    pub(super) const fn new(gate: Gate, opened: Opened, account: AccountId) -> Self {
        Self { gate, opened, account, news: Vec::new() }
    }

    pub const fn account(&self) -> AccountId {
        self.account
    }

    /// The time of everything that this transaction does.
    pub const fn now(&self) -> Timestamp {
        self.opened.authorship.now
    }

    /// For reading.
    pub const fn reader(&self) -> &DatabaseTransaction {
        &self.opened.tx
    }

    /// For changing rows.
    pub const fn writer(&self) -> &DatabaseTransaction {
        &self.opened.tx
    }

    /// Announces an event on this person's stream.
    pub fn announce(&mut self, event: NewEvent) {
        self.news.push(event);
    }

    /// Makes the change true, with its events, even when the caller has gone away meanwhile.
    pub async fn commit(self) -> Result<Committed, Failure<Never>> {
        debug_assert!(!self.news.is_empty(), "an account changed and no event said so (EVT-1)");
        let claim = self.gate.claim();
        let ending = Ending { opened: self.opened, news: self.news, account_news: BTreeMap::new(), claim };
        commit::commit(self.gate, ending).await
    }
}
