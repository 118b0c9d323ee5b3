//! Sending again and taking back the invitations of many members in one call, each answered for itself, in order.
//!
//! Never knows a rule of its own: the table decides each row, and `resend` and `withdraw` change it.

use std::collections::HashMap;

use super::invitation::Invitation;
use super::refusal::InvitationRefusal;
use super::resend::Resending;
use super::sending::SendingLimit;
use super::store;
use super::withdraw::take_back;
use crate::access::{Committed, Failure, Gate, WorkspaceProof};
use crate::members::lifecycle::Operation;
use crate::members::{Bulk, BulkCallRefusal, BulkRefusal, BulkRows, Member};
use crate::primitives::ids::MemberId;
use crate::primitives::rights::Permission;

/// Why one row is refused. The others don't care.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum BulkInvitationRefusal {
    Member(BulkRefusal),
    Invitation(InvitationRefusal),
}

/// An invitation after the change; without a member they never were more than invited, and no longer are (INV-3).
#[derive(Clone, Debug)]
pub struct BulkInvitation {
    pub invitation: Invitation,
    pub member: Option<Member>,
}

/// The invitations after the change, in the order of the call, and the place in the stream.
#[derive(Clone, Debug)]
pub struct BulkInvitations {
    pub rows: Vec<Result<BulkInvitation, BulkInvitationRefusal>>,
    pub committed: Committed,
}

type Answered = Result<BulkInvitations, Failure<BulkCallRefusal>>;

pub async fn bulk_withdraw(gate: &Gate, proof: &WorkspaceProof, rows: &BulkRows) -> Answered {
    let mut bulk = Bulk::open(gate, proof, Permission::InviteMembers, Operation::Withdraw, rows).await?;
    let mut open = load(&mut bulk).await?;
    let admitted = rows.members().iter().map(|id| admit(&mut bulk, &mut open, *id));
    let admitted = admitted.collect::<Result<Vec<_>, _>>()?;
    let allowed = admitted.iter().filter_map(|row| row.as_ref().ok().cloned()).collect();
    let mut taken = take_back(bulk.tx(), allowed).await?.into_iter();
    let mut results = Vec::with_capacity(admitted.len());
    for row in admitted {
        results.push(match row {
            Ok(_) => {
                let gone = || Failure::Internal("a withdrawn invitation got lost".into());
                let (invitation, member) = taken.next().ok_or_else(gone)?;
                Ok(BulkInvitation { invitation, member })
            }
            Err(refusal) => Err(BulkInvitationRefusal::Member(refusal)),
        });
    }
    Ok(BulkInvitations { rows: results, committed: bulk.commit(gate, proof).await? })
}

pub async fn bulk_resend(
    gate: &Gate,
    limit: SendingLimit,
    proof: &WorkspaceProof,
    rows: &BulkRows,
) -> Answered {
    let mut bulk = Bulk::open(gate, proof, Permission::InviteMembers, Operation::Resend, rows).await?;
    let mut open = load(&mut bulk).await?;
    let (policy, admin) = (*bulk.policy(), bulk.tx().proof()?.member);
    let all: Vec<&Invitation> = open.values().collect();
    let mut resending = Resending::begin(bulk.tx(), limit, (&policy, admin), &all).await?;
    let mut results = Vec::with_capacity(rows.members().len());
    for id in rows.members() {
        let result = match admit(&mut bulk, &mut open, *id)? {
            Ok((invitation, member)) => match resending.send(bulk.tx(), invitation, member).await {
                Ok((invitation, member)) => Ok(BulkInvitation { invitation, member: Some(member) }),
                Err(failure) => Err(BulkInvitationRefusal::Invitation(failure.split()?)),
            },
            Err(refusal) => Err(BulkInvitationRefusal::Member(refusal)),
        };
        results.push(result);
    }
    resending.write(bulk.tx()).await?;
    Ok(BulkInvitations { rows: results, committed: bulk.commit(gate, proof).await? })
}

/// The open invitations of those whom the call is about.
async fn load(bulk: &mut Bulk) -> Result<HashMap<MemberId, Invitation>, Failure<BulkCallRefusal>> {
    let members = bulk.found();
    let tx = bulk.tx();
    let found = store::find_open(tx.reader(), tx.workspace(), &members).await?;
    Ok(found.into_iter().map(|invitation| (invitation.member, invitation)).collect())
}

fn admit(
    bulk: &mut Bulk,
    open: &mut HashMap<MemberId, Invitation>,
    id: MemberId,
) -> Result<Result<(Invitation, Member), BulkRefusal>, Failure<BulkCallRefusal>> {
    let member = match bulk.admit(id) {
        Ok(member) => member,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let invitation = open.remove(&id);
    let invitation =
        invitation.ok_or_else(|| Failure::Internal(format!("{id} is invited and has no invitation")))?;
    Ok(Ok((invitation, member)))
}
