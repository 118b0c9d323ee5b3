//! Roles in the schema: the type, and what `workspace` answers about them.
//!
//! Never decides what a role may do; it shows what the roles room says.

use async_graphql::{Enum, ID, Object, Result};

use crate::access::{Never, WorkspaceView};
use crate::graphql::connection::{Connection, page_request};
use crate::graphql::errors::TopLevelError;
use crate::graphql::outcome::answer;
use crate::graphql::scalars::parse_id;
use crate::primitives::ids::RoleId;
use crate::primitives::page::PageArguments;
use crate::roles;

/// Which assets a role works on.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "crate::primitives::actor::AssetScope")]
pub enum AssetScope {
    /// All assets of the workspace.
    All,
    /// Those that are assigned to the member; at least one.
    Assigned,
}

/// A named set of permissions, built in by the workspace's kind or made by its admins.
#[derive(Clone, Debug)]
pub struct Role(Source);

#[derive(Clone, Debug)]
enum Source {
    Stored(roles::Role),
    Event { id: RoleId, name: String, admin: bool },
}

impl From<roles::Role> for Role {
    fn from(role: roles::Role) -> Self {
        Self(Source::Stored(role))
    }
}

impl Role {
    /// From an event: what it carries.
    pub fn from_event(id: RoleId, name: &str, admin: bool) -> Self {
        Self(Source::Event { id, name: name.to_owned(), admin })
    }

    fn stored(&self) -> Result<&roles::Role> {
        match &self.0 {
            Source::Stored(role) => Ok(role),
            // Refused when subscribing, by name; this is the second line.
            Source::Event { .. } => {
                Err(TopLevelError::bad_input("role", "an event doesn't carry this field").into())
            }
        }
    }
}

/// A named set of permissions, built in by the workspace's kind or made by its admins.
#[Object]
impl Role {
    /// Its id.
    pub async fn id(&self) -> ID {
        match &self.0 {
            Source::Stored(role) => ID(role.id.to_string()),
            Source::Event { id, .. } => ID(id.to_string()),
        }
    }

    /// Its name, unique within the workspace.
    async fn name(&self) -> &str {
        match &self.0 {
            Source::Stored(role) => &role.name,
            Source::Event { name, .. } => name,
        }
    }

    /// Is it the kind's admin role?
    async fn is_admin(&self) -> bool {
        match &self.0 {
            Source::Stored(role) => role.is_admin,
            Source::Event { admin, .. } => *admin,
        }
    }

    /// Which assets it works on.
    async fn asset_scope(&self) -> Result<AssetScope> {
        Ok(self.stored()?.scope.into())
    }

    /// Did it come with the workspace's kind? Then it can't be changed.
    async fn is_built_in(&self) -> Result<bool> {
        Ok(self.stored()?.is_built_in)
    }

    /// Does an invitation that names no role give it?
    async fn is_default(&self) -> Result<bool> {
        Ok(self.stored()?.is_default)
    }

    /// Permissions beyond what every member has: the product's words, and strings of the host's. The admin role gives
    /// all without naming them here.
    async fn permissions(&self) -> Result<Vec<&str>> {
        Ok(self.stored()?.permissions.iter().map(String::as_str).collect())
    }

    /// Grows with each change.
    async fn revision(&self) -> Result<i64> {
        Ok(self.stored()?.revision)
    }
}

/// What `workspace` answers about roles.
pub struct WorkspaceRoles(pub WorkspaceView);

#[Object]
impl WorkspaceRoles {
    /// The workspace's roles by name, a page at a time.
    #[allow(clippy::too_many_arguments, reason = "the four of a connection")]
    async fn roles(
        &self,
        #[graphql(desc = "How many from the start, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Only those after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only those before this cursor.")] before: Option<String>,
    ) -> Result<Connection<Role>> {
        let arguments = PageArguments { first, last, after: after.as_deref(), before: before.as_deref() };
        let request = page_request(&arguments, roles::Role::ORDER)?;
        let page = answer(roles::list::<Never>(&self.0, &request).await)?;
        let view = self.0.clone();
        Ok(Connection::new(page.map(|role| (role.place(), role.into())), move || {
            let view = view.clone();
            async move { answer(roles::count::<Never>(&view).await) }
        }))
    }

    /// One role; null when there is none in your sight.
    async fn role(&self, #[graphql(desc = "The role's id.")] id: ID) -> Result<Option<Role>> {
        let id = parse_id("id", &id, RoleId::parse)?;
        let mut found = answer(roles::load_many_roles::<Never>(&self.0, &[id]).await)?;
        Ok(found.remove(&id).map(Role::from))
    }
}
