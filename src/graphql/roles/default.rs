//! Naming the default role, or that there is none.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, Result, SimpleObject};

use super::Role;
use crate::graphql::caller::Asking;
use crate::graphql::directives::{Permission, SessionKind, requires};
use crate::graphql::outcome::outcome;
use crate::graphql::scalars::{EventCursor, parse_id};
use crate::graphql::user_errors::UserError;
use crate::primitives::ids::RoleId;
use crate::roles::{self, DefaultRoleSet};

/// Which role is to be the default.
#[derive(InputObject)]
struct SetDefaultRoleInput {
    /// The role: neither the admin role nor one that works on assigned assets. Null: none, so that an invitation has to
    /// name one.
    role_id: MaybeUndefined<ID>,
}

/// What naming the default role came to.
#[derive(SimpleObject, Default)]
struct SetDefaultRolePayload {
    /// The role after the change; null when there is none now, or when it was refused.
    role: Option<Role>,
    /// What you can put right.
    user_errors: Vec<UserError>,
    /// The workspace's stream after the change; null when it was refused.
    event_cursor: Option<EventCursor>,
}

/// The mutation on the default role.
#[derive(Default)]
pub struct DefaultRoleMutation;

#[Object]
impl DefaultRoleMutation {
    /// Names the role that an invitation gives that names none, or that there is none. For admins directly, no API key.
    #[graphql(directive = requires::apply(SessionKind::Workspace, Some(Permission::ManageRoles)))]
    async fn set_default_role(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which role is to be the default.")] input: SetDefaultRoleInput,
    ) -> Result<SetDefaultRolePayload> {
        let role = match &input.role_id {
            MaybeUndefined::Value(id) => Some(parse_id("input.roleId", id, RoleId::parse)?),
            MaybeUndefined::Null => None,
            MaybeUndefined::Undefined => {
                let error = UserError::invalid("input.roleId", "name a role, or null to have none");
                return Ok(SetDefaultRolePayload { user_errors: vec![error], ..Default::default() });
            }
        };
        let set = roles::set_default(ctx.gate()?, ctx.workspace_proof()?, role).await;
        Ok(match outcome(set)? {
            Ok(DefaultRoleSet { role, committed }) => SetDefaultRolePayload {
                role: role.map(Into::into),
                user_errors: Vec::new(),
                event_cursor: Some(committed.cursor.into()),
            },
            Err(user_errors) => SetDefaultRolePayload { user_errors, ..Default::default() },
        })
    }
}
