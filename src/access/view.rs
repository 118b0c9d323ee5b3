//! Reading in a workspace, or as a person: proven by the session check, cheap to clone, asking for permissions without
//! I/O.
//!
//! Never reads another tenant's rows: the workspace comes from the proof, and store functions take it from here.

use std::sync::Arc;

use super::failure::Failure;
use super::proof::{AccountProof, WorkspaceProof};
use crate::platform::database::{Database, ReadPool};
use crate::platform::journal::StreamId;
use crate::primitives::ids::{AccountId, WorkspaceId};
use crate::primitives::rights::Permission;
use crate::primitives::time::Timestamp;

/// The sight of somebody in a workspace. The stream's head in its proof was read before anything that it shows, so
/// that whoever lists and then subscribes after that cursor misses nothing.
#[derive(Clone)]
pub struct WorkspaceView {
    database: Database,
    proof: Arc<WorkspaceProof>,
    now: Timestamp,
}

impl WorkspaceView {
    pub const fn new(database: Database, proof: Arc<WorkspaceProof>, now: Timestamp) -> Self {
        Self { database, proof, now }
    }

    pub fn workspace(&self) -> WorkspaceId {
        self.proof.workspace
    }

    pub fn proof(&self) -> &WorkspaceProof {
        &self.proof
    }

    pub fn allows(&self, permission: Permission) -> bool {
        self.proof.allows(permission)
    }

    pub fn require<R>(&self, permission: Permission) -> Result<(), Failure<R>> {
        if self.allows(permission) { Ok(()) } else { Err(Failure::Forbidden) }
    }

    pub const fn reader(&self) -> &ReadPool {
        self.database.reader()
    }

    /// The time of the request: what an invitation's expiry is compared with (INV-2).
    pub const fn now(&self) -> Timestamp {
        self.now
    }
}

/// The sight of a person of their own things.
#[derive(Clone)]
pub struct AccountView {
    database: Database,
    account: AccountId,
    proof: Option<Arc<AccountProof>>,
    /// The last number of the person's stream, read before anything that this view shows.
    head: i64,
    now: Timestamp,
}

impl AccountView {
    /// The sight of somebody signed in as a person.
    pub fn new(database: Database, proof: Arc<AccountProof>, now: Timestamp) -> Self {
        Self { database, account: proof.account, head: proof.head, proof: Some(proof), now }
    }

    /// The same person's sight through a workspace session: account, memberships and notices only (docs/api.md, "Credentials").
    pub fn through_workspace(view: &WorkspaceView) -> Self {
        let proof = &view.proof;
        Self {
            database: view.database.clone(),
            account: proof.account,
            proof: None,
            head: proof.account_head,
            now: view.now,
        }
    }

    /// The person's stream, and its last number before anything that this view shows.
    pub const fn place(&self) -> (StreamId, i64) {
        (StreamId::Account(self.account), self.head)
    }

    pub const fn account(&self) -> AccountId {
        self.account
    }

    /// The account session, where there is one.
    pub fn proof(&self) -> Option<&AccountProof> {
        self.proof.as_deref()
    }

    pub const fn reader(&self) -> &ReadPool {
        self.database.reader()
    }

    pub const fn now(&self) -> Timestamp {
        self.now
    }
}
