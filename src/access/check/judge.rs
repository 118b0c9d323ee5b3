//! Does a credential hold, by what the database said of it? Pure, so that the request's check and the transaction's
//! can't differ.
//!
//! Never lenient: what isn't known to hold does not.

use super::rows::{AccountRow, Found, MemberRow, SessionRow};
use crate::access::proof::{AccountProof, Entry, Proof, Refusal, SessionEnd, WorkspaceProof};
use crate::primitives::actor::EndCause;
use crate::primitives::ids::WorkspaceId;
use crate::primitives::secret::SecretHash;
use crate::primitives::time::Timestamp;

/// How long sessions may lie idle, in seconds (SES-4). Their absolute age is stored with each.
#[derive(Clone, Copy, Debug)]
pub struct SessionAges {
    pub account_idle_seconds: i64,
    pub workspace_idle_seconds: i64,
}

pub(super) fn judge(
    found: Found,
    token: SecretHash,
    now: Timestamp,
    ages: SessionAges,
) -> Result<Proof, Refusal> {
    match found {
        Found::Unreadable => Err(Refusal::Unavailable),
        Found::Account(row) => {
            hold_account(&row, now, ages)?;
            Ok(Proof::Account(account_proof(&row, token, ages)))
        }
        Found::Workspace { id, session, parent, member } => {
            hold_member(&member)?;
            hold_session(&session, Some(member.workspace), now, ages.workspace_idle_seconds)?;
            hold_account(&parent, now, ages).map_err(|refusal| in_workspace(refusal, member.workspace))?;
            let entry = Entry::Session {
                session: id,
                account_session: parent.id,
                account_generation: parent.session.generation,
            };
            let times = Times {
                expires_at: session.expires_at.min(parent.session.expires_at),
                holds_until: holds_until(&session, ages.workspace_idle_seconds)
                    .min(holds_until(&parent.session, ages.account_idle_seconds)),
                last_used_at: session.last_used_at,
            };
            Ok(Proof::Workspace(workspace_proof(member, token, entry, Some(times))))
        }
        Found::KeyOfNobody { workspace } => Err(ended(EndCause::AccountDeleted, Some(workspace))),
        Found::Key { id, revoked, outlived, account_ended, member } => {
            if revoked || outlived {
                return Err(ended(EndCause::KeyRevoked, Some(member.workspace)));
            }
            // Before the membership, which a job ends after the account.
            if account_ended {
                return Err(ended(EndCause::AccountDeleted, Some(member.workspace)));
            }
            hold_member(&member)?;
            // API-2: a key stops with its maker's admin role.
            if !member.rights.admin {
                return Err(ended(EndCause::KeyRevoked, Some(member.workspace)));
            }
            Ok(Proof::Workspace(workspace_proof(member, token, Entry::Key(id), None)))
        }
    }
}

const fn ended(cause: EndCause, workspace: Option<WorkspaceId>) -> Refusal {
    Refusal::Ended(SessionEnd { cause, workspace })
}

fn in_workspace(refusal: Refusal, workspace: WorkspaceId) -> Refusal {
    match refusal {
        Refusal::Ended(end) => Refusal::Ended(SessionEnd { workspace: Some(workspace), ..end }),
        other => other,
    }
}

fn hold_member(member: &MemberRow) -> Result<(), Refusal> {
    let workspace = Some(member.workspace);
    if member.workspace_deleted {
        return Err(ended(EndCause::WorkspaceDeleted, workspace));
    }
    if member.blocked {
        return Err(ended(EndCause::Blocked, workspace));
    }
    match member.state.as_str() {
        "ACTIVE" => Ok(()),
        "DEACTIVATED" => Err(ended(EndCause::Deactivated, workspace)),
        _ => Err(ended(EndCause::Removed, workspace)),
    }
}

fn hold_account(row: &AccountRow, now: Timestamp, ages: SessionAges) -> Result<(), Refusal> {
    hold_session(&row.session, None, now, ages.account_idle_seconds)
}

fn hold_session(
    row: &SessionRow,
    workspace: Option<WorkspaceId>,
    now: Timestamp,
    idle_seconds: i64,
) -> Result<(), Refusal> {
    if row.ended {
        return Err(ended(row.end_cause.unwrap_or(EndCause::Ended), workspace));
    }
    if row.generation != row.wanted_generation {
        return Err(ended(row.generation_cause.unwrap_or(EndCause::Ended), workspace));
    }
    if now >= holds_until(row, idle_seconds) {
        return Err(ended(EndCause::Expired, workspace));
    }
    Ok(())
}

/// When a session ends unless it is used before.
fn holds_until(row: &SessionRow, idle_seconds: i64) -> Timestamp {
    row.expires_at.min(row.last_used_at.plus_seconds(idle_seconds))
}

/// The times of a session in a workspace.
struct Times {
    expires_at: Timestamp,
    holds_until: Timestamp,
    last_used_at: Timestamp,
}

fn account_proof(row: &AccountRow, token: SecretHash, ages: SessionAges) -> AccountProof {
    AccountProof {
        token,
        session: row.id,
        account: row.account,
        generation: row.session.generation,
        email_verified: row.email_verified,
        head: row.head,
        epoch_id: row.epoch_id,
        expires_at: row.session.expires_at,
        holds_until: holds_until(&row.session, ages.account_idle_seconds),
        last_used_at: row.session.last_used_at,
    }
}

fn workspace_proof(
    member: MemberRow,
    token: SecretHash,
    entry: Entry,
    times: Option<Times>,
) -> WorkspaceProof {
    WorkspaceProof {
        token,
        entry,
        workspace: member.workspace,
        member: member.member,
        account: member.account,
        generation: member.generation,
        rights: member.rights,
        joined_seq: member.joined_seq,
        head: member.head,
        account_head: member.account_head,
        epoch_id: member.epoch_id,
        expires_at: times.as_ref().map(|times| times.expires_at),
        holds_until: times.as_ref().map(|times| times.holds_until),
        last_used_at: times.map(|times| times.last_used_at),
    }
}
