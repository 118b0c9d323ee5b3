//! Deleting for ever, as far as it is the members' (DEL-1): who may be, and what of the membership goes.
//!
//! Never the whole of it: what other rooms hold of the person goes by their doors, in the same transaction, in `endings`.

use super::act::{self, MemberRefusal};
use super::addresses;
use super::bars;
use super::lifecycle::{Operation, Request};
use super::member::Member;
use super::store;
use crate::access::{Failure, Gate, WorkspaceProof, WorkspaceTx};
use crate::platform::database::DatabaseError;
use crate::primitives::email::EmailKey;
use crate::primitives::ids::MemberId;
use crate::primitives::rights::Permission;

/// Who is to be deleted for ever, and their address as a confirmation.
#[derive(Clone, Debug)]
pub struct DeleteMemberForever {
    pub member: MemberId,
    pub email: EmailKey,
}

/// Why nobody is deleted.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum DeleteRefusal {
    Member(MemberRefusal),
    /// It isn't the member's address.
    OtherAddress,
}

/// Somebody who may be deleted and is still there, with all that they are known by.
pub struct Condemned {
    pub tx: WorkspaceTx,
    pub member: Member,
    /// Every address that led to the membership.
    pub addresses: Vec<EmailKey>,
}

/// Opens a deletion by an admin directly, and lets the table decide it.
pub async fn condemn(
    gate: &Gate,
    proof: &WorkspaceProof,
    request: DeleteMemberForever,
) -> Result<Condemned, Failure<DeleteRefusal>> {
    let wish = Request::Plain(Operation::DeleteForever);
    let opened = act::open(gate, proof, Permission::DeleteMembers, request.member, wish).await;
    let act::Act { tx, member, .. } = opened.map_err(|failure| failure.map(DeleteRefusal::Member))?;
    if member.email_key != request.email {
        return Err(Failure::Refused(DeleteRefusal::OtherAddress));
    }
    let addresses = addresses::list_of(&tx, &member).await?;
    Ok(Condemned { tx, member, addresses })
}

/// The membership is gone, with settings, assignments, notes, what was tried and written, and its sessions. What stays is
/// a hash of its addresses where BLK-8 asks for one.
pub async fn purge(tx: &WorkspaceTx, member: &Member, addresses: &[EmailKey]) -> Result<(), DatabaseError> {
    if member.removed_while_blocked {
        bars::lay(tx, addresses).await?;
    }
    store::delete(tx, member.id).await
}
