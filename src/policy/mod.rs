//! The kind of a workspace, and its policy: the settings of the rules that a workspace may change (rules.md, section 2).
//!
//! Never writes: `workspaces` owns the table; this room stands before all others because all of them obey a policy.

mod kind;
mod settings;
mod store;

pub use kind::Kind;
pub use settings::{OutOfBounds, Policy, PolicyChange, UndecidedAssets};
pub use store::load;
