//! Rollcall: who is in a workspace, as what, and how somebody is put out now.
//!
//! The house has floors, and imports run downwards only (docs/architecture.md; `tests/architecture.rs` holds it to that):
//!
//! | floor | modules |
//! | --- | --- |
//! | ground | [`primitives`]: values that can't be wrong; [`config`]: every setting; [`planted`]: bugs for the fault harness to find |
//! | machinery | [`platform`]: database, journal, bus, hub, jobs, mail, figures; [`entities`]: rows |
//! | authority | [`access`]: who asks, what they may do, and the transactions that prove it |
//! | rooms | [`policy`], [`audit`], [`accounts`], [`notices`], [`roles`], [`assets`], [`billing`], [`members`], [`invitations`], [`sessions`], [`api_keys`], [`workspaces`], [`endings`]: what the product does, one room for each capability |
//! | edges | [`graphql`], [`http`], [`realtime`]: how it is asked |
//! | roof | [`app`]: builds every part once |
//!
//! What always holds:
//!
//! - Nothing in a workspace is written but through an [`access::WorkspaceTx`], which only an authority opens, proved under
//!   the stream's lock; so nobody who was put out can still commit (REV-3).
//! - Every change appends its events in the same transaction, with the stream's next numbers (EVT-1, EVT-2).
//! - No check of a session is answered from memory (REV-1); what can't be known is refused (REV-2).
//! - A subscriber is a cursor into the journal; whatever wakes it is an optimisation (EVT-4, EVT-5).

// A mutation's future holds one of every mutation's, and a release build computes its layout to the bottom.
#![recursion_limit = "256"]

pub mod access;
pub mod accounts;
pub mod api_keys;
pub mod app;
pub mod assets;
pub mod audit;
pub mod billing;
pub mod config;
pub mod endings;
pub mod entities;
pub mod graphql;
pub mod http;
pub mod invitations;
pub mod members;
pub mod notices;
pub mod planted;
pub mod platform;
pub mod policy;
pub mod primitives;
pub mod realtime;
pub mod roles;
pub mod sessions;
pub mod workspaces;
