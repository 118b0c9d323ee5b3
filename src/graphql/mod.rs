//! The GraphQL edge: what a document may be, what errors look like, and the scalars and connections that the types
//! of the rooms are made with.
//!
//! Never decides a rule of the product; it parses, calls a room's door, and maps what comes back.

pub mod accounts;
mod again;
pub mod api_keys;
pub mod assets;
pub mod audit;
pub mod billing;
pub mod caller;
pub mod complete;
pub mod connection;
pub mod contacts;
mod decided;
pub mod directives;
pub mod document;
pub mod endings;
pub mod errors;
pub mod events;
pub mod execute;
mod guards;
pub mod invitations;
pub mod kept_assets;
pub mod keyed;
pub mod length;
pub mod member_loader;
pub mod members;
pub mod node;
pub mod notices;
pub mod outcome;
pub mod roles;
pub mod scalars;
pub mod schema;
pub mod sessions;
pub mod tokens;
pub mod user_errors;
pub mod viewer;
pub mod workspaces;
