//! Invitations go with the person whom they were for, when that one is deleted for ever (DEL-1).
//!
//! Never one of somebody else's, though it once went to the same address.

use super::store;
use crate::access::WorkspaceTx;
use crate::platform::database::DatabaseError;
use crate::primitives::email::EmailKey;
use crate::primitives::ids::{InvitationId, MemberId};

/// A door for the room that deletes: those of the member, and those that came to nothing before there was a member, by
/// the addresses, go. Says which others were sent to the same addresses: they are somebody else's.
pub async fn purge_of(
    tx: &WorkspaceTx,
    member: MemberId,
    addresses: &[EmailKey],
) -> Result<Vec<InvitationId>, DatabaseError> {
    store::delete_of(tx, member, addresses).await?;
    store::list_to(tx, addresses).await
}
