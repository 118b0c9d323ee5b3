//! The audit trail in the schema: the event log of a workspace as a list, for admins (EVT-3).
//!
//! Never shows what somebody wrote (a note, a message): that lies beside the log, on the member.

mod entry;
mod filter;
mod query;

pub use entry::{AuditChange, AuditEntry};
pub use filter::{EventsFilter, actor_id, check_types};
pub use query::{ArchivedEvents, EventOrder, WorkspaceAudit, of_member};
