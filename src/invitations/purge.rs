//! Invitations go with the person whom they were for, when that one is deleted for ever (DEL-1).
//!
//! Never one of somebody else's, though it once went to the same address.

use super::store;
use crate::access::WorkspaceTx;
use crate::platform::database::DatabaseError;
use crate::primitives::email::EmailKey;
use crate::primitives::ids::{InvitationId, MemberId};

/// The invitations that a member sent or answers for: their mails name them. The invitations themselves stay, and any
/// other admin may take them over (INV-7).
pub async fn list_sent_by(tx: &WorkspaceTx, member: MemberId) -> Result<Vec<InvitationId>, DatabaseError> {
    store::list_sent_by(tx, member).await
}

/// A door for the room that deletes: those of the member, and those that came to nothing before there was a member, by
/// the addresses. Says which.
pub async fn purge_of(
    tx: &WorkspaceTx,
    member: MemberId,
    addresses: &[EmailKey],
) -> Result<Vec<InvitationId>, DatabaseError> {
    store::delete_of(tx, member, addresses).await
}
