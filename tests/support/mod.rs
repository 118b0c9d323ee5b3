//! What tests share. Knows how to start things; never what a rule says.

pub mod app;
pub mod authority;
pub mod bench;
pub mod binary;
pub mod cast;
pub mod crowd;
pub mod gate;
pub mod guarded;
pub mod journal;
pub mod mail_server;
pub mod own_postgres;
pub mod people;
pub mod servers;
pub mod socket;
pub mod standby;
pub mod statements;
pub mod stock_client;
pub mod storage;
