//! Those who are invited and haven't answered: whose invitations are sent again or come to nothing, one or many. A door
//! for the invitations room, inside its transactions: gathered row by row, written at once.
//!
//! Never announces anything: the invitation does. Never decides whether it may be; that room asked the lifecycle table.

use super::member::{Member, MemberState};
use super::seating::Seating;
use super::seats::SeatsTaken;
use super::store;
use crate::access::{Failure, WorkspaceTx};
use crate::platform::database::DatabaseError;
use crate::primitives::actor::EndCause;
use crate::primitives::ids::MemberId;
use crate::primitives::time::Timestamp;

/// What becomes of them in one transaction.
#[derive(Default)]
pub struct Invited {
    /// Open once somebody needs a seat kept.
    seating: Option<Seating>,
    saved: Vec<(Member, Option<EndCause>)>,
    /// Whose name may be another again.
    named: Vec<Member>,
    gone: Vec<MemberId>,
}

impl Invited {
    /// Valid until another time, and with a seat, where the policy keeps one (INV-4, SEAT-3).
    pub async fn renew(
        &mut self,
        tx: &WorkspaceTx,
        mut member: Member,
        expires_at: Timestamp,
    ) -> Result<Member, Failure<SeatsTaken>> {
        if member.invitation_expires_at != Some(expires_at) {
            let seating = match &mut self.seating {
                Some(seating) => seating,
                closed => closed.insert(Seating::open(tx, &[]).await?),
            };
            seating.keep(tx, &member).await?;
        }
        member.invitation_expires_at = Some(expires_at);
        self.save(&mut member);
        Ok(member)
    }

    /// What they were before the invitation: removed, or nobody (INV-3).
    pub fn put_back(&mut self, mut member: Member) -> Option<Member> {
        if member.removed_at.is_none() {
            self.gone.push(member.id);
            return None;
        }
        member.state = MemberState::Removed;
        member.invitation_expires_at = None;
        self.save(&mut member);
        self.named.push(member.clone());
        Some(member)
    }

    fn save(&mut self, member: &mut Member) {
        member.revision += 1;
        self.saved.push((member.clone(), None));
    }

    /// Makes all of it true.
    pub async fn write(self, tx: &WorkspaceTx) -> Result<(), DatabaseError> {
        store::save_all(tx, &self.saved).await?;
        store::write_all_words(tx, &self.named).await?;
        store::delete_many(tx, &self.gone).await
    }
}
