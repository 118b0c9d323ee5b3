//! Loads the open invitations of many members in one statement.
//!
//! Never mixes workspaces: the key carries the view that was proven.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use async_graphql::dataloader::Loader;

use crate::access::{Failure, Never, WorkspaceView};
use crate::invitations;
use crate::primitives::ids::MemberId;

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
