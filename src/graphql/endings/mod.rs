//! What ends for good, in the schema: members deleted for ever, accounts and workspaces.
//!
//! Never decides: it parses, calls the endings room, and maps what comes back.

mod deleting_account;
mod deleting_members;
mod deleting_workspace;

pub use deleting_account::DeletingAccountMutation;
pub use deleting_members::DeletingMembersMutation;
pub use deleting_workspace::DeletingWorkspaceMutation;
