//! The only doors to writing: each says by what authority, and proves it after the stream's lock is held (REV-3).
//!
//! Never opens a transaction for somebody whose session was only checked before the wait for the lock.

use std::sync::{Arc, PoisonError, RwLock};

use sea_orm::DatabaseTransaction;

use super::account_tx::AccountTx;
use super::answers::Claim;
use super::check::Checker;
use super::failure::Failure;
use super::proof::{AccountProof, Entry, Proof, Refusal, WorkspaceProof};
use super::queue::{StreamQueue, Turn};
use super::workspace_tx::WorkspaceTx;
use crate::platform::database::Database;
use crate::platform::journal::{self, Event, LockedStream, StreamId};
use crate::primitives::actor::{Actor, Origin};
use crate::primitives::cursor::{Epoch, EventCursor};
use crate::primitives::ids::{AccountId, OperationId, WorkspaceId};
use crate::primitives::rights::Permission;
use crate::primitives::secret::{SecretHash, SecretKind};
use crate::primitives::time::Clock;

/// Where committed events go: this server's hub, and the bus to the others.
pub type Outlet = Arc<dyn Fn(Vec<Arc<Event>>) + Send + Sync>;

/// Opens transactions. Clones share everything.
#[derive(Clone)]
pub struct Gate {
    inner: Arc<Inner>,
    /// What is committed through this gate takes effect under an idempotency key (LIF-6).
    claim: Option<Claim>,
}

struct Inner {
    database: Database,
    clock: Clock,
    checker: Checker,
    outlet: Outlet,
    epoch: RwLock<Epoch>,
    queue: StreamQueue,
}

/// A transaction that holds its stream's lock, before it is known by what authority.
pub(super) struct Opened {
    pub(super) tx: DatabaseTransaction,
    pub(super) stream: LockedStream,
    pub(super) authorship: journal::Authorship,
    /// This server's turn at the stream; the next in line goes on when it is dropped, after the commit.
    pub(super) turn: Option<Turn>,
    /// The transaction makes the stream itself.
    pub(super) is_new: bool,
}

impl Gate {
    pub fn new(database: Database, clock: Clock, checker: Checker, epoch: Epoch, outlet: Outlet) -> Self {
        let queue = StreamQueue::default();
        let inner = Inner { database, clock, checker, outlet, epoch: RwLock::new(epoch), queue };
        Self { inner: Arc::new(inner), claim: None }
    }

    /// The same gate for one run of a call under an idempotency key: each commit through it marks the key, and none
    /// happens that the run has lost the key for.
    #[must_use]
    pub fn under(&self, claim: Claim) -> Self {
        Self { inner: Arc::clone(&self.inner), claim: Some(claim) }
    }

    pub(super) const fn claim(&self) -> Option<Claim> {
        self.claim
    }

    pub fn database(&self) -> &Database {
        &self.inner.database
    }

    pub fn clock(&self) -> &Clock {
        &self.inner.clock
    }

    pub fn checker(&self) -> &Checker {
        &self.inner.checker
    }

    pub(super) fn outlet(&self) -> &Outlet {
        &self.inner.outlet
    }

    /// Which history this server believes to be in.
    pub fn epoch(&self) -> Epoch {
        *self.inner.epoch.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Another history has begun: a restored backup, or a failover.
    pub fn set_epoch(&self, epoch: Epoch) {
        *self.inner.epoch.write().unwrap_or_else(PoisonError::into_inner) = epoch;
    }

    /// The cursor of a place in a stream.
    pub fn cursor(&self, stream: StreamId, seq: i64) -> EventCursor {
        EventCursor { epoch: self.epoch(), stream: stream.as_uuid(), seq }
    }

    /// Opens by the authority of a member (or key) that holds a permission.
    pub async fn by_permission<R>(
        &self,
        proof: &WorkspaceProof,
        permission: Permission,
    ) -> Result<WorkspaceTx, Failure<R>> {
        let tx = self.by_membership(proof).await?;
        if tx.proof()?.allows(permission) { Ok(tx) } else { Err(Failure::Forbidden) }
    }

    /// Opens by the authority of somebody who acts on their own membership.
    pub async fn by_membership<R>(&self, proof: &WorkspaceProof) -> Result<WorkspaceTx, Failure<R>> {
        let origin = proof.origin();
        #[cfg(feature = "planted-bugs")]
        if crate::planted::is(crate::planted::Bug::LockAndReadAtOnce) {
            return self.by_membership_at_once(proof).await;
        }
        let opened = self.open(StreamId::Workspace(proof.workspace), proof.actor(), origin).await?;
        let fresh = self.prove(&opened, kind_of(proof), proof.token).await?;
        let Proof::Workspace(fresh) = fresh else { return Err(Failure::Unauthenticated(None)) };
        Ok(WorkspaceTx::new(self.clone(), opened, proof.workspace, Some(fresh)))
    }

    /// Opens by the authority of a signed-in person who is not (yet) in the workspace: who accepts or declines.
    pub async fn by_account<R>(
        &self,
        proof: &AccountProof,
        workspace: WorkspaceId,
    ) -> Result<(WorkspaceTx, AccountProof), Failure<R>> {
        let actor = Actor::Account(proof.account);
        let opened = self.open(StreamId::Workspace(workspace), actor, Origin::StandardFlow).await?;
        let fresh = self.prove_account(&opened, proof).await?;
        Ok((WorkspaceTx::new(self.clone(), opened, workspace, None), fresh))
    }

    /// Opens by the authority of a link that somebody holds. The caller proves the link inside, under the lock, and
    /// names the account that it belongs to with [`WorkspaceTx::act_as`].
    pub async fn by_link<R>(&self, workspace: WorkspaceId) -> Result<WorkspaceTx, Failure<R>> {
        let opened = self.open(StreamId::Workspace(workspace), Actor::System, Origin::StandardFlow).await?;
        Ok(WorkspaceTx::new(self.clone(), opened, workspace, None))
    }

    /// Opens a workspace that does not exist yet, for the person who founds it. Nothing about their account changes
    /// meanwhile: it can't be on its way to its end and founding at once, each not knowing of the other (WSP-6).
    pub async fn by_founder<R>(
        &self,
        proof: &AccountProof,
        workspace: WorkspaceId,
    ) -> Result<(WorkspaceTx, AccountProof), Failure<R>> {
        let actor = Actor::Account(proof.account);
        let opened = self.create(StreamId::Workspace(workspace), actor, Origin::StandardFlow).await?;
        journal::lock_account_streams(&opened.tx, &[proof.account]).await?;
        let fresh = self.prove_account(&opened, proof).await?;
        Ok((WorkspaceTx::new(self.clone(), opened, workspace, None), fresh))
    }

    /// Opens for a job of the product's own.
    pub async fn by_job<R>(&self, workspace: WorkspaceId) -> Result<WorkspaceTx, Failure<R>> {
        let opened = self.open(StreamId::Workspace(workspace), Actor::System, Origin::System).await?;
        Ok(WorkspaceTx::new(self.clone(), opened, workspace, None))
    }

    /// The same where the workspace may be gone meanwhile, and with it what there was to do.
    pub async fn find_by_job<R>(&self, workspace: WorkspaceId) -> Result<Option<WorkspaceTx>, Failure<R>> {
        match self.by_job(workspace).await {
            Err(Failure::Unauthenticated(_)) => Ok(None),
            opened => opened.map(Some),
        }
    }

    /// Opens to record what somebody tried and was refused (BLK-10): a transaction of its own, in their name.
    pub async fn by_witness<R>(
        &self,
        proof: &WorkspaceProof,
        origin: Origin,
    ) -> Result<WorkspaceTx, Failure<R>> {
        let mut opened = self.open(StreamId::Workspace(proof.workspace), proof.actor(), origin).await?;
        // Whoever has been put out since then does nothing more in the log, not even be seen trying.
        if self.prove::<R>(&opened, kind_of(proof), proof.token).await.is_err() {
            opened.authorship.actor = Actor::System;
        }
        Ok(WorkspaceTx::new(self.clone(), opened, proof.workspace, None))
    }

    /// Opens a person's own stream by their session.
    pub async fn own_account<R>(
        &self,
        proof: &AccountProof,
    ) -> Result<(AccountTx, AccountProof), Failure<R>> {
        let actor = Actor::Account(proof.account);
        let opened = self.open(StreamId::Account(proof.account), actor, Origin::StandardFlow).await?;
        let fresh = self.prove_account(&opened, proof).await?;
        Ok((AccountTx::new(self.clone(), opened, proof.account), fresh))
    }

    /// Opens a person's stream by a mailed link or a right password, which the caller proves inside.
    pub async fn account_by_evidence<R>(&self, account: AccountId) -> Result<AccountTx, Failure<R>> {
        let actor = Actor::Account(account);
        let opened = self.open(StreamId::Account(account), actor, Origin::StandardFlow).await?;
        Ok(AccountTx::new(self.clone(), opened, account))
    }

    /// Opens the stream of a person who does not exist yet.
    pub async fn new_account<R>(&self, account: AccountId) -> Result<AccountTx, Failure<R>> {
        let opened =
            self.create(StreamId::Account(account), Actor::Account(account), Origin::StandardFlow).await?;
        Ok(AccountTx::new(self.clone(), opened, account))
    }

    /// Opens a person's stream for a job of the product's own.
    pub async fn account_by_job<R>(&self, account: AccountId) -> Result<AccountTx, Failure<R>> {
        let opened = self.open(StreamId::Account(account), Actor::System, Origin::System).await?;
        Ok(AccountTx::new(self.clone(), opened, account))
    }

    async fn open<R>(&self, stream: StreamId, actor: Actor, origin: Origin) -> Result<Opened, Failure<R>> {
        let turn = self.inner.queue.turn(stream).await.ok_or(Failure::Unavailable)?;
        let tx = self.inner.database.begin().await?;
        let Some(stream) = journal::lock_stream(&tx, stream).await? else {
            return Err(Failure::Unauthenticated(None));
        };
        let authorship = self.authorship(&stream, actor, origin);
        Ok(Opened { tx, stream, authorship, turn: Some(turn), is_new: false })
    }

    async fn create<R>(&self, stream: StreamId, actor: Actor, origin: Origin) -> Result<Opened, Failure<R>> {
        let tx = self.inner.database.begin().await?;
        let stream = journal::create_stream(&tx, stream, self.inner.clock.now()).await?;
        let authorship = self.authorship(&stream, actor, origin);
        Ok(Opened { tx, stream, authorship, turn: None, is_new: true })
    }

    /// One statement that locks the stream and reads the session: what it reads was true before the wait.
    #[cfg(feature = "planted-bugs")]
    async fn by_membership_at_once<R>(&self, proof: &WorkspaceProof) -> Result<WorkspaceTx, Failure<R>> {
        let tx = self.inner.database.begin().await?;
        let asked = (kind_of(proof), proof.token);
        let fresh = self
            .inner
            .checker
            .check_locking(&tx, asked, self.inner.clock.now())
            .await
            .map_err(Failure::from)?;
        let stream = journal::lock_stream(&tx, StreamId::Workspace(proof.workspace)).await?;
        let stream = stream.ok_or(Failure::Unauthenticated(None))?;
        let authorship = self.authorship(&stream, proof.actor(), proof.origin());
        let Proof::Workspace(fresh) = fresh else { return Err(Failure::Unauthenticated(None)) };
        let opened = Opened { tx, stream, authorship, turn: None, is_new: false };
        Ok(WorkspaceTx::new(self.clone(), opened, proof.workspace, Some(fresh)))
    }

    /// The time is read here, after the lock, and never lies before the stream's last event.
    fn authorship(&self, stream: &LockedStream, actor: Actor, origin: Origin) -> journal::Authorship {
        let now = self.inner.clock.now().max(stream.last_at);
        journal::Authorship { operation: OperationId::new(), actor, origin, now }
    }

    async fn prove_account<R>(
        &self,
        opened: &Opened,
        proof: &AccountProof,
    ) -> Result<AccountProof, Failure<R>> {
        match self.prove(opened, SecretKind::AccountSession, proof.token).await? {
            Proof::Account(fresh) => Ok(fresh),
            Proof::Workspace(_) => Err(Failure::Unauthenticated(None)),
        }
    }

    async fn prove<R>(
        &self,
        opened: &Opened,
        kind: SecretKind,
        token: SecretHash,
    ) -> Result<Proof, Failure<R>> {
        // By the clock, as for every request, and not by the log's time: one event that a server with a wrong clock dated
        // ahead would make every session look expired.
        let now = self.inner.clock.now();
        let checked = self.inner.checker.check_in(&opened.tx, (kind, token), now).await;
        checked.map_err(Failure::from)
    }
}

impl<R> From<Refusal> for Failure<R> {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Unknown => Self::Unauthenticated(None),
            Refusal::Ended(end) => Self::Unauthenticated(Some(end)),
            Refusal::Unavailable => Self::Unavailable,
        }
    }
}

const fn kind_of(proof: &WorkspaceProof) -> SecretKind {
    match proof.entry {
        Entry::Session { .. } => SecretKind::WorkspaceSession,
        Entry::Key(_) => SecretKind::ApiKey,
    }
}
