//! The end of an account ends its memberships (SES-7), workspace by workspace; and whether somebody would be left without
//! an admin by it (WSP-6).
//!
//! Never asks the lifecycle table: nobody operates on the member. The person is gone, whatever their status was.

use super::admins;
use super::departing::{depart, leaver};
use super::events;
use super::lifecycle::Operation;
use super::member::{Departure, Member, MemberState};
use super::store;
use crate::access::{Failure, Gate, Never, WorkspaceTx};
use crate::accounts;
use crate::assets;
use crate::policy;
use crate::primitives::actor::{Actor, MemberStatus};
use crate::primitives::ids::{AccountId, WorkspaceId};

/// The workspaces, with their names, that would be left without an active admin if this person went, as far as anybody
/// knows at this moment.
pub async fn list_administered_alone(
    gate: &Gate,
    account: AccountId,
) -> Result<Vec<(WorkspaceId, String)>, Failure<Never>> {
    Ok(admins::list_administered_alone(gate.database().reader(), account, None).await?)
}

/// The same for certain: each workspace is asked under its lock, so that whoever demotes another admin there at this
/// moment has done it before, and is counted, or comes after, and sees that this person counts no more.
pub async fn confirm_administered_alone(
    gate: &Gate,
    account: AccountId,
) -> Result<Vec<(WorkspaceId, String)>, Failure<Never>> {
    let mut alone = Vec::new();
    for workspace in admins::list_administered(gate.database().reader(), account).await? {
        let tx = gate.by_job(workspace).await?;
        alone.extend(admins::list_administered_alone(tx.reader(), account, Some(workspace)).await?);
    }
    Ok(alone)
}

/// Every workspace that knows the account, in any state.
pub async fn list_workspaces_of(gate: &Gate, account: AccountId) -> Result<Vec<WorkspaceId>, Failure<Never>> {
    Ok(store::list_workspaces_of(gate.database().reader(), account).await?)
}

/// Ends one membership because its person's account has ended. What they own stays with the workspace, as when somebody
/// leaves; a block leaves its mark (BLK-8). What the workspace has of a member who went stays until they are deleted for
/// ever there.
pub async fn end_membership(
    gate: &Gate,
    workspace: WorkspaceId,
    account: AccountId,
) -> Result<(), Failure<Never>> {
    let Some(mut tx) = gate.find_by_job(workspace).await? else { return Ok(()) };
    let Some(mut member) = store::find_by_account(tx.reader(), workspace, account).await? else {
        return Ok(());
    };
    tx.act_as(Actor::Account(account));
    let now = tx.now();
    remember_address(&tx, &member, account).await?;
    if !lasts(&member) {
        member.account = None;
        store::save(&tx, &mut member, None).await?;
        tx.announce(events::member_updated(&member, (false, false), now));
        tx.commit().await?;
        return Ok(());
    }
    assets::leave_to_workspace(&mut tx, leaver(&member)?).await?;
    let policy = policy::load(tx.reader(), workspace).await?;
    member.account = None;
    let departure = Departure { at: now, by: tx.actor(), category: None, note: None };
    let was = member.status(now);
    depart(&mut tx, &mut member, Operation::Leave, departure, &policy).await?;
    let removed = events::member_gone("MemberRemoved", &member, was == MemberStatus::Active, now);
    tx.announce(events::coming_from(Some(was), removed));
    tx.commit().await?;
    Ok(())
}

/// The address that the person had at last leads to them, though their account doesn't any more (INV-10); of whoever was out
/// before it does where a mark has to follow it (BLK-8).
async fn remember_address(
    tx: &WorkspaceTx,
    member: &Member,
    account: AccountId,
) -> Result<(), Failure<Never>> {
    if !lasts(member) && !member.removed_while_blocked {
        return Ok(());
    }
    if let Some(address) = accounts::find_ended_address(tx.reader(), account).await? {
        store::note_address(tx, member.id, &address).await?;
    }
    Ok(())
}

const fn lasts(member: &Member) -> bool {
    matches!(member.state, MemberState::Active | MemberState::Deactivated)
}
