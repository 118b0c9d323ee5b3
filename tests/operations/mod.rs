//! What an operator does and lives through: releases side by side, backups, restarts, databases that fail.

mod durable;
mod failover;
mod going_down;
mod later_release;
mod relay;
mod restored;
mod rolling;
pub mod sample;
mod transactions;
