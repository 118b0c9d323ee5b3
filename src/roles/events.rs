//! What the room announces. Everybody in the workspace sees its roles, and so hears of them (WSP-3).

use serde_json::{Value, json};

use super::{Holders, Role};
use crate::platform::journal::{Effect, NewEvent};
use crate::primitives::actor::Audience;
use crate::primitives::ids::RoleId;

/// A role as events tell of it.
fn state(role: &Role) -> Value {
    json!({
        "id": role.id,
        "name": role.name,
        "admin": role.is_admin,
        "scope": role.scope,
        "default": role.is_default,
        "permissions": role.permissions,
        "revision": role.revision,
    })
}

fn event(kind: &'static str, audience: Audience, effect: Option<Effect>, payload: Value) -> NewEvent {
    NewEvent { kind, version: 1, audience, subject: None, effect, payload, occurred_at: None }
}

pub(super) fn role_created(role: &Role) -> NewEvent {
    event("RoleCreated", Audience::Members, None, json!({ "role": state(role) }))
}

/// All who hold the role have the new rights from here on, on every server (REV-1).
pub(super) fn role_updated(before: &Role, after: &Role) -> NewEvent {
    let effect = Effect::ChangeRoleRights { role: after.id, rights: after.rights() };
    let payload = json!({ "role": state(after), "before": state(before) });
    event("RoleUpdated", Audience::Members, Some(effect), payload)
}

/// All who held the role have the rights of its successor from here on.
pub(super) fn role_deleted(role: RoleId, successor: Option<&Role>, held: Holders) -> NewEvent {
    let effect = successor.map(|successor| Effect::ChangeRoleRights { role, rights: successor.rights() });
    let payload = json!({
        "role": role,
        "successor": successor.map(|successor| successor.id),
        "members": held.members,
        "invitations": held.invitations,
    });
    event("RoleDeleted", Audience::Members, effect, payload)
}

/// Invitations that name no role give another one now, or have to name one.
pub(super) fn default_role_set(role: Option<RoleId>, before: Option<RoleId>) -> NewEvent {
    let payload = json!({ "role": role, "before": { "role": before } });
    event("DefaultRoleSet", Audience::Admins, None, payload)
}
