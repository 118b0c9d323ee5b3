//! What a workspace's seats are limited to.

/// Most seats that a limit may name.
pub const SEATS_MAX: i64 = 10_000_000;

/// A workspace's seat plan. One that never had any has neither a limit nor a price.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct SeatPlan {
    /// None: as many as there are people.
    pub limit: Option<i64>,
    /// Grows with each change; 0 while nobody has set anything.
    pub revision: i64,
}
