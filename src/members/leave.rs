//! Leaving by oneself: out like a removal, but without a wait (section 4 of the rule book).
//!
//! Never takes anything along: what somebody owns stays with the workspace when they leave (REM-2).

use super::act::{self, MemberRefusal};
use super::block::Changed;
use super::departing::{depart, leaver};
use super::events;
use super::lifecycle::{Asker, Asking, Operation, decide};
use super::member::Departure;
use super::store;
use crate::access::{Failure, Gate, WorkspaceProof};
use crate::assets;
use crate::policy;
use crate::primitives::actor::MemberStatus;
use crate::primitives::rights::Permission;

pub async fn leave(gate: &Gate, proof: &WorkspaceProof) -> Result<Changed, Failure<MemberRefusal>> {
    let mut tx = gate.by_permission(proof, Permission::LeaveWorkspace).await?;
    let own = tx.proof()?.member;
    let member = store::find(tx.reader(), tx.workspace(), own).await?;
    let mut member = member.ok_or_else(|| Failure::Internal(format!("{own} holds a session and is gone")))?;
    let policy = policy::load(tx.reader(), tx.workspace()).await?;
    let (now, asking) = (tx.now(), Asking::new(Asker::Member, tx.origin()));
    decide(Operation::Leave, &member.standing(now, true), asking, &policy.lifecycle(), now)
        .map_err(|refusal| Failure::Refused(MemberRefusal::Lifecycle { refusal, blocked_at: None }))?;
    act::keep_an_admin(&tx, &member).await?;
    assets::leave_to_workspace(&mut tx, leaver(&member)?).await?;
    let departure = Departure { at: now, by: tx.actor(), category: None, note: None };
    depart(&mut tx, &mut member, Operation::Leave, departure, &policy).await?;
    // Only who is active leaves.
    let left = events::member_gone("MemberLeft", &member, true, now);
    tx.announce(events::coming_from(Some(MemberStatus::Active), left));
    events::tell_person(&mut tx, "MembershipLeft", &member);
    let committed = tx.commit().await.map_err(Failure::widen)?;
    Ok(Changed { member, committed })
}
