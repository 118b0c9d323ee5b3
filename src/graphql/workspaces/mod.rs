//! Workspaces in the schema: the one that the asker is in, a person's memberships, and creating one.
//!
//! Never takes a workspace's id: whoever is in one is asked about that one (docs/api.md, "Credentials").

mod contacting;
mod leaving;
mod membership;
mod mutation;
mod query;
mod updating;
mod whole;
mod words;

pub use contacting::ContactingMutation;
pub use leaving::LeavingMutation;
pub use membership::{Membership, ViewerMemberships};
pub use mutation::WorkspacesMutation;
pub use query::{WorkspaceFacts, WorkspacesQuery};
pub use updating::UpdatingMutation;
pub use whole::Workspace;
pub use words::{Policy, UndecidedAssets, WorkspaceKind};
