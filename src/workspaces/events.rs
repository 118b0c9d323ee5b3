//! What the room announces.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Workspace;
use crate::platform::journal::NewEvent;
use crate::policy::{Kind, Policy};
use crate::primitives::actor::{AssetScope, Audience};
use crate::roles::Role;

/// A workspace stands, with the roles of its kind: the first event of its stream.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WorkspaceCreated {
    pub workspace: WorkspaceState,
    pub roles: Vec<RoleState>,
}

/// A workspace as events tell of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WorkspaceState {
    pub id: Uuid,
    pub name: String,
    pub kind: Kind,
    pub revision: i64,
}

/// A role as events tell of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RoleState {
    pub id: Uuid,
    pub name: String,
    pub admin: bool,
    pub scope: AssetScope,
    pub default: bool,
    pub revision: i64,
}

impl WorkspaceState {
    fn of(workspace: &Workspace) -> Self {
        Self {
            id: workspace.id.as_uuid(),
            name: workspace.name.clone(),
            kind: workspace.kind,
            revision: workspace.revision,
        }
    }
}

impl WorkspaceCreated {
    pub const KIND: &'static str = "WorkspaceCreated";

    pub(super) fn of(workspace: &Workspace, roles: &[Role]) -> Self {
        let state = WorkspaceState::of(workspace);
        let role = |role: &Role| RoleState {
            id: role.id.as_uuid(),
            name: role.name.clone(),
            admin: role.is_admin,
            scope: role.scope,
            default: role.is_default,
            revision: role.revision,
        };
        Self { workspace: state, roles: roles.iter().map(role).collect() }
    }

    pub(super) fn into_event(self) -> NewEvent {
        event(Self::KIND, Audience::Members, serde_json::to_value(self))
    }
}

/// A workspace is called otherwise, or people turn to somebody else in it. Who that is the event doesn't say: a contact
/// may be a person (DEL-1).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WorkspaceUpdated {
    pub workspace: WorkspaceState,
    pub contact_changed: bool,
    pub before: Called,
}

/// What a workspace was called.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Called {
    pub name: String,
}

impl WorkspaceUpdated {
    pub const KIND: &'static str = "WorkspaceUpdated";

    pub(super) fn of(before: &Workspace, after: &Workspace, contact_changed: bool) -> Self {
        let workspace = WorkspaceState::of(after);
        Self { workspace, contact_changed, before: Called { name: before.name.clone() } }
    }

    pub(super) fn into_event(self) -> NewEvent {
        event(Self::KIND, Audience::Members, serde_json::to_value(self))
    }
}

/// The workspace has other settings of the rules: all of them after the change and before it, as they are stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PolicyUpdated {
    pub policy: Policy,
    pub before: Policy,
    /// Of the workspace.
    pub revision: i64,
}

impl PolicyUpdated {
    pub const KIND: &'static str = "PolicyUpdated";

    /// For those who may read the policy.
    pub(super) fn into_event(self) -> NewEvent {
        event(Self::KIND, Audience::Admins, serde_json::to_value(self))
    }
}

fn event(
    kind: &'static str,
    audience: Audience,
    payload: Result<serde_json::Value, serde_json::Error>,
) -> NewEvent {
    let payload = payload.expect("a payload is plain data");
    NewEvent { kind, version: 1, audience, subject: None, effect: None, payload, occurred_at: None }
}
