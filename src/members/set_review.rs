//! The date at which a block is to be looked at again (BLK-11): named, moved, cleared, and told of when it comes.
//!
//! Never lifts the block: that is an admin's own hand alone (BLK-7).

use serde_json::json;

use super::act::{self, MemberRefusal};
use super::block::Changed;
use super::events;
use super::lifecycle::{Operation, Request};
use super::member::Block;
use super::store;
use crate::access::{Failure, Gate, JobRun, Never, WorkspaceProof};
use crate::primitives::ids::{MemberId, WorkspaceId};
use crate::primitives::rights::Permission;
use crate::primitives::time::Timestamp;

/// Members whose date has come that the job takes up at once.
const BATCH: u64 = 100;

/// Whose block, and when to look at it again; none clears the date.
#[derive(Clone, Copy, Debug)]
pub struct SetBlockReview {
    pub member: MemberId,
    pub at: Option<Timestamp>,
}

/// Why no date is set.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ReviewRefusal {
    Member(MemberRefusal),
    /// It lies in the past.
    NotAhead,
}

pub async fn set_review(
    gate: &Gate,
    proof: &WorkspaceProof,
    request: SetBlockReview,
) -> Result<Changed, Failure<ReviewRefusal>> {
    let wish = Request::Plain(Operation::SetReview);
    let opened = act::open(gate, proof, Permission::BlockMembers, request.member, wish).await;
    let act::Act { mut tx, mut member, .. } = opened.map_err(|failure| failure.map(ReviewRefusal::Member))?;
    let now = tx.now();
    if !is_ahead(request.at, now) {
        return Err(Failure::Refused(ReviewRefusal::NotAhead));
    }
    let before = member.block.as_ref().and_then(|block| block.review_at);
    member.block = member.block.map(|block| Block { review_at: request.at, review_told: false, ..block });
    store::save(&tx, &mut member, None).await?;
    let set = events::block_review("BlockReviewSet", &member, now);
    tx.announce(set.with_before(json!({ "reviewAt": before })));
    let committed = tx.commit().await.map_err(Failure::widen)?;
    Ok(Changed { member, committed })
}

/// A date is to come; none always fits.
pub(super) fn is_ahead(at: Option<Timestamp>, now: Timestamp) -> bool {
    at.is_none_or(|at| at > now)
}

/// The job: tells the admins of each block whose date has come, once.
pub async fn tell_due_reviews(gate: &Gate) -> Result<(), Failure<Never>> {
    let (now, mut after) = (gate.clock().now(), None);
    let mut run = JobRun::new("the admins could not be told of a block's review date");
    loop {
        let due = store::list_due_reviews(gate.database().reader(), now, after, BATCH).await?;
        let Some((_, id, at)) = due.last() else { return run.end(()) };
        after = Some((*at, *id));
        for (workspace, member, _) in due {
            run.note(member, tell(gate, workspace, member).await);
        }
    }
}

async fn tell(gate: &Gate, workspace: WorkspaceId, id: MemberId) -> Result<(), Failure<Never>> {
    let Some(mut tx) = gate.find_by_job(workspace).await? else { return Ok(()) };
    let Some(mut member) = store::find(tx.reader(), workspace, id).await? else { return Ok(()) };
    let now = tx.now();
    let due = |block: &Block| !block.review_told && block.review_at.is_some_and(|at| at <= now);
    // Moved, cleared, lifted or told meanwhile.
    let Some(block) = member.block.clone().filter(due) else { return Ok(()) };
    member.block = Some(Block { review_told: true, ..block });
    store::save(&tx, &mut member, None).await?;
    tx.announce(events::block_review("BlockReviewDue", &member, now));
    tx.commit().await?;
    Ok(())
}
