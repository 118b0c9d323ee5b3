//! A write in a workspace. There is no other door: whoever holds one has proved an authority under the stream's lock.
//!
//! Never takes a second workspace, and never ends with changed rows and no event (EVT-1).

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use sea_orm::DatabaseTransaction;

use super::answers::Claim;
use super::commit::{self, Committed, Ending};
use super::failure::{Failure, Never};
use super::gate::{Gate, Opened};
use super::proof::WorkspaceProof;
use crate::platform::journal::{NewEvent, StreamId, create_stream, lock_account_streams};
use crate::primitives::actor::{Actor, Origin};
use crate::primitives::ids::{AccountId, OperationId, WorkspaceId};
use crate::primitives::time::Timestamp;

/// A transaction in one workspace, holding its lock. Dropped, it changes nothing.
pub struct WorkspaceTx {
    gate: Gate,
    opened: Opened,
    workspace: WorkspaceId,
    proof: Option<WorkspaceProof>,
    news: Vec<NewEvent>,
    account_news: BTreeMap<AccountId, Vec<NewEvent>>,
    written: AtomicBool,
}

impl WorkspaceTx {
    pub(super) const fn new(
        gate: Gate,
        opened: Opened,
        workspace: WorkspaceId,
        proof: Option<WorkspaceProof>,
    ) -> Self {
        Self {
            gate,
            opened,
            workspace,
            proof,
            news: Vec::new(),
            account_news: BTreeMap::new(),
            written: AtomicBool::new(false),
        }
    }

    /// The workspace that every store function works in.
    pub const fn workspace(&self) -> WorkspaceId {
        self.workspace
    }

    /// The time of everything that this transaction does.
    pub const fn now(&self) -> Timestamp {
        self.opened.authorship.now
    }

    pub const fn actor(&self) -> Actor {
        self.opened.authorship.actor
    }

    pub const fn origin(&self) -> Origin {
        self.opened.authorship.origin
    }

    pub const fn operation(&self) -> OperationId {
        self.opened.authorship.operation
    }

    /// The number that the next announced event will get.
    pub fn next_seq(&self) -> i64 {
        self.opened.stream.seq + 1 + i64::try_from(self.news.len()).unwrap_or(i64::MAX)
    }

    /// Who acts, as proved under the lock. Only a transaction opened by a member or key has one.
    pub fn proof<R>(&self) -> Result<&WorkspaceProof, Failure<R>> {
        self.proof
            .as_ref()
            .ok_or_else(|| Failure::Internal("no member stands behind this transaction".into()))
    }

    /// Names the account whose link was proved inside.
    pub const fn act_as(&mut self, actor: Actor) {
        self.opened.authorship.actor = actor;
    }

    /// A call that concerns many members acts with origin `BULK`, unless a key already makes it `AUTOMATION`.
    pub fn act_in_bulk(&mut self) {
        if self.opened.authorship.origin == Origin::AdminDirect {
            self.opened.authorship.origin = Origin::Bulk;
        }
    }

    /// For reading.
    pub const fn reader(&self) -> &DatabaseTransaction {
        &self.opened.tx
    }

    /// For changing rows: from here on the commit wants an event.
    pub fn writer(&self) -> &DatabaseTransaction {
        self.written.store(true, Ordering::Relaxed);
        &self.opened.tx
    }

    /// Holds a person's stream from here on: nothing about their account changes until this transaction has ended. At
    /// most one person in a transaction, for streams are locked in ascending order.
    pub async fn hold_person<R>(&self, account: AccountId) -> Result<(), Failure<R>> {
        lock_account_streams(self.reader(), &[account]).await?;
        Ok(())
    }

    /// Announces an event of this workspace. It gets its number at the commit.
    pub fn announce(&mut self, event: NewEvent) {
        self.news.push(event);
    }

    /// Announces an event to a person, on the stream of their account.
    pub fn announce_to(&mut self, account: AccountId, event: NewEvent) {
        self.account_news.entry(account).or_default().push(event);
    }

    /// Makes the stream of an account that this transaction creates.
    pub async fn create_account_stream(&self, account: AccountId) -> Result<(), Failure<Never>> {
        create_stream(self.writer(), StreamId::Account(account), self.now()).await?;
        Ok(())
    }

    /// Makes the change true, with its events, even when the caller has gone away meanwhile.
    pub async fn commit(self) -> Result<Committed, Failure<Never>> {
        let silent = self.news.is_empty() && self.account_news.is_empty();
        debug_assert!(
            !(silent && self.written.load(Ordering::Relaxed)),
            "rows changed and no event said so (EVT-1)"
        );
        let claim = self.gate.claim();
        self.end(claim).await
    }

    /// Keeps the record of a refused attempt, and no change (BLK-10).
    pub async fn commit_refusal(self) -> Result<Committed, Failure<Never>> {
        self.end(None).await
    }

    async fn end(self, claim: Option<Claim>) -> Result<Committed, Failure<Never>> {
        let ending = Ending { opened: self.opened, news: self.news, account_news: self.account_news, claim };
        commit::commit(self.gate, ending).await
    }
}
