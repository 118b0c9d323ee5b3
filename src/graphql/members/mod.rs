//! Members in the schema: the type, what `workspace` answers about them, and the mutations.
//!
//! Never decides: it parses, calls the members room, and maps what comes back.

pub mod actor;
pub mod available;
mod bulk;
pub mod impact;
pub mod loaders;
pub mod member;
mod mutation;
mod names;
mod payload;
pub mod query;
pub mod record;
mod refusals;
mod removing;
mod resting;
mod reviewing;
pub mod words;

pub use bulk::{BulkLimit, BulkMutation};
pub use member::{Member, MemberInEvent, MemberSight, RoleInEvent};
pub use mutation::MembersMutation;
pub use names::{MemberNames, NamesInAnswer};
pub use query::WorkspaceMembers;
pub use refusals::{invite as invite_error, lifecycle as lifecycle_error, member_error};
pub use removing::RemovingMutation;
pub use resting::RestingMutation;
pub use reviewing::ReviewingMutation;
