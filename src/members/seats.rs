//! Seats: how many there are, who takes one, and the one way into one (SEAT-1 to SEAT-3).
//!
//! Never lets anybody become active but through [`Seating`], which counts under the workspace's lock; and never counts an
//! invitation whose time is over.

use super::member::Member;
use super::seating::Seating;
use super::store;
use crate::access::{Failure, WorkspaceTx, WorkspaceView};
use crate::billing;
use crate::platform::database::DatabaseError;
use crate::policy::{self, Policy};
use crate::primitives::actor::MemberStatus;
use crate::primitives::ids::MemberId;
use crate::primitives::rights::Permission;

/// How many seats a workspace has, and what became of them.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Seats {
    /// None: as many as there are people.
    pub limit: Option<i64>,
    /// Taken by active members.
    pub used: i64,
    /// Kept for open invitations, where the policy reserves.
    pub reserved: i64,
}

/// None is free.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SeatsTaken {
    pub limit: i64,
    pub used: i64,
    pub reserved: i64,
}

impl Seats {
    /// How many more may be taken or reserved; none: any number.
    pub fn free(&self) -> Option<i64> {
        self.limit.map(|limit| (limit - self.used - self.reserved).max(0))
    }

    /// One more, or why not.
    pub(super) fn one_more(&self) -> Result<(), SeatsTaken> {
        match self.limit {
            Some(limit) if self.free() == Some(0) => {
                Err(SeatsTaken { limit, used: self.used, reserved: self.reserved })
            }
            _ => Ok(()),
        }
    }

    /// Whether all of them fit below a limit (SEAT-3).
    pub(super) fn fit(&self, limit: i64) -> Result<(), SeatsTaken> {
        let (used, reserved) = (self.used, self.reserved);
        if used + reserved > limit { Err(SeatsTaken { limit, used, reserved }) } else { Ok(()) }
    }
}

/// The seats of the asker's workspace; for those who look after them.
pub async fn seats<R>(view: &WorkspaceView) -> Result<Seats, Failure<R>> {
    view.require(Permission::ManageSeats)?;
    let policy = policy::load(view.reader(), view.workspace()).await?;
    let limit = billing::load_plan(view.reader(), view.workspace()).await?.limit;
    Ok(counted(view, limit, &policy).await?)
}

/// The same for what may be done with members; where there is no limit, nothing is counted.
pub(super) async fn of(view: &WorkspaceView, policy: &Policy) -> Result<Seats, DatabaseError> {
    match billing::load_plan(view.reader(), view.workspace()).await?.limit {
        None => Ok(Seats::default()),
        limit => counted(view, limit, policy).await,
    }
}

async fn counted(view: &WorkspaceView, limit: Option<i64>, policy: &Policy) -> Result<Seats, DatabaseError> {
    let used = store::count_seated(view.reader(), view.workspace()).await?;
    let reserved = if policy.invitations_reserve_seats {
        store::count_reserving(view.reader(), (view.workspace(), view.now()), None).await?
    } else {
        0
    };
    Ok(Seats { limit, used, reserved })
}

/// The person is active from here on, and takes a seat: whoever joins, comes back, or has a block lifted. Whoever was
/// invited uses the seat that the invitation reserved. It is charged for, where seats cost something. The caller saves the
/// member.
pub(super) async fn take(tx: &mut WorkspaceTx, member: &mut Member) -> Result<(), Failure<SeatsTaken>> {
    let mut seating = Seating::open(tx, &[member.id]).await?;
    seating.take(tx, member).await?;
    Ok(seating.close(tx).await?)
}

/// Whoever holds a seat is about to give it up: what is due for it is booked. Others hold none.
pub(super) async fn give_up(tx: &mut WorkspaceTx, member: &Member) -> Result<(), DatabaseError> {
    if member.status(tx.now()) != MemberStatus::Active {
        return Ok(());
    }
    let mut seating = Seating::open(tx, &[member.id]).await?;
    seating.give_up(tx, member).await?;
    seating.close(tx).await
}

/// Refuses where no seat is free for this person; what is reserved for themselves is.
pub async fn find_free(tx: &WorkspaceTx, member: MemberId) -> Result<(), Failure<SeatsTaken>> {
    let Some(limit) = billing::load_plan(tx.reader(), tx.workspace()).await?.limit else { return Ok(()) };
    let policy = policy::load(tx.reader(), tx.workspace()).await?;
    let seats = count(tx, Some(limit), policy.invitations_reserve_seats, Some(member)).await?;
    seats.one_more().map_err(Failure::Refused)
}

/// Keeps a seat for somebody who is invited, where the policy does.
pub(super) async fn reserve(tx: &WorkspaceTx, member: Option<MemberId>) -> Result<(), Failure<SeatsTaken>> {
    let policy = policy::load(tx.reader(), tx.workspace()).await?;
    if !policy.invitations_reserve_seats {
        return Ok(());
    }
    let Some(limit) = billing::load_plan(tx.reader(), tx.workspace()).await?.limit else { return Ok(()) };
    count(tx, Some(limit), true, member).await?.one_more().map_err(Failure::Refused)
}

/// Whether a seat could be kept for every open invitation: asked before a policy begins to reserve, so that nobody who
/// was invited in time is turned away (SEAT-3).
pub async fn find_reservable(tx: &WorkspaceTx) -> Result<(), Failure<SeatsTaken>> {
    let Some(limit) = billing::load_plan(tx.reader(), tx.workspace()).await?.limit else { return Ok(()) };
    count(tx, Some(limit), true, None).await?.fit(limit).map_err(Failure::Refused)
}

/// The seats as of the lock, without what is reserved for one person.
pub(super) async fn count(
    tx: &WorkspaceTx,
    limit: Option<i64>,
    reserving: bool,
    without: Option<MemberId>,
) -> Result<Seats, DatabaseError> {
    let used = store::count_seated(tx.reader(), tx.workspace()).await?;
    let of = (tx.workspace(), tx.now());
    let reserved = if reserving { store::count_reserving(tx.reader(), of, without).await? } else { 0 };
    Ok(Seats { limit, used, reserved })
}
