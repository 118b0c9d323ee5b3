//! A membership's copies of a person's name and address follow their account (architecture.md): a job takes them over,
//! workspace by workspace, each with its event.
//!
//! Never shows anything new of a membership that is over or only asked for: whoever was removed keeps to themselves what they
//! are called now, and an invitation names what was invited.

use super::events;
use super::member::{Member, MemberState};
use super::store;
use crate::access::{Failure, Gate, JobRun, Never, WorkspaceTx};
use crate::accounts::{self, Account};
use crate::primitives::actor::Actor;
use crate::primitives::ids::{AccountId, WorkspaceId};

/// How many accounts the job takes up at once.
const BATCH: u64 = 100;

/// The job. Says how many accounts it finished.
pub async fn copy_changed_accounts(gate: &Gate) -> Result<usize, Failure<Never>> {
    let (mut after, mut copied) = (None, 0);
    let mut run = JobRun::new("a changed name or address could not be copied");
    loop {
        let due = accounts::list_uncopied(gate.database().reader(), after, BATCH).await?;
        let Some(last) = due.last() else { return run.end(copied) };
        after = Some(*last);
        for account in due {
            copied += usize::from(run.note(account, copy(gate, account).await).is_some());
        }
    }
}

async fn copy(gate: &Gate, account: AccountId) -> Result<(), Failure<Never>> {
    let reader = gate.database().reader();
    let Some(seen) = accounts::find(reader, account).await? else { return Ok(()) };
    for workspace in store::list_workspaces_of(reader, account).await? {
        copy_into(gate, workspace, account).await?;
    }
    Ok(accounts::mark_copied(gate.database(), account, seen.revision).await?)
}

async fn copy_into(gate: &Gate, workspace: WorkspaceId, account: AccountId) -> Result<(), Failure<Never>> {
    let Some(mut tx) = gate.find_by_job(workspace).await? else { return Ok(()) };
    let member = store::find_by_account(tx.reader(), workspace, account).await?;
    let (Some(mut member), Some(account)) = (member, accounts::find(tx.reader(), account).await?) else {
        return Ok(());
    };
    // Erased with its account's end (SES-7): what the workspace has of it, it keeps until it deletes the member.
    if account.email.is_empty() {
        return Ok(());
    }
    if !lasts(&member) {
        return follow_mark(tx, member, &account).await;
    }
    let renamed = member.name != account.name;
    let readdressed = member.email != account.email;
    if !(renamed || readdressed) {
        return Ok(());
    }
    take_over(&mut member, &account);
    store::save(&tx, &mut member, None).await?;
    store::note_address(&tx, member.id, &member.email_key).await?;
    store::write_words(&tx, &member).await?;
    let now = tx.now();
    tx.act_as(Actor::Member(member.id));
    tx.announce(events::member_updated(&member, (renamed, readdressed), now));
    tx.commit().await?;
    Ok(())
}

/// The mark of whoever was removed while blocked follows each address that they have had (BLK-8), also when this one is
/// given up again. Nobody sees which it is.
async fn follow_mark(mut tx: WorkspaceTx, member: Member, account: &Account) -> Result<(), Failure<Never>> {
    let follows = member.removed_while_blocked && account.email_verified;
    if follows && store::note_address(&tx, member.id, &account.email_key).await? {
        let now = tx.now();
        tx.announce(events::member_updated(&member, (false, false), now));
        tx.commit().await?;
    }
    Ok(())
}

const fn lasts(member: &Member) -> bool {
    matches!(member.state, MemberState::Active | MemberState::Deactivated)
}

fn take_over(member: &mut Member, account: &Account) {
    member.name.clone_from(&account.name);
    member.email.clone_from(&account.email);
    member.email_key = account.email_key.clone();
}
