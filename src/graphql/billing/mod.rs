//! Seats and what they cost in the schema: what `workspace` answers about them, and the mutations.
//!
//! Never counts and never calculates: the rooms do.

mod seats;
mod updating;

pub use seats::{WorkspaceSeats, seat_limit_reached};
pub use updating::SeatPlanMutation;
