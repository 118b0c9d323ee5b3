//! Machinery without a business word: the database, the journal, the bus, the hub, mail, telemetry.
//!
//! Never decides who may do what, and knows no room.

pub mod bus;
pub mod database;
pub mod hub;
pub mod jobs;
pub mod journal;
pub mod keyset;
pub mod mail;
pub mod tally;
pub mod telemetry;
