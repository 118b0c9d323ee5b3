//! Coming back from rest by oneself, where the policy lets people.
//!
//! Never lets anybody round a block: who tries is refused, and that is on record (BLK-7, BLK-10).

use super::act::MemberRefusal;
use super::attempts;
use super::block::Changed;
use super::lifecycle::{Asker, Asking, Operation, decide};
use super::member::{Member, MemberState};
use super::reactivate::bring_back;
use super::round::Round;
use super::store;
use crate::access::{AccountProof, Failure, Gate};
use crate::policy;
use crate::primitives::ids::WorkspaceId;

pub async fn rejoin(
    gate: &Gate,
    proof: &AccountProof,
    workspace: WorkspaceId,
) -> Result<Changed, Failure<MemberRefusal>> {
    // Whoever isn't a member is told what a workspace that doesn't exist would be told (WSP-8), and doesn't wait for
    // its lock.
    let nowhere = || Failure::NotFound { field: "input.workspaceId" };
    let held = store::find_held(gate.database().reader(), workspace, proof.account).await?;
    held.filter(is_in).ok_or_else(nowhere)?;
    let (tx, fresh) = gate.by_account(proof, workspace).await?;
    let member = store::find_held(tx.reader(), workspace, fresh.account).await?;
    let mut member = member.filter(is_in).ok_or_else(nowhere)?;
    let policy = policy::load(tx.reader(), workspace).await?;
    let (now, asking) = (tx.now(), Asking::new(Asker::Member, tx.origin()));
    let decided = decide(Operation::Rejoin, &member.standing(now, true), asking, &policy.lifecycle(), now);
    if let Err(refusal) = decided {
        let blocked_at = member.block.as_ref().map(|block| block.at);
        if refusal.is_recorded() {
            attempts::record_and_end(tx, &member, Operation::Rejoin).await?;
        }
        return Err(Failure::Refused(MemberRefusal::Lifecycle { refusal, blocked_at }));
    }
    let mut round = Round::new(tx, policy, vec![member.id]);
    bring_back(&mut round, &mut member, "MemberRejoined").await?;
    Ok(Changed { member, committed: round.commit().await? })
}

fn is_in(member: &Member) -> bool {
    matches!(member.state, MemberState::Active | MemberState::Deactivated)
}
