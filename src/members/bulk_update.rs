//! One operation on many members, each answered for itself, in order: `bulkUpdateMembers` for everything but
//! invitations.
//!
//! Never knows a rule of its own: the table decides each row, and each operation's own file changes it.

use super::act::MemberRefusal;
use super::assignments::Assignment;
use super::bulk::{Bulk, BulkCallRefusal, BulkRefusal, BulkRows};
use super::departing::leaver;
use super::lifecycle::Operation;
use super::lose::lose;
use super::member::{Member, Reason};
use super::remove::take_out;
use super::works::Works;
use super::{block, deactivate, reactivate, set_assignments, set_role};
use crate::access::{Committed, Failure, Gate, WorkspaceProof};
use crate::assets::{Destination, DisposeRefusal, Partings};
use crate::primitives::ids::RoleId;
use crate::primitives::rights::Permission;
use crate::roles::{self, Role};

/// What is to be done with each of them.
#[derive(Clone, Debug)]
pub enum BulkOperation {
    Block(Reason),
    /// Refused row by row: only an admin's own hand lifts a block (BLK-7). Whoever tries is on record.
    Unblock,
    Deactivate(Reason),
    Reactivate,
    /// With where everything goes that they own; without it the policy decides.
    Remove(Reason, Option<Destination>),
    /// With what they are to work on; left out, what they have stays.
    SetRole(RoleId, Option<Vec<Assignment>>),
    SetAssignments(Vec<Assignment>),
}

/// The members after the change, in the order of the call, and the place in the stream.
#[derive(Clone, Debug)]
pub struct BulkUpdated {
    pub rows: Vec<Result<Member, BulkRefusal>>,
    pub committed: Committed,
}

impl BulkOperation {
    const fn kind(&self) -> (Operation, Permission) {
        match self {
            Self::Block(_) => (Operation::Block, Permission::BlockMembers),
            Self::Unblock => (Operation::Unblock, Permission::UnblockMembers),
            Self::Deactivate(_) => (Operation::Deactivate, Permission::DeactivateMembers),
            Self::Reactivate => (Operation::Reactivate, Permission::ReactivateMembers),
            Self::Remove(..) => (Operation::Remove, Permission::RemoveMembers),
            Self::SetRole(..) => (Operation::SetRole, Permission::SetMemberRoles),
            Self::SetAssignments(_) => (Operation::SetAssignments, Permission::SetMemberAssignments),
        }
    }
}

pub async fn bulk_update(
    gate: &Gate,
    proof: &WorkspaceProof,
    rows: &BulkRows,
    operation: BulkOperation,
) -> Result<BulkUpdated, Failure<BulkCallRefusal>> {
    let (kind, permission) = operation.kind();
    let mut bulk = Bulk::open(gate, proof, permission, kind, rows).await?;
    let mut change = Change::prepare(&mut bulk, operation).await?;
    let mut results = Vec::with_capacity(rows.members().len());
    for id in rows.members() {
        let result = match bulk.admit(*id) {
            Ok(member) => change.make(&mut bulk, member).await.or_else(|failure| failure.split().map(Err))?,
            Err(refusal) => Err(refusal),
        };
        results.push(result);
    }
    if let Change::Remove(_, partings) = change {
        lose(bulk.tx(), &partings.list_lost(), partings.gone()).await?;
        partings.give(bulk.tx()).await?;
    }
    let committed = bulk.commit(gate, proof).await?;
    Ok(BulkUpdated { rows: results, committed })
}

/// An operation with what all its rows need, read once.
enum Change {
    Block(Reason),
    Unblock,
    Deactivate(Reason),
    Reactivate,
    Remove(Reason, Partings),
    SetRole(Role, Option<Vec<Assignment>>, Works),
    SetAssignments(Vec<Assignment>, Works),
}

impl Change {
    async fn prepare(bulk: &mut Bulk, operation: BulkOperation) -> Result<Self, Failure<BulkCallRefusal>> {
        let (members, undecided) = (bulk.found(), bulk.policy().undecided_assets);
        let tx = bulk.tx();
        Ok(match operation {
            BulkOperation::Block(reason) => Self::Block(reason),
            BulkOperation::Unblock => Self::Unblock,
            BulkOperation::Deactivate(reason) => Self::Deactivate(reason),
            BulkOperation::Reactivate => Self::Reactivate,
            BulkOperation::Remove(reason, everything) => {
                let partings = Partings::begin(tx, &members, (everything, undecided)).await;
                Self::Remove(reason, partings.map_err(|failure| failure.map(BulkCallRefusal::Assets))?)
            }
            BulkOperation::SetRole(role, wanted) => {
                let role = roles::find(tx.reader(), tx.workspace(), role).await?;
                let role = role.ok_or(Failure::NotFound { field: "input.roleId" })?;
                if role.is_admin && tx.proof()?.is_key() {
                    return Err(Failure::Refused(BulkCallRefusal::AdminRoleByKey));
                }
                let works = Works::load(tx, &members, wanted.as_deref().unwrap_or_default()).await?;
                Self::SetRole(role, wanted, works)
            }
            BulkOperation::SetAssignments(wanted) => {
                let works = Works::load(tx, &members, &wanted).await?;
                Self::SetAssignments(wanted, works)
            }
        })
    }

    /// Changes a member whom the table allows it for.
    async fn make(&mut self, bulk: &mut Bulk, mut member: Member) -> Result<Row, Failure<BulkRefusal>> {
        let (round, before) = (&mut bulk.round, member.is_active_admin());
        let made = match self {
            Self::Block(reason) => block::lay(round, &mut member, reason, None).await,
            Self::Deactivate(reason) => deactivate::lay_down(round, &mut member, reason).await,
            Self::Reactivate => reactivate::bring_in(round, &mut member).await,
            Self::SetRole(role, wanted, works) => {
                set_role::give(round, &mut member, role, (wanted.as_deref(), works)).await
            }
            Self::SetAssignments(wanted, works) => set_assignments::set(round, &mut member, wanted, works),
            Self::Remove(reason, partings) => {
                round.keep_an_admin(&member).await.map_err(of_member)?;
                let leaver = leaver(&member)?;
                let given = partings.announce(&mut round.tx, leaver).await;
                given.map_err(|failure: Failure<DisposeRefusal>| failure.map(BulkRefusal::Assets))?;
                take_out(round, &mut member, leaver, reason).await?;
                Ok(())
            }
            Self::Unblock => Err(Failure::Internal(format!("{} was to be unblocked in bulk", member.id))),
        };
        made.map_err(of_member)?;
        bulk.round.count_admins(before, member.is_active_admin());
        Ok(Ok(member))
    }
}

type Row = Result<Member, BulkRefusal>;

fn of_member(failure: Failure<MemberRefusal>) -> Failure<BulkRefusal> {
    failure.map(BulkRefusal::Member)
}
