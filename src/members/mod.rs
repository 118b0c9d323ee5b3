//! The room of the members: who is in a workspace, where each membership stands, and what may be done with it.

pub mod lifecycle;
