//! Deleting a member for ever: everything in the workspace that identifies the person goes (DEL-1, DEL-2).
//!
//! Never touches the account, nor another workspace; and never leaves a way back.

use uuid::Uuid;

use super::{events, scrub};
use crate::access::{Committed, Failure, Gate, WorkspaceProof, WorkspaceTx, answers};
use crate::members::{self, Condemned, DeleteMemberForever, DeleteRefusal, Member};
use crate::platform::mail::{self, MailsOf};
use crate::primitives::email::EmailKey;
use crate::primitives::ids::MemberId;
use crate::{api_keys, assets, billing, invitations, notices, workspaces};

/// Who is gone, and the place in the stream.
#[derive(Clone, Debug)]
pub struct Deleted {
    pub member: MemberId,
    pub committed: Committed,
}

pub async fn delete_member_forever(
    gate: &Gate,
    proof: &WorkspaceProof,
    request: DeleteMemberForever,
) -> Result<Deleted, Failure<DeleteRefusal>> {
    let Condemned { mut tx, member, addresses } = members::condemn(gate, proof, request).await?;
    // While the membership still stands: what is left of a period that was paid for it (SEAT-4).
    billing::settle_deletion(&mut tx, member.id).await?;
    purge(&mut tx, &member, &addresses).await?;
    let committed = tx.commit().await.map_err(Failure::widen)?;
    scrub::try_now(gate).await;
    Ok(Deleted { member: member.id, committed })
}

/// Each room gives up what it has; whoever's rows others point to goes last.
async fn purge(
    tx: &mut WorkspaceTx,
    member: &Member,
    addresses: &[EmailKey],
) -> Result<(), Failure<DeleteRefusal>> {
    let owned = assets::list_purgeable(tx, member.id, member.account).await?;
    members::unassign(tx, &owned, &[member.id]).await?;
    assets::purge(tx, &owned).await?;
    assets::end_shares_to(tx, member.id).await?;
    let keys = api_keys::purge_of_maker(tx, member.id).await?;
    let others = invitations::purge_of(tx, member.id, addresses).await?;
    let spared: Vec<Uuid> = others.iter().map(|id| id.as_uuid()).collect();
    let mails = MailsOf { workspace: tx.workspace(), member: member.id, to: addresses, spared: &spared };
    mail::forget(tx.writer(), mails, tx.now()).await?;
    workspaces::forget_contact(tx, addresses).await?;
    if let Some(account) = member.account {
        let withdrawn = notices::withdraw(tx, account).await?;
        events::tell_deleted(tx, account, member, &withdrawn);
    }
    answers::forget_in_workspace(tx).await.map_err(Failure::widen)?;
    members::purge(tx, member, addresses).await?;
    tx.announce(events::member_deleted(member, &keys));
    Ok(())
}
