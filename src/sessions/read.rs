//! What may be asked of sessions: one's own of both kinds, and as an admin those of a member in this workspace (SES-3).
//!
//! Never shows one that has ended, and never a token.

use super::end::SessionId;
use super::session::{AccountSession, Session, WorkspaceSession};
use super::store::{self, Liveness};
use crate::access::check::SessionAges;
use crate::access::{AccountView, Entry, Failure, WorkspaceView};
use crate::primitives::ids::{MemberId, WorkspaceSessionId};
use crate::primitives::page::{Page, PageRequest};
use crate::primitives::rights::Permission;

/// The account session that asks.
pub async fn get_current<R>(view: &AccountView) -> Result<AccountSession, Failure<R>> {
    let proof = view.proof().ok_or(Failure::Forbidden)?;
    let found = store::find_account_session(view.reader(), proof.session).await?;
    found.ok_or(Failure::Unauthenticated(None))
}

/// The workspace session that asks.
pub async fn get_current_in_workspace<R>(
    view: &WorkspaceView,
    ages: SessionAges,
) -> Result<WorkspaceSession, Failure<R>> {
    let Entry::Session { session, .. } = view.proof().entry else { return Err(Failure::Forbidden) };
    let liveness = Liveness::at(view.now(), ages);
    let found = store::find_many_of_members(view.reader(), view.workspace(), liveness, &[session]).await?;
    found.into_iter().next().ok_or(Failure::Unauthenticated(None))
}

/// One's own sessions of both kinds, the newest first.
pub async fn list_own<R>(
    view: &AccountView,
    ages: SessionAges,
    request: &PageRequest,
) -> Result<Page<Session>, Failure<R>> {
    let proof = view.proof().ok_or(Failure::Forbidden)?;
    let liveness = Liveness::at(view.now(), ages);
    Ok(request.page(store::list_own(view.reader(), proof.account, liveness, request).await?))
}

pub async fn count_own<R>(view: &AccountView, ages: SessionAges) -> Result<u64, Failure<R>> {
    let proof = view.proof().ok_or(Failure::Forbidden)?;
    Ok(store::count_own(view.reader(), proof.account, Liveness::at(view.now(), ages)).await?)
}

/// One's own sessions by id; others, and those that have ended, are not in the answer.
pub async fn load_many_own<R>(
    view: &AccountView,
    ages: SessionAges,
    ids: &[SessionId],
) -> Result<Vec<Session>, Failure<R>> {
    let proof = view.proof().ok_or(Failure::Forbidden)?;
    let liveness = Liveness::at(view.now(), ages);
    let mut found = store::find_many_own(view.reader(), proof.account, liveness, ids).await?;
    // A UUID under the other kind's name is another id.
    found.retain(|session| {
        ids.contains(&match session {
            Session::Account(session) => SessionId::Account(session.id),
            Session::Workspace(session) => SessionId::Workspace(session.id),
        })
    });
    Ok(found)
}

/// Sessions of this workspace by id; others, and those that have ended, are not in the answer.
pub async fn load_many_of_members<R>(
    view: &WorkspaceView,
    ages: SessionAges,
    ids: &[WorkspaceSessionId],
) -> Result<Vec<WorkspaceSession>, Failure<R>> {
    view.require(Permission::EndMemberSessions)?;
    let liveness = Liveness::at(view.now(), ages);
    Ok(store::find_many_of_members(view.reader(), view.workspace(), liveness, ids).await?)
}

/// The sessions of a member in this workspace, the newest first.
pub async fn list_member_sessions<R>(
    view: &WorkspaceView,
    member: MemberId,
    ages: SessionAges,
    request: &PageRequest,
) -> Result<Page<WorkspaceSession>, Failure<R>> {
    view.require(Permission::EndMemberSessions)?;
    let of = (view.workspace(), member);
    let liveness = Liveness::at(view.now(), ages);
    Ok(request.page(store::list_of_member(view.reader(), of, liveness, request).await?))
}

pub async fn count_member_sessions<R>(
    view: &WorkspaceView,
    member: MemberId,
    ages: SessionAges,
) -> Result<u64, Failure<R>> {
    view.require(Permission::EndMemberSessions)?;
    let of = (view.workspace(), member);
    Ok(store::count_of_member(view.reader(), of, Liveness::at(view.now(), ages)).await?)
}
