//! The room of the API keys: what a workspace's automation signs with (API-1 to API-3).
//!
//! - A key acts for the admin who made it, and works only while that member is an active admin; `access` sees to it
//!   at each request.
//! - It stops for good when that membership ends, though the person come back (API-2).
//! - Its secret is shown once; a hash is stored.
//! - No key makes, lists or revokes keys.
//!
//! Never deletes a key but with its maker (DEL-1): a revoked one stays in the list.

mod api_key;
mod create;
mod events;
mod purge;
mod read;
mod revoke;
mod store;
mod uses;

pub use api_key::{ApiKey, KeyStatus};
pub use create::{Created, create};
pub use events::{ApiKeyCreated, ApiKeyRevoked};
pub use purge::purge_of_maker;
pub use read::{count, count_unrevoked, list, list_of_maker, load_many_api_keys};
pub use revoke::{RevokeRefusal, Revoked, revoke};
pub use store::{delete_all, revoke_all};
pub use uses::KeyUses;
