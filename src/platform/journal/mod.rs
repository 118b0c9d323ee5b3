//! The journal: the event log, the audit trail and the source of every subscription, in one table (EVT-1 to EVT-3).
//!
//! Never changes or deletes an entry, and never knows what an event type means: servers act on its effect.

mod envelope;
mod everywhere;
mod pages;
mod read;
#[cfg(test)]
pub(crate) mod samples;
mod write;

pub use envelope::{Effect, Event, NewEvent, StreamId, Subject};
pub use everywhere::{
    InstallationEvent, LockedInstallation, append_everywhere, lock_installation, renew_epoch,
};
pub use pages::{EventFilter, Span, count, read_page};
pub use read::{epoch, find_operation, head, moved, read_after};
pub use write::{
    Authorship, LockedStream, append, await_creation, create_stream, ensure_installation,
    lock_account_streams, lock_stream,
};
