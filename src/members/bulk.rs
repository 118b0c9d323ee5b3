//! A call on many members: opened once, asked row by row, committed once (WSP-6, BLK-7, BLK-10).
//!
//! Never acts as anything but a bulk call, were it on one member alone: what only an admin's own hand may do, it may not.
//! The refused attempts are on record in a transaction of their own.

use std::collections::{HashMap, HashSet};

use super::act::MemberRefusal;
use super::attempts::{self, Tried};
use super::lifecycle::{Asker, Asking, Operation, decide};
use super::member::Member;
use super::round::Round;
use super::store;
use crate::access::{Committed, Failure, Gate, WorkspaceProof, WorkspaceTx};
use crate::assets::DisposeRefusal;
use crate::policy::{self, Policy};
use crate::primitives::ids::MemberId;
use crate::primitives::rights::Permission;

/// Whom a bulk call is about, in the order of the call.
#[derive(Clone, Debug)]
pub struct BulkRows(Vec<MemberId>);

/// Why a whole call is refused.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum BulkCallRefusal {
    /// Nobody is named.
    Empty,
    /// More than one call may have.
    TooMany { rows: usize, most: usize },
    /// API-3.
    AdminRoleByKey,
    /// Who was to be given everything can't be.
    Assets(DisposeRefusal),
}

/// Why one row is refused. The others don't care.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum BulkRefusal {
    /// No such member in this workspace (WSP-8).
    Unknown,
    /// An earlier row is about the same member.
    Twice,
    Member(MemberRefusal),
    Assets(DisposeRefusal),
}

impl BulkRows {
    pub fn new(members: Vec<MemberId>, most: usize) -> Result<Self, BulkCallRefusal> {
        match members.len() {
            0 => Err(BulkCallRefusal::Empty),
            rows if rows > most => Err(BulkCallRefusal::TooMany { rows, most }),
            _ => Ok(Self(members)),
        }
    }

    pub fn members(&self) -> &[MemberId] {
        &self.0
    }
}

/// An open bulk call of one operation.
pub struct Bulk {
    pub(super) round: Round,
    operation: Operation,
    /// Who asks, or made the asking key (WSP-7).
    own: MemberId,
    found: HashMap<MemberId, Member>,
    asked: HashSet<MemberId>,
    /// Whom a row tried to bring back round their block (BLK-10).
    tried: Tried,
}

impl Bulk {
    /// Opens by the operation's own permission, beside the one that every bulk call asks for.
    pub async fn open<R>(
        gate: &Gate,
        proof: &WorkspaceProof,
        permission: Permission,
        operation: Operation,
        rows: &BulkRows,
    ) -> Result<Self, Failure<R>> {
        let mut tx = gate.by_permission(proof, permission).await?;
        if !tx.proof()?.allows(Permission::ManageMembers) {
            return Err(Failure::Forbidden);
        }
        tx.act_in_bulk();
        let (db, workspace, own) = (tx.reader(), tx.workspace(), tx.proof()?.member);
        let found = store::load_many(db, workspace, rows.members()).await?;
        let found: HashMap<MemberId, Member> = found.into_iter().map(|member| (member.id, member)).collect();
        let policy = policy::load(db, workspace).await?;
        let round = Round::new(tx, policy, found.keys().copied().collect());
        Ok(Self { round, operation, own, found, asked: HashSet::new(), tried: Tried::default() })
    }

    pub const fn tx(&mut self) -> &mut WorkspaceTx {
        &mut self.round.tx
    }

    pub const fn policy(&self) -> &Policy {
        &self.round.policy
    }

    /// Those of the rows that are members here.
    pub fn found(&self) -> Vec<MemberId> {
        self.found.keys().copied().collect()
    }

    /// The member of the next row, if the table allows the operation for them (LIF-1).
    pub fn admit(&mut self, id: MemberId) -> Result<Member, BulkRefusal> {
        if !self.asked.insert(id) {
            return Err(BulkRefusal::Twice);
        }
        let member = self.found.get(&id).cloned().ok_or(BulkRefusal::Unknown)?;
        let (now, tx, policy) = (self.round.tx.now(), &self.round.tx, self.round.policy.lifecycle());
        let standing = member.standing(now, id == self.own);
        match decide(self.operation, &standing, Asking::new(Asker::Admin, tx.origin()), &policy, now) {
            Ok(_) => Ok(member),
            Err(refusal) => {
                if refusal.is_recorded() {
                    self.tried.note(Some(id));
                }
                let blocked_at = member.block.map(|block| block.at);
                Err(BulkRefusal::Member(MemberRefusal::Lifecycle { refusal, blocked_at }))
            }
        }
    }

    /// Makes all rows true that were allowed, and puts on record what was tried besides.
    pub async fn commit<R: std::fmt::Debug>(
        self,
        gate: &Gate,
        proof: &WorkspaceProof,
    ) -> Result<Committed, Failure<R>> {
        let origin = self.round.tx.origin();
        let committed = self.round.commit().await?;
        let changed = !committed.events.is_empty();
        attempts::record_beside(gate, (proof, origin), self.tried, (self.operation, changed)).await?;
        Ok(committed)
    }
}
