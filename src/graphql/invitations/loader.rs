//! Loads what many invitations of one answer need in one statement: those that are open of members, and the roles that
//! they promise.
//!
//! Never mixes workspaces: the key carries the view that was proven.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use async_graphql::dataloader::Loader;

use crate::access::{Failure, Never, WorkspaceView};
use crate::primitives::ids::{MemberId, RoleId};
use crate::{invitations, roles};

/// Loads open invitations. One lives as long as its request.
#[derive(Default)]
pub struct OpenInvitations;

/// The open invitation of one member, seen through a view.
#[derive(Clone)]
pub struct OpenInvitationOf {
    view: WorkspaceView,
    member: MemberId,
}

impl OpenInvitationOf {
    pub fn new(view: &WorkspaceView, member: MemberId) -> Self {
        Self { view: view.clone(), member }
    }
}

impl PartialEq for OpenInvitationOf {
    fn eq(&self, other: &Self) -> bool {
        self.member == other.member && self.view.workspace() == other.view.workspace()
    }
}

impl Eq for OpenInvitationOf {}

impl Hash for OpenInvitationOf {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.view.workspace(), self.member).hash(state);
    }
}

impl Loader<OpenInvitationOf> for OpenInvitations {
    type Value = invitations::Invitation;
    type Error = Arc<Failure<Never>>;

    async fn load(
        &self,
        keys: &[OpenInvitationOf],
    ) -> Result<HashMap<OpenInvitationOf, Self::Value>, Self::Error> {
        let Some(first) = keys.first() else { return Ok(HashMap::new()) };
        // A request sees one workspace.
        let view = first.view.clone();
        let members: Vec<MemberId> = keys.iter().map(|key| key.member).collect();
        let found = invitations::load_many_open(&view, &members).await.map_err(Arc::new)?;
        Ok(found
            .into_iter()
            .map(|(member, invitation)| (OpenInvitationOf::new(&view, member), invitation))
            .collect())
    }
}

/// Loads promised roles. One lives as long as its request.
#[derive(Default)]
pub struct PromisedRoles;

/// A role that an invitation promises, seen through a view.
#[derive(Clone)]
pub struct PromisedRole {
    view: WorkspaceView,
    role: RoleId,
}

impl PromisedRole {
    pub fn new(view: &WorkspaceView, role: RoleId) -> Self {
        Self { view: view.clone(), role }
    }
}

impl PartialEq for PromisedRole {
    fn eq(&self, other: &Self) -> bool {
        self.role == other.role && self.view.workspace() == other.view.workspace()
    }
}

impl Eq for PromisedRole {}

impl Hash for PromisedRole {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.view.workspace(), self.role).hash(state);
    }
}

impl Loader<PromisedRole> for PromisedRoles {
    type Value = roles::Role;
    type Error = Arc<Failure<Never>>;

    async fn load(&self, keys: &[PromisedRole]) -> Result<HashMap<PromisedRole, roles::Role>, Self::Error> {
        let Some(first) = keys.first() else { return Ok(HashMap::new()) };
        // A request sees one workspace.
        let view = first.view.clone();
        let ids: Vec<RoleId> = keys.iter().map(|key| key.role).collect();
        let found = roles::load_many_roles::<Never>(&view, &ids).await.map_err(Arc::new)?;
        Ok(found.into_iter().map(|(id, role)| (PromisedRole::new(&view, id), role)).collect())
    }
}
