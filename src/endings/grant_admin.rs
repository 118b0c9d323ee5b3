//! A new admin for a workspace that has none who could act, by the operator at the command line (WSP-11).
//!
//! Never where an admin could do it, unless the operator declares that none of them can; never round a block (BLK-7), and
//! never by somebody else's membership.

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
        "the workspace has an active admin, who can do this; if none of them can be reached any more, say so with \
         --admins-unusable, which goes on record"
    )]
    HasAdmin,
    #[error(
        "--email: it leads to a member who is blocked, or was when removed, and only an admin lifts that; name \
         somebody else"
    )]
    Blocked,
    #[error(
        "no seat is free ({} of {} taken): name an active member, who has one, or ask for another",
        .0.used, .0.limit
    )]
    SeatsTaken(SeatsTaken),
}

/// Who is to be an admin, and where.
#[derive(Clone, Debug)]
pub struct GrantAdmin {
    pub workspace: WorkspaceId,
    pub email: Email,
    /// The operator's word that whatever active admins there are can't be used: they died, or lost mailbox and password.
    /// A workspace always has an active one (WSP-6), so nobody but a person can tell.
    pub admins_unusable: bool,
}

pub async fn grant_admin(gate: &Gate, request: GrantAdmin) -> Result<Member, Failure<GrantRefusal>> {
    let GrantAdmin { workspace, email, admins_unusable } = request;
    let opened = gate.find_by_job(workspace).await?;
    let mut tx = opened.ok_or(Failure::Refused(GrantRefusal::NoWorkspace))?;
    let stands =
        workspaces::get_name(&tx).await?.is_some() && workspaces::find_deletion(&tx).await?.is_none();
    if !stands {
        return Err(Failure::Refused(GrantRefusal::NoWorkspace));
    }
    let account = accounts::hold_by_verified_email(&tx, email.key()).await?;
    let account = account.ok_or(Failure::Refused(GrantRefusal::NoAccount))?;
    if accounts::is_ending(tx.reader(), account.id).await? {
        return Err(Failure::Refused(GrantRefusal::AccountEnding));
    }
    if !admins_unusable && members::has_active_admin(&tx).await? {
        return Err(Failure::Refused(GrantRefusal::HasAdmin));
    }
    let holders = members::find_by_address(tx.reader(), workspace, email.key()).await?;
    if holders.is_held() || members::is_barred(&tx, email.key()).await? {
        return Err(Failure::Refused(GrantRefusal::Blocked));
    }
    let own = members::find_by_account(tx.reader(), workspace, account.id).await?;
    let found = match own.or_else(|| holders.unclaimed().cloned()) {
        Some(member) => invitations::withdraw_open(&mut tx, member).await?,
        None => None,
    };
    let admin = NewAdmin { account: account.id, email, name: account.name, member: found, admins_unusable };
    let made = members::make_admin(&mut tx, admin).await;
    let member = made.map_err(|failure| failure.map(GrantRefusal::SeatsTaken))?;
    tx.commit().await.map_err(Failure::widen)?;
    Ok(member)
}
