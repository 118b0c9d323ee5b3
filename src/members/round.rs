//! What a call on members comes to, one or many: gathered row by row, written at once, told in the order of the rows.
//!
//! Never asks whether an operation is allowed (the lifecycle table does), and never holds half of a row: whoever changes a
//! member checks everything before the first line of it is gathered here.

use super::act::{Act, MemberRefusal};
use super::assignments::{self, Assignment};
use super::lifecycle::Operation;
use super::member::Member;
use super::seating::Seating;
use super::{notes, store};
use crate::access::{Committed, Failure, WorkspaceTx};
use crate::notices::{self, NoticeKind};
use crate::platform::database::DatabaseError;
use crate::policy::Policy;
use crate::primitives::actor::EndCause;
use crate::primitives::ids::{AccountId, MemberId};

/// An open transaction, and what it is going to write.
pub(super) struct Round {
    pub tx: WorkspaceTx,
    pub policy: Policy,
    /// Active admins after the rows so far; none until somebody had to know.
    admins: Option<i64>,
    /// Whom the call is about.
    members: Vec<MemberId>,
    /// Open once somebody takes a seat or gives one up.
    seating: Option<Seating>,
    saved: Vec<(Member, Option<EndCause>)>,
    assigned: Vec<(MemberId, Vec<Assignment>)>,
    noted: Vec<(MemberId, Operation, String)>,
    /// Whom a notice tells that they were removed.
    removed: Vec<AccountId>,
}

impl Round {
    pub(super) const fn new(tx: WorkspaceTx, policy: Policy, members: Vec<MemberId>) -> Self {
        Self {
            tx,
            policy,
            admins: None,
            members,
            seating: None,
            saved: Vec::new(),
            assigned: Vec::new(),
            noted: Vec::new(),
            removed: Vec::new(),
        }
    }

    /// The round of an operation on one member.
    pub(super) fn of(act: Act) -> (Self, Member) {
        (Self::new(act.tx, act.policy, vec![act.member.id]), act.member)
    }

    /// WSP-6: whatever takes an active admin away needs another one to stay, those that earlier rows took not counted.
    pub(super) async fn keep_an_admin(&mut self, member: &Member) -> Result<(), Failure<MemberRefusal>> {
        if !member.is_active_admin() {
            return Ok(());
        }
        let admins = match self.admins {
            Some(admins) => admins,
            None => store::count_other_active_admins(&self.tx, member.id).await? + 1,
        };
        self.admins = Some(admins);
        if admins < 2 { Err(Failure::Refused(MemberRefusal::LastAdmin)) } else { Ok(()) }
    }

    /// A row is through: whether it was an active admin before, and is one now, counts for the rows after it.
    pub(super) const fn count_admins(&mut self, before: bool, after: bool) {
        if let Some(admins) = &mut self.admins {
            *admins += after as i64 - before as i64;
        }
    }

    /// Whoever holds a seat is about to give it up: what is due for it is booked (SEAT-4).
    pub(super) async fn give_up_seat(&mut self, member: &Member) -> Result<(), DatabaseError> {
        let (seating, tx) = self.seating().await?;
        seating.give_up(tx, member).await
    }

    /// The person is active from here on, and takes a seat (SEAT-2).
    pub(super) async fn take_seat(&mut self, member: &mut Member) -> Result<(), Failure<MemberRefusal>> {
        let (seating, tx) = self.seating().await?;
        let taken = seating.take(tx, member).await;
        taken.map_err(|failure| failure.map(MemberRefusal::from))
    }

    async fn seating(&mut self) -> Result<(&mut Seating, &mut WorkspaceTx), DatabaseError> {
        let seating = match &mut self.seating {
            Some(seating) => seating,
            closed => closed.insert(Seating::open(&self.tx, &self.members).await?),
        };
        Ok((seating, &mut self.tx))
    }

    /// Saves what has changed of a member and raises its revision. `cause` is given where the generation was raised.
    pub(super) fn save(&mut self, member: &mut Member, cause: Option<EndCause>) {
        member.revision += 1;
        self.saved.push((member.clone(), cause));
    }

    /// Puts these assignments in the place of those that stand.
    pub(super) fn assign(&mut self, member: MemberId, assignments: Vec<Assignment>) {
        self.assigned.push((member, assignments));
    }

    /// Keeps what an admin wrote beside an operation.
    pub(super) fn note(&mut self, member: MemberId, operation: Operation, note: Option<&str>) {
        self.noted.extend(note.map(|note| (member, operation, note.to_owned())));
    }

    /// Leaves a removed person a notice (REM-5).
    pub(super) fn leave_notice(&mut self, account: AccountId) {
        self.removed.push(account);
    }

    /// Makes all of it true, with its events.
    pub(super) async fn commit<R>(mut self) -> Result<Committed, Failure<R>> {
        if let Some(seating) = self.seating {
            seating.close(&self.tx).await?;
        }
        store::save_all(&self.tx, &self.saved).await?;
        assignments::replace_all(&self.tx, &self.assigned).await?;
        notes::add_all(&self.tx, &self.noted).await?;
        notices::post_all(&mut self.tx, &self.removed, NoticeKind::Removed).await?;
        self.tx.commit().await.map_err(Failure::widen)
    }
}
