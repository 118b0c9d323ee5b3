//! Builds every part once and connects them; the only place that knows all of them.
//!
//! Never decides anything at run time: it wires, starts and stops.

pub mod commands;
mod demo;
mod descriptors;
mod edge;
mod figures;
mod jobs;
mod last_uses;
pub mod operator;
mod serving;
mod start;

pub use start::{App, Settings, StartError};
