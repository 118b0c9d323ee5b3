//! Rollcall: who is in a workspace, as what, and how somebody is put out now.

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
