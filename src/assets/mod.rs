//! The room of the assets: things of the host application that live in a workspace and have an owner (rules.md,
//! section 6).
//!
//! - An asset is known by its id, and to the host by its kind and external id, unique together in a workspace.
//! - Whoever's role works on assigned assets sees those alone (AST-2).
//! - Without an owner an asset is the workspace's own.
//! - What went with a person is held by their account, out of the workspace but for those who are assigned to it or have
//!   it shared (REM-6); what is lost is in nobody's reach (REM-7). Every question about assets is asked through that.
//! - What is archived is out of use for good: it can be looked at, and nothing else.
//! - Whoever may manage assets manages those that they see (WSP-3); owning something gives no right to manage it.
//!
//! Never writes assignments; those are the members'.

mod archive;
mod asset;
mod dispose;
mod events;
mod exist;
mod kept;
mod managed;
mod partings;
mod purge;
mod purge_owned;
mod read;
mod reassign;
mod recover;
mod register;
mod returning;
mod rules;
mod share;
mod store;
mod unshare;
mod update;

pub use archive::{archive, find_to_archive};
pub use asset::Asset;
pub use dispose::{Decisions, Destination, Disposal, DisposeRefusal, Leaver, Place, leave_to_workspace};
pub use events::{
    AssetArchived, AssetRegistered, AssetShared, AssetUnshared, AssetUpdated, AssetsPurged, AssetsReassigned,
    HolderKind,
};
pub use exist::retain_existing;
pub use kept::{KeptAsset, count_kept, list_kept, load_many_kept};
pub use managed::AssetRefusal;
pub use partings::Partings;
pub use purge::purge_lost;
pub use purge_owned::{list_keeping_workspaces, list_kept_here, list_purgeable, purge};
pub use read::{
    AssetFilter, can, count, count_owned, find, find_by_external_id, list, list_owned, load_many_assets,
    load_many_shares,
};
pub use reassign::{ReassignAssets, ReassignRefusal, Reassigned, reassign};
pub use recover::{find_again, find_lost_workspace, list_lost};
pub use register::{RegisterAsset, Registered, register};
pub use returning::bring_back;
pub use rules::RegisterRefusal;
pub use share::{ShareAsset, SharePlace, ShareRefusal, Shared, Shares, share};
pub use store::{delete_all, find_kept_workspace};
pub use unshare::{end_all_shares, end_shares, end_shares_to};
pub use update::{UpdateAsset, Updated, update};
