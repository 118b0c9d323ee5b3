//! Assets in the schema: the type, what `workspace` answers about them, and their mutations.
//!
//! Never decides: it parses, calls the assets room, and maps what comes back.

mod asset;
mod changing;
mod handing;
mod query;
mod refusals;
mod registering;
mod shares;

pub use asset::{Asset, owned_by};
pub use changing::ChangingMutation;
pub use handing::HandingMutation;
pub use query::WorkspaceAssets;
pub use registering::RegisteringMutation;
pub use shares::AssetShares;
