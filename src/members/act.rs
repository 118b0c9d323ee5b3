//! What every operation on one member does first: open by authority, find the member, ask the lifecycle table.
//!
//! Never changes anything but the record of a refused attempt.

use super::attempts;
use super::lifecycle::{Asker, Asking, LifecycleRefusal, Outcome, Request, decide};
use super::member::Member;
use super::seats::SeatsTaken;
use super::store;
use crate::access::{Failure, Gate, WorkspaceProof, WorkspaceTx};
use crate::policy::{self, Policy};
use crate::primitives::actor::MemberStatus;
use crate::primitives::ids::MemberId;
use crate::primitives::rights::Permission;
use crate::primitives::time::Timestamp;

/// Why an operation on a member is refused.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum MemberRefusal {
    /// The table says no (LIF-1); `blocked_at` is given where a block is the reason.
    Lifecycle { refusal: LifecycleRefusal, blocked_at: Option<Timestamp> },
    /// WSP-6.
    LastAdmin,
    /// SEAT-2: no seat is free.
    SeatsTaken(SeatsTaken),
    /// WSP-2: the role works on assigned assets and needs one.
    AssetsRequired,
    /// WSP-2: the role works on all assets and takes none.
    AssetsNotAllowed,
    /// No such asset in this workspace; its place in the list.
    AssetUnknown { index: usize },
    /// The same asset twice in one list.
    AssetTwice { index: usize },
    /// API-3.
    AdminRoleByKey,
}

impl From<SeatsTaken> for MemberRefusal {
    fn from(taken: SeatsTaken) -> Self {
        Self::SeatsTaken(taken)
    }
}

/// One operation on one member, allowed by the table and not yet done.
pub(super) struct Act {
    pub tx: WorkspaceTx,
    pub member: Member,
    pub outcome: Outcome,
    pub policy: Policy,
    /// Where the membership stood, for the event to tell from what it went over.
    pub was: MemberStatus,
}

/// Opens an operation on a member and lets the table decide it.
pub(super) async fn open(
    gate: &Gate,
    proof: &WorkspaceProof,
    permission: Permission,
    id: MemberId,
    request: Request,
) -> Result<Act, Failure<MemberRefusal>> {
    let tx = gate.by_permission(proof, permission).await?;
    let member = store::find(tx.reader(), tx.workspace(), id).await?;
    let member = member.ok_or(Failure::NotFound { field: "input.memberId" })?;
    let policy = policy::load(tx.reader(), tx.workspace()).await?;
    let is_self = tx.proof()?.member == member.id;
    match ask(&tx, &member, is_self, &policy, request) {
        Ok(outcome) => {
            let was = member.status(tx.now());
            Ok(Act { tx, member, outcome, policy, was })
        }
        Err(refusal) => refuse(tx, member, request, refusal).await,
    }
}

fn ask(
    tx: &WorkspaceTx,
    member: &Member,
    is_self: bool,
    policy: &Policy,
    request: Request,
) -> Result<Outcome, LifecycleRefusal> {
    let asking = Asking::new(Asker::Admin, tx.origin());
    decide(request, &member.standing(tx.now(), is_self), asking, &policy.lifecycle(), tx.now())
}

async fn refuse(
    tx: WorkspaceTx,
    member: Member,
    request: Request,
    refusal: LifecycleRefusal,
) -> Result<Act, Failure<MemberRefusal>> {
    if refusal.is_recorded() {
        attempts::record_and_end(tx, &member, request.operation()).await?;
    }
    let blocked_at = member.block.map(|block| block.at);
    Err(Failure::Refused(MemberRefusal::Lifecycle { refusal, blocked_at }))
}

/// WSP-6: whatever takes an active admin away needs another one to stay.
pub(super) async fn keep_an_admin(tx: &WorkspaceTx, member: &Member) -> Result<(), Failure<MemberRefusal>> {
    if member.is_active_admin() && store::count_other_active_admins(tx, member.id).await? == 0 {
        return Err(Failure::Refused(MemberRefusal::LastAdmin));
    }
    Ok(())
}
