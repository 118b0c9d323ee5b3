//! Making, changing and deleting roles of the workspace's own.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};

use super::{AssetScope, Role};
use crate::graphql::caller::Asking;
use crate::graphql::connection::Edge;
use crate::graphql::directives::{Permission, SessionKind, requires};
use crate::graphql::outcome::outcome;
use crate::graphql::scalars::{EventCursor, parse_id};
use crate::graphql::user_errors::{UserError, name_at};
use crate::invitations::{self, DeleteRole};
use crate::primitives::ids::RoleId;
use crate::roles::{self, ChangedRole, CreateRole, UpdateRole, parse_permissions};

/// The role to make.
#[derive(InputObject)]
struct CreateRoleInput {
    /// What it is called, unique within the workspace in any case: at most 200 characters.
    name: String,
    /// Which assets it works on.
    asset_scope: AssetScope,
    /// What it gives beyond what every member has: `MANAGE_ASSETS`, and strings of your application with a colon in
    /// them, such as `app:report.publish`. At most 100, each of at most 100 characters.
    #[graphql(default)]
    permissions: Vec<String>,
}

impl CreateRoleInput {
    fn read(self) -> Result<CreateRole, Vec<UserError>> {
        let name = name_at("input.name", &self.name);
        match (name, parse_permissions(&self.permissions)) {
            (Ok(name), Ok(permissions)) => {
                Ok(CreateRole { name, scope: self.asset_scope.into(), permissions })
            }
            (name, permissions) => {
                Err([name.err(), permissions.err().map(Into::into)].into_iter().flatten().collect())
            }
        }
    }
}

/// What making a role came to.
#[derive(SimpleObject, Default)]
struct CreateRolePayload {
    /// The role; null when it was refused.
    role: Option<Role>,
    /// The role with its place in `workspace.roles`; null when it was refused.
    role_edge: Option<Edge<Role>>,
    /// What you can put right.
    user_errors: Vec<UserError>,
    /// The workspace's stream after the change; null when it was refused.
    event_cursor: Option<EventCursor>,
}

impl CreateRolePayload {
    fn of(result: Result<ChangedRole, Vec<UserError>>) -> Self {
        match result {
            Ok(ChangedRole { role, committed }) => Self {
                role: Some(role.clone().into()),
                role_edge: Some(Edge::new(role.place(), role.into())),
                user_errors: Vec::new(),
                event_cursor: Some(committed.cursor.into()),
            },
            Err(user_errors) => Self { user_errors, ..Self::default() },
        }
    }
}

/// What is to be other about a role; what is left out stays.
#[derive(InputObject)]
struct UpdateRoleInput {
    /// The role: one of the workspace's own.
    role_id: ID,
    /// What it is called: at most 200 characters.
    name: Option<String>,
    /// Which assets it works on. It can't change while members or invitations hold the role.
    asset_scope: Option<AssetScope>,
    /// All that it gives from now on beyond what every member has.
    permissions: Option<Vec<String>>,
}

impl UpdateRoleInput {
    fn read(self) -> Result<Result<UpdateRole, Vec<UserError>>> {
        let role = parse_id("input.roleId", &self.role_id, RoleId::parse)?;
        let name = self.name.map(|name| name_at("input.name", &name)).transpose();
        let permissions = self.permissions.as_deref().map(parse_permissions).transpose();
        Ok(match (name, permissions) {
            (Ok(name), Ok(permissions)) => {
                Ok(UpdateRole { role, name, scope: self.asset_scope.map(Into::into), permissions })
            }
            (name, permissions) => {
                Err([name.err(), permissions.err().map(Into::into)].into_iter().flatten().collect())
            }
        })
    }
}

/// What changing a role came to.
#[derive(SimpleObject, Default)]
struct UpdateRolePayload {
    /// The role after the change; null when it was refused.
    role: Option<Role>,
    /// What you can put right.
    user_errors: Vec<UserError>,
    /// The workspace's stream after the change; null when it was refused.
    event_cursor: Option<EventCursor>,
}

/// The role that goes, and who takes over for it.
#[derive(InputObject)]
struct DeleteRoleInput {
    /// The role: one of the workspace's own.
    role_id: ID,
    /// The role that members and open invitations hold in its place, and that is the default in its place: never the
    /// admin role, and one of the same asset scope. Needed where somebody holds the role, or it is the default.
    successor_id: Option<ID>,
}

/// What deleting a role came to.
#[derive(SimpleObject, Default)]
struct DeleteRolePayload {
    /// The id of the role that is gone; null when it was refused.
    deleted_role_id: Option<ID>,
    /// What you can put right.
    user_errors: Vec<UserError>,
    /// The workspace's stream after the change; null when it was refused.
    event_cursor: Option<EventCursor>,
}

/// The mutations on roles of the workspace's own.
#[derive(Default)]
pub struct RolesMutation;

#[Object]
impl RolesMutation {
    /// Makes a role of the workspace's own. For admins directly, no API key.
    #[graphql(directive = requires::apply(SessionKind::Workspace, Some(Permission::ManageRoles)))]
    async fn create_role(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The role to make.")] input: CreateRoleInput,
    ) -> Result<CreateRolePayload> {
        let result = match input.read() {
            Ok(request) => outcome(roles::create(ctx.gate()?, ctx.workspace_proof()?, request).await)?,
            Err(errors) => Err(errors),
        };
        Ok(CreateRolePayload::of(result))
    }

    /// Changes a role of the workspace's own. Whoever holds it has the new rights when the answer arrives, in running
    /// sessions and subscriptions too. For admins directly, no API key.
    #[graphql(directive = requires::apply(SessionKind::Workspace, Some(Permission::ManageRoles)))]
    async fn update_role(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be other; what is left out stays.")] input: UpdateRoleInput,
    ) -> Result<UpdateRolePayload> {
        let result = match input.read()? {
            Ok(request) => outcome(roles::update(ctx.gate()?, ctx.workspace_proof()?, request).await)?,
            Err(errors) => Err(errors),
        };
        Ok(match result {
            Ok(ChangedRole { role, committed }) => UpdateRolePayload {
                role: Some(role.into()),
                user_errors: Vec::new(),
                event_cursor: Some(committed.cursor.into()),
            },
            Err(user_errors) => UpdateRolePayload { user_errors, ..Default::default() },
        })
    }

    /// Deletes a role of the workspace's own. Members and open invitations that hold it hold the successor in the same
    /// moment. For admins directly, no API key.
    #[graphql(directive = requires::apply(SessionKind::Workspace, Some(Permission::ManageRoles)))]
    async fn delete_role(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The role that goes, and who takes over for it.")] input: DeleteRoleInput,
    ) -> Result<DeleteRolePayload> {
        let role = parse_id("input.roleId", &input.role_id, RoleId::parse)?;
        let successor = input.successor_id.map(|id| parse_id("input.successorId", &id, RoleId::parse));
        let request = DeleteRole { role, successor: successor.transpose()? };
        let deleted = invitations::delete_role(ctx.gate()?, ctx.workspace_proof()?, request).await;
        Ok(match outcome(deleted)? {
            Ok(deleted) => DeleteRolePayload {
                deleted_role_id: Some(ID(deleted.role.to_string())),
                user_errors: Vec::new(),
                event_cursor: Some(deleted.committed.cursor.into()),
            },
            Err(user_errors) => DeleteRolePayload { user_errors, ..Default::default() },
        })
    }
}
