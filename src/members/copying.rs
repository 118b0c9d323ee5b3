//! A membership's copies of a person's name and address follow their account (architecture.md): a job takes them over,
//! workspace by workspace, each with its event.
//!
//! Never touches a membership that is over or only asked for: whoever was removed keeps to themselves what they are
//! called now, and an invitation names what was invited.

use super::events;
use super::member::{Member, MemberState};
use super::store;
use crate::access::{Failure, Gate, Never};
use crate::accounts::{self, Account};
use crate::primitives::actor::Actor;
use crate::primitives::ids::{AccountId, WorkspaceId};

/// How many accounts the job takes up at once.
const BATCH: u64 = 100;

/// The job. Says how many accounts it finished; one where that fails holds none of the others up, and the first failure
/// is the answer.
pub async fn copy_changed_accounts(gate: &Gate) -> Result<usize, Failure<Never>> {
    let (mut after, mut copied) = (None, Ok(0));
    loop {
        let due = accounts::list_uncopied(gate.database().reader(), after, BATCH).await?;
        let Some(last) = due.last() else { return copied };
        after = Some(*last);
        for account in due {
            let done = copy(gate, account).await;
            copied = copied.and_then(|before: usize| done.map(|()| before + 1));
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
    let mut tx = match gate.by_job(workspace).await {
        // The workspace is gone, and its members with it.
        Err(Failure::Unauthenticated(_)) => return Ok(()),
        opened => opened?,
    };
    let member = store::find_by_account(tx.reader(), workspace, account).await?;
    let (Some(mut member), Some(account)) = (member, accounts::find(tx.reader(), account).await?) else {
        return Ok(());
    };
    let renamed = member.name != account.name;
    let readdressed = member.email != account.email;
    // Erased with its account's end (SES-7): what the workspace has of it, it keeps until it deletes the member.
    if account.email.is_empty() || !lasts(&member) || !(renamed || readdressed) {
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

const fn lasts(member: &Member) -> bool {
    matches!(member.state, MemberState::Active | MemberState::Deactivated)
}

fn take_over(member: &mut Member, account: &Account) {
    member.name.clone_from(&account.name);
    member.email.clone_from(&account.email);
    member.email_key = account.email_key.clone();
}
