//! The room of the assets: things of the host application that live in a workspace and have an owner (rules.md,
//! section 6).
//!
//! - An asset is known by its id, and to the host by its kind and external id, unique together in a workspace.
//! - Whoever's role works on assigned assets sees those alone (AST-2).
//! - Without an owner an asset is the workspace's own.
//!
//! Never writes assignments; those are the members'.

mod asset;
mod events;
mod exist;
mod read;
mod register;
mod rules;
mod store;

pub use asset::Asset;
pub use events::AssetRegistered;
pub use exist::{UnknownAssets, check_exist};
pub use read::{AssetFilter, can, count, find, find_by_external_id, list, load_many_assets};
pub use register::{RegisterAsset, Registered, register};
pub use rules::RegisterRefusal;
