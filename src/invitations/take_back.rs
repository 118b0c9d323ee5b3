//! Taking the open invitation of somebody back who comes in by another way: a door for the operator's command.
//!
//! Never for anybody who asks over the network; that is `withdraw`.

use super::invitation::InvitationOutcome;
use super::persons::tell_person;
use super::putting_back::put_back;
use super::{events, store};
use crate::access::WorkspaceTx;
use crate::members::Member;
use crate::platform::database::DatabaseError;

/// What they are once nothing is open: as they were, or nobody.
pub async fn take_back(tx: &mut WorkspaceTx, member: Member) -> Result<Option<Member>, DatabaseError> {
    let open = store::find_open(tx.reader(), tx.workspace(), &[member.id]).await?;
    let Some(mut invitation) = open.into_iter().next() else { return Ok(Some(member)) };
    let now = tx.now();
    invitation.end(InvitationOutcome::Withdrawn, now);
    store::save(tx, &invitation).await?;
    let member = put_back(tx, &invitation, member).await?;
    tx.announce(events::ended("InvitationWithdrawn", &invitation, member.as_ref(), now));
    tell_person(tx, &invitation).await?;
    Ok(member)
}
