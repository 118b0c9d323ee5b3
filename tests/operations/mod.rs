//! What an operator does and lives through: releases side by side, backups, restarts, databases that fail.

mod later_release;
mod relay;
mod restored;
mod sample;
mod transactions;
