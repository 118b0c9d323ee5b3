//! Sessions in the schema: signing in and out, entering a workspace, seeing and ending one's sessions.
//!
//! Never shows a token but in the one payload that made it.

mod entering;
mod mutation;
mod query;
mod types;

pub use mutation::SessionsMutation;
pub use query::{ViewerSessions, of_member};
pub use types::{AccountSession, Session, WorkspaceSession};
