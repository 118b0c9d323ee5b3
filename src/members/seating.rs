//! Taking, keeping and giving up seats in one transaction, for one member or for many: the plan is read and the seats are
//! counted once, as of the lock, and each row counts for the rows after it (SEAT-2, SEAT-3).
//!
//! Never saves a member; and what was charged is written when it is closed, not before.

use super::lifecycle::Outcome;
use super::member::{Member, MemberState};
use super::seats::{self, Seats, SeatsTaken};
use crate::access::{Failure, WorkspaceTx};
use crate::billing::{self, Till};
use crate::platform::database::DatabaseError;
use crate::policy;
use crate::primitives::actor::MemberStatus;
use crate::primitives::ids::MemberId;
use crate::primitives::time::Timestamp;

/// The seats of an open transaction.
pub(super) struct Seating {
    /// None: as many as there are people.
    limit: Option<i64>,
    till: Till,
    /// Known once somebody wants one.
    counted: Option<Counted>,
}

/// The seats after the rows so far.
struct Counted {
    seats: Seats,
    /// Open invitations keep one each.
    reserving: bool,
}

impl Seating {
    /// For a transaction about these members.
    pub(super) async fn open(tx: &WorkspaceTx, members: &[MemberId]) -> Result<Self, DatabaseError> {
        let plan = billing::load_plan(tx.reader(), tx.workspace()).await?;
        Ok(Self { limit: plan.limit, till: Till::new(&plan, members), counted: None })
    }

    /// The person is active from here on. Whoever was invited uses the seat that the invitation reserved.
    pub(super) async fn take(
        &mut self,
        tx: &mut WorkspaceTx,
        member: &mut Member,
    ) -> Result<(), Failure<SeatsTaken>> {
        if let Some(seats) = self.find(tx, member).await? {
            seats.used += 1;
        }
        let outcome = Outcome::Becomes(MemberStatus::Active);
        member.removed_while_blocked = member.standing(tx.now(), false).marked_after(outcome);
        member.state = MemberState::Active;
        member.block = None;
        member.departure = None;
        Ok(self.till.charge(tx, member.id).await?)
    }

    /// Keeps a seat for somebody whose invitation is sent again, where the policy does. They have the one that they had,
    /// unless its time was over.
    pub(super) async fn keep(
        &mut self,
        tx: &WorkspaceTx,
        member: &Member,
    ) -> Result<(), Failure<SeatsTaken>> {
        let Some(limit) = self.limit else { return Ok(()) };
        if !self.counted(tx, limit).await?.reserving {
            return Ok(());
        }
        if let Some(seats) = self.find(tx, member).await? {
            seats.reserved += 1;
        }
        Ok(())
    }

    /// Whoever holds a seat is about to give it up: what is due for it is booked. Others hold none.
    pub(super) async fn give_up(
        &mut self,
        tx: &mut WorkspaceTx,
        member: &Member,
    ) -> Result<(), DatabaseError> {
        if member.status(tx.now()) != MemberStatus::Active {
            return Ok(());
        }
        self.till.settle(tx, member.id).await?;
        if let Some(counted) = &mut self.counted {
            counted.seats.used -= 1;
        }
        Ok(())
    }

    /// Writes what was charged.
    pub(super) async fn close(self, tx: &WorkspaceTx) -> Result<(), DatabaseError> {
        self.till.close(tx).await
    }

    /// One is free for this person, what is kept for themselves among them: the seats as they are without the latter, to be
    /// counted on. None where there is no limit.
    async fn find(
        &mut self,
        tx: &WorkspaceTx,
        member: &Member,
    ) -> Result<Option<&mut Seats>, Failure<SeatsTaken>> {
        let Some(limit) = self.limit else { return Ok(None) };
        let counted = self.counted(tx, limit).await?;
        let own = i64::from(counted.reserving && has_kept(member, tx.now()));
        let without = Seats { reserved: counted.seats.reserved - own, ..counted.seats };
        without.one_more().map_err(Failure::Refused)?;
        counted.seats = without;
        Ok(Some(&mut counted.seats))
    }

    async fn counted(&mut self, tx: &WorkspaceTx, limit: i64) -> Result<&mut Counted, DatabaseError> {
        match &mut self.counted {
            Some(counted) => Ok(counted),
            unknown => {
                let policy = policy::load(tx.reader(), tx.workspace()).await?;
                let reserving = policy.invitations_reserve_seats;
                let seats = seats::count(tx, Some(limit), reserving, None).await?;
                Ok(unknown.insert(Counted { seats, reserving }))
            }
        }
    }
}

/// As `store::count_reserving` counts: an invitation whose time isn't over.
fn has_kept(member: &Member, now: Timestamp) -> bool {
    member.state == MemberState::Invited && member.invitation_expires_at.is_some_and(|until| until > now)
}
