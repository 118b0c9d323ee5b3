//! Roles in the schema: the type, what `workspace` answers about them, and their mutations.
//!
//! Never decides what a role may do; it shows what the roles room says.

mod default;
mod mutation;
mod refusals;
mod role;

pub use default::DefaultRoleMutation;
pub use mutation::RolesMutation;
pub use role::{AssetScope, Role, WorkspaceRoles};
