//! What may be asked of sessions: one's own of both kinds, and as an admin those of a member in this workspace (SES-3).
//!
//! Never shows one that has ended, and never a token.

use super::session::{AccountSession, Session, WorkspaceSession};
use super::store::{self, Liveness};
use crate::access::check::SessionAges;
use crate::access::{AccountView, Failure, WorkspaceView};
use crate::primitives::ids::MemberId;
use crate::primitives::page::{Page, PageRequest};
use crate::primitives::rights::Permission;

/// The account session that asks.
pub async fn get_current<R>(view: &AccountView) -> Result<AccountSession, Failure<R>> {
    let proof = view.proof().ok_or(Failure::Forbidden)?;
    let found = store::find_account_session(view.reader(), proof.session).await?;
    found.ok_or(Failure::Unauthenticated(None))
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
