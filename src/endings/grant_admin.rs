//! A new admin for a workspace that has none who could act, by the operator at the command line (WSP-11).
//!
//! Never where an admin could do it, and never round a block (BLK-7).

use crate::access::{Failure, Gate};
use crate::accounts;
use crate::invitations;
use crate::members::{self, Member, NewAdmin, SeatsTaken};
use crate::primitives::email::Email;
use crate::primitives::ids::WorkspaceId;
use crate::workspaces;

/// Why nobody is made an admin.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum GrantRefusal {
    #[error("--workspace: no such workspace, or it is deleted (see `rollcall recover`)")]
    NoWorkspace,
    #[error("--email: no account has verified this address; the person has to sign up first")]
    NoAccount,
    #[error("--email: this person is just deleting their account; name somebody else")]
    AccountEnding,
    #[error(
        "the workspace has an active admin, who can do this: the operator's hand is for workspaces without one"
    )]
    HasAdmin,
    #[error(
        "--email: this member is blocked, or was when removed, and only an admin lifts that; name somebody else"
    )]
    Blocked,
    #[error(
        "no seat is free ({} of {} taken): name an active member, who has one, or ask for another",
        .0.used, .0.limit
    )]
    SeatsTaken(SeatsTaken),
}

pub async fn grant_admin(
    gate: &Gate,
    workspace: WorkspaceId,
    email: &Email,
) -> Result<Member, Failure<GrantRefusal>> {
    let opened = gate.find_by_job(workspace).await?;
    let mut tx = opened.ok_or(Failure::Refused(GrantRefusal::NoWorkspace))?;
    let stands =
        workspaces::get_name(&tx).await?.is_some() && workspaces::find_deletion(&tx).await?.is_none();
    if !stands {
        return Err(Failure::Refused(GrantRefusal::NoWorkspace));
    }
    let account = accounts::find_by_verified_email(tx.reader(), email.key()).await?;
    let account = account.ok_or(Failure::Refused(GrantRefusal::NoAccount))?;
    tx.hold_person(account.id).await?;
    if accounts::is_ending(tx.reader(), account.id).await? {
        return Err(Failure::Refused(GrantRefusal::AccountEnding));
    }
    if members::has_active_admin(&tx).await? {
        return Err(Failure::Refused(GrantRefusal::HasAdmin));
    }
    let found = members::find_by_account(tx.reader(), workspace, account.id).await?;
    let found = match found {
        None => members::find_by_address(tx.reader(), workspace, email.key()).await?,
        found => found,
    };
    let marked = members::is_barred(&tx, email.key()).await?
        || found.as_ref().is_some_and(|member| member.block.is_some() || member.removed_while_blocked);
    if marked {
        return Err(Failure::Refused(GrantRefusal::Blocked));
    }
    let found = match found {
        Some(member) => invitations::take_back(&mut tx, member).await?,
        None => None,
    };
    let admin = NewAdmin { account: account.id, email: email.clone(), name: account.name, member: found };
    let made = members::make_admin(&mut tx, admin).await;
    let member = made.map_err(|failure| failure.map(GrantRefusal::SeatsTaken))?;
    tx.commit().await.map_err(Failure::widen)?;
    Ok(member)
}
