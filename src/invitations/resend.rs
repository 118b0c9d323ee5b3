//! Sending an invitation again: a new link, a new validity, the old link dead (INV-4).
//!
//! Never revives a promise that no longer holds; that is for `update`.

use super::change::{self, ChangedInvitation, take_over};
use super::invitation::{Invitation, MailState};
use super::persons::Persons;
use super::promise::Promises;
use super::refusal::InvitationRefusal;
use super::sending::SendingLimit;
use super::{events, mail, store};
use crate::access::{Failure, Gate, WorkspaceProof, WorkspaceTx};
use crate::members::{Invited, Member, lifecycle::Operation};
use crate::platform::database::DatabaseError;
use crate::platform::mail::{NewMail, enqueue_all};
use crate::policy::Policy;
use crate::primitives::ids::{InvitationId, MemberId};
use crate::primitives::time::Timestamp;

pub async fn resend(
    gate: &Gate,
    limit: SendingLimit,
    proof: &WorkspaceProof,
    id: InvitationId,
) -> Result<ChangedInvitation, Failure<InvitationRefusal>> {
    let change::Change { mut tx, invitation, member, policy, admin, .. } =
        change::open(gate, proof, id, Operation::Resend).await?;
    let mut resending = Resending::begin(&tx, limit, (&policy, admin), &[&invitation]).await?;
    let (invitation, member) = resending.send(&mut tx, invitation, member).await?;
    resending.write(&tx).await?;
    let committed = tx.commit().await.map_err(Failure::widen)?;
    Ok(ChangedInvitation { invitation, member: Some(member), committed })
}

/// What all that is sent again in one call shares, and what it comes to: gathered row by row, written at once.
pub(super) struct Resending {
    limit: SendingLimit,
    /// How many may still be sent.
    left: u64,
    expires_at: Timestamp,
    /// Who answers for it from here on.
    admin: MemberId,
    promises: Promises,
    persons: Persons,
    invited: Invited,
    sent: Vec<Invitation>,
    mails: Vec<NewMail>,
}

impl Resending {
    /// For a call on these invitations at most.
    pub(super) async fn begin(
        tx: &WorkspaceTx,
        limit: SendingLimit,
        (policy, admin): (&Policy, MemberId),
        open: &[&Invitation],
    ) -> Result<Self, DatabaseError> {
        Ok(Self {
            limit,
            left: limit.count_left(tx).await?,
            expires_at: policy.invitation_expiry(tx.now()),
            admin,
            promises: Promises::load(tx, open).await?,
            persons: Persons::find(tx, open).await?,
            invited: Invited::default(),
            sent: Vec::new(),
            mails: Vec::new(),
        })
    }

    /// Sends one again that the table allows it for. Every check comes before the first change.
    pub(super) async fn send(
        &mut self,
        tx: &mut WorkspaceTx,
        mut invitation: Invitation,
        member: Member,
    ) -> Result<(Invitation, Member), Failure<InvitationRefusal>> {
        let promised = self.promises.check(tx.origin(), &invitation);
        promised.map_err(|refusal| Failure::Refused(InvitationRefusal::from(refusal)))?;
        let limited = InvitationRefusal::RateLimited { per_hour_max: self.limit.per_hour_max };
        let left = self.left.checked_sub(1).ok_or(Failure::Refused(limited))?;
        let renewed = self.invited.renew(tx, member.clone(), self.expires_at).await;
        let renewed = renewed.map_err(|failure| failure.map(InvitationRefusal::SeatsTaken))?;
        self.left = left;
        let now = tx.now();
        let before = change::before(&invitation, &member, now);
        take_over(tx, &mut invitation, &member, self.admin);
        invitation.sent_at = now;
        invitation.expires_at = self.expires_at;
        invitation.expiry_announced = false;
        invitation.sending += 1;
        invitation.mail = MailState::Queued;
        self.mails.push(mail::newest(&invitation, &renewed)?);
        let resent = events::changed("InvitationResent", &invitation, &renewed, now);
        tx.announce(resent.with_before(before));
        self.persons.tell(tx, &invitation);
        self.sent.push(invitation.clone());
        Ok((invitation, renewed))
    }

    /// Makes all of it true.
    pub(super) async fn write(self, tx: &WorkspaceTx) -> Result<(), DatabaseError> {
        self.invited.write(tx).await?;
        store::save_all(tx, &self.sent).await?;
        if self.mails.is_empty() {
            return Ok(());
        }
        enqueue_all(tx.writer(), self.mails, tx.now()).await
    }
}
