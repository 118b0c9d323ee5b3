//! A person's memberships: every workspace that they are in, whatever their status there (BLK-4, DEA-1).
//!
//! Never shows what lies inside a workspace but its name, kind and contact.

use std::collections::HashMap;

use super::{Workspace, store};
use crate::access::{AccountView, Failure};
use crate::members::{self, Contact, DisplayStatus};
use crate::primitives::actor::MemberStatus;
use crate::primitives::cursor::{Key, PageCursor};
use crate::primitives::ids::MemberId;
use crate::primitives::page::{Page, PageRequest};
use crate::primitives::time::Timestamp;
use crate::roles::{self, Role};

/// One workspace of a person, as the person sees it from outside.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Membership {
    pub member: MemberId,
    pub workspace: Workspace,
    pub role: Role,
    pub status: MemberStatus,
    pub contact: Contact,
    pub joined_at: Option<Timestamp>,
    pub revision: i64,
    pub created_at: Timestamp,
}

impl Membership {
    /// The order that memberships are listed in.
    pub const ORDER: &'static str = "MEMBERSHIP_CREATED";

    pub const fn display_status(&self) -> DisplayStatus {
        DisplayStatus::of(self.status)
    }

    /// Its place in the list.
    pub fn place(&self) -> PageCursor {
        let key = Key::Number(self.created_at.as_micros());
        PageCursor { order: Self::ORDER.into(), key, id: self.member.as_uuid() }
    }
}

/// The asker's memberships, the oldest first.
pub async fn list_memberships<R>(
    view: &AccountView,
    request: &PageRequest,
) -> Result<Page<Membership>, Failure<R>> {
    let held = store::list_held(view.reader(), view.account(), request).await?;
    Ok(request.page(complete(view, held).await?))
}

/// How many memberships the asker has.
pub async fn count_memberships<R>(view: &AccountView) -> Result<u64, Failure<R>> {
    Ok(store::count_held(view.reader(), view.account()).await?)
}

/// Memberships of the asker by the member's id; others are not in the answer.
pub async fn load_many_memberships<R>(
    view: &AccountView,
    members: &[MemberId],
) -> Result<HashMap<MemberId, Membership>, Failure<R>> {
    let held = store::find_many_held(view.reader(), view.account(), members).await?;
    let memberships = complete(view, held).await?;
    Ok(memberships.into_iter().map(|membership| (membership.member, membership)).collect())
}

/// Adds roles and contacts: one statement each, however many memberships there are.
async fn complete<R>(view: &AccountView, held: Vec<store::Held>) -> Result<Vec<Membership>, Failure<R>> {
    let roles: Vec<_> = held.iter().map(|held| (held.workspace.id, held.role)).collect();
    let workspaces: Vec<_> = held.iter().map(|held| held.workspace.id).collect();
    let roles = roles::load_many_held(view, &roles).await?;
    let mut contacts = members::load_many_contacts(view.reader(), &workspaces).await?;
    held.into_iter()
        .map(|held| {
            let role = roles.get(&held.role).cloned();
            Ok(Membership {
                contact: contacts.remove(&held.workspace.id).unwrap_or_default(),
                role: role.ok_or_else(|| Failure::Internal(format!("{} holds no role", held.member)))?,
                member: held.member,
                workspace: held.workspace,
                status: held.status,
                joined_at: held.joined_at,
                revision: held.revision,
                created_at: held.created_at,
            })
        })
        .collect()
}
