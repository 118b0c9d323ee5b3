//! What may be asked about invitations: by admins, by the holder of a link, by the person they are for.
//!
//! Never changes anything: mail scanners open links (INV-8).

use std::collections::HashMap;

use super::invitation::{Invitation, InvitationStatus};
use super::store;
use crate::access::{AccountView, Failure, Gate, Never, WorkspaceView};
use crate::primitives::cursor::{Key, PageCursor};
use crate::primitives::ids::{InvitationId, MemberId, WorkspaceId};
use crate::primitives::page::{Page, PageRequest};
use crate::primitives::rights::Permission;
use crate::primitives::secret::Secret;
use crate::primitives::time::Timestamp;

/// How many invitations are shown of those that a member answers for.
const ANSWERED_FOR_SHOWN: u64 = 50;

/// What an invitation shows to whom it is for (INV-5).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Offer {
    pub id: InvitationId,
    pub workspace: WorkspaceId,
    pub workspace_name: String,
    /// Who answers for it.
    pub inviter: MemberId,
    /// Empty where nobody knows it any more.
    pub inviter_name: String,
    pub role_name: String,
    pub sent_at: Timestamp,
    pub expires_at: Timestamp,
    /// How many assets went with the person and can come back with them (REM-4).
    pub kept_assets: i64,
    pub revision: i64,
    pub created_at: Timestamp,
}

impl Offer {
    /// The order that a person's invitations are listed in: the newest first.
    pub const ORDER: &'static str = "INVITATION_CREATED";

    /// Where it stands at this moment: it is open, or it would not be shown.
    pub fn status(&self, now: Timestamp) -> InvitationStatus {
        if self.expires_at <= now { InvitationStatus::Expired } else { InvitationStatus::Sent }
    }

    /// Its place in the list.
    pub fn place(&self) -> PageCursor {
        let key = Key::Number(self.created_at.as_micros());
        PageCursor { order: Self::ORDER.into(), key, id: self.id.as_uuid() }
    }
}

/// What a link leads to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum LinkState {
    /// Its invitation, as it stands.
    Newest(InvitationStatus),
    /// An invitation that was sent again since (INV-4).
    Superseded,
}

/// What the holder of a link sees before they answer.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Preview {
    pub state: LinkState,
    /// Given while the link can be, or could in time have been, accepted.
    pub offer: Option<Offer>,
}

/// What a link shows; `None` for one that was never mailed, or whose workspace is deleted (WSP-10).
pub async fn preview(gate: &Gate, secret: &Secret) -> Result<Option<Preview>, Failure<Never>> {
    let db = gate.database().reader();
    let Some(link) = store::find_link(db, secret.hash()).await? else { return Ok(None) };
    let found = store::find_answerable(db, link.workspace, link.invitation).await?;
    let Some(invitation) = found else { return Ok(None) };
    let status = invitation.status(gate.clock().now());
    if !invitation.is_open() {
        return Ok(Some(Preview { state: LinkState::Newest(status), offer: None }));
    }
    if link.sending != invitation.sending {
        return Ok(Some(Preview { state: LinkState::Superseded, offer: None }));
    }
    let offer = store::find_offer(db, link.workspace, link.invitation).await?;
    Ok(Some(Preview { state: LinkState::Newest(status), offer }))
}

/// The open invitations to a person's verified address, the newest first (INV-9, SES-6).
pub async fn list_received<R>(view: &AccountView, request: &PageRequest) -> Result<Page<Offer>, Failure<R>> {
    Ok(request.page(store::list_received(view.reader(), view.account(), request).await?))
}

/// How many there are.
pub async fn count_received<R>(view: &AccountView) -> Result<u64, Failure<R>> {
    Ok(store::count_received(view.reader(), view.account()).await?)
}

/// The open invitations of these members, for admins.
pub async fn load_many_open<R>(
    view: &WorkspaceView,
    members: &[MemberId],
) -> Result<HashMap<MemberId, Invitation>, Failure<R>> {
    view.require(Permission::InviteMembers)?;
    let found = store::find_open(view.reader(), view.workspace(), members).await?;
    Ok(found.into_iter().map(|invitation| (invitation.member, invitation)).collect())
}

/// The open invitations that a member answers for, the oldest first, as many as are shown; for admins.
pub async fn list_answered_for<R>(
    view: &WorkspaceView,
    inviter: MemberId,
) -> Result<Vec<Invitation>, Failure<R>> {
    view.require(Permission::InviteMembers)?;
    Ok(store::list_answered_for(view.reader(), view.workspace(), inviter, ANSWERED_FOR_SHOWN).await?)
}

/// Invitations by id, ended ones included, for admins; those of other workspaces are not in the answer.
pub async fn load_many<R>(view: &WorkspaceView, ids: &[InvitationId]) -> Result<Vec<Invitation>, Failure<R>> {
    view.require(Permission::InviteMembers)?;
    Ok(store::find_many(view.reader(), view.workspace(), ids).await?)
}

/// The open invitations to a person's verified address, by id; others are not in the answer.
pub async fn load_many_received<R>(
    view: &AccountView,
    ids: &[InvitationId],
) -> Result<Vec<Offer>, Failure<R>> {
    Ok(store::find_many_received(view.reader(), view.account(), ids).await?)
}
