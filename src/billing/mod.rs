//! The room of the seat plan: to how many a workspace's seats are limited.
//!
//! Who takes a seat, how many are taken and whether one is free is decided by the members room, which calls down here
//! within its transactions. Never opens a transaction for somebody, and never knows a name.

mod events;
mod plan;
mod set_plan;
mod store;

pub use plan::{SEATS_MAX, SeatPlan};
pub use set_plan::set_plan;
pub use store::load_plan;
