//! How many seats there are and who has them.

use async_graphql::{Object, Result, SimpleObject};

use crate::access::{Never, WorkspaceView};
use crate::graphql::outcome::answer;
use crate::graphql::user_errors::{ErrorCode, SeatLimitReached, UserError, path};
use crate::members::{self, SeatsTaken};

/// The seats of the workspace at this moment. Active members take one each, and nobody else does.
#[derive(SimpleObject)]
pub struct Seats {
    /// How many there are; null: as many as there are people.
    limit: Option<i64>,
    /// How many active members take.
    used: i64,
    /// How many are kept for open invitations, where the policy says so.
    reserved: i64,
    /// How many are left; null: any number.
    free: Option<i64>,
}

impl From<members::Seats> for Seats {
    fn from(seats: members::Seats) -> Self {
        Self { limit: seats.limit, used: seats.used, reserved: seats.reserved, free: seats.free() }
    }
}

/// What `workspace` answers about seats.
pub struct WorkspaceSeats(pub WorkspaceView);

#[Object]
impl WorkspaceSeats {
    /// The seats at this moment. For admins in their own session; an error for others.
    async fn seats(&self) -> Result<Option<Seats>> {
        Ok(Some(answer(members::seats::<Never>(&self.0).await)?.into()))
    }
}

/// No seat is free; at the field that would have taken one.
pub fn seat_limit_reached(taken: SeatsTaken, field: &str, way_out: &str) -> UserError {
    let SeatsTaken { limit, used, reserved } = taken;
    let message = format!(
        "no seat is free: of {limit}, {used} are taken and {reserved} reserved for invitations; {way_out}"
    );
    UserError::SeatLimitReached(SeatLimitReached {
        code: ErrorCode::SeatLimitReached,
        message,
        field: path(field),
        limit,
        used,
        reserved,
    })
}
