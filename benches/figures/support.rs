//! What the tests start PostgreSQL and Redis with, and end them with however this program ends.

#![allow(dead_code, reason = "the tests use more of it")]

#[path = "../../tests/support/guarded.rs"]
pub mod guarded;
#[path = "../../tests/support/servers.rs"]
pub mod servers;
