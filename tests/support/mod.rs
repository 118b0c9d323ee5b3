//! What tests share. Knows how to start things; never what a rule says.

pub mod guarded;
pub mod journal;
pub mod servers;
pub mod stock_client;
