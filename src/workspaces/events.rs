//! What the room announces.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Workspace;
use crate::platform::journal::NewEvent;
use crate::policy::Kind;
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

impl WorkspaceCreated {
    pub const KIND: &'static str = "WorkspaceCreated";

    pub(super) fn of(workspace: &Workspace, roles: &[Role]) -> Self {
        let state = WorkspaceState {
            id: workspace.id.as_uuid(),
            name: workspace.name.clone(),
            kind: workspace.kind,
            revision: workspace.revision,
        };
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
        NewEvent {
            kind: Self::KIND,
            version: 1,
            audience: Audience::Members,
            subject: None,
            effect: None,
            payload: serde_json::to_value(self).expect("a payload is plain data"),
            occurred_at: None,
        }
    }
}
