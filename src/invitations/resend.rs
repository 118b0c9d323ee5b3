//! Sending an invitation again: a new link, a new validity, the old link dead (INV-4).
//!
//! Never revives a promise that no longer holds; that is for `update`.

use super::change::{self, ChangedInvitation, take_over};
use super::invitation::{Invitation, MailState};
use super::refusal::InvitationRefusal;
use super::sending::SendingLimit;
use super::{mail, promise};
use crate::access::{Failure, Gate, WorkspaceProof, WorkspaceTx};
use crate::members::{self, Member, lifecycle::Operation};
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
    let mut resending = Resending::begin(&tx, limit, &policy, admin).await?;
    let (invitation, member) = resending.send(&mut tx, invitation, member).await?;
    let committed = tx.commit().await.map_err(Failure::widen)?;
    Ok(ChangedInvitation { invitation, member: Some(member), committed })
}

/// What all that is sent again in one call shares.
pub(super) struct Resending {
    limit: SendingLimit,
    /// How many may still be sent.
    left: u64,
    expires_at: Timestamp,
    /// Who answers for it from here on.
    admin: MemberId,
}

impl Resending {
    pub(super) async fn begin(
        tx: &WorkspaceTx,
        limit: SendingLimit,
        policy: &Policy,
        admin: MemberId,
    ) -> Result<Self, Failure<InvitationRefusal>> {
        let (left, expires_at) = (limit.count_left(tx).await?, policy.invitation_expiry(tx.now()));
        Ok(Self { limit, left, expires_at, admin })
    }

    /// Sends one again that the table allows it for. Every check comes before the first change.
    pub(super) async fn send(
        &mut self,
        tx: &mut WorkspaceTx,
        mut invitation: Invitation,
        member: Member,
    ) -> Result<(Invitation, Member), Failure<InvitationRefusal>> {
        let promised = async {
            let role = promise::choose_role(tx, Some(invitation.role)).await?;
            promise::check(tx, &role, &invitation.assets).await
        };
        promised.await.map_err(|failure| failure.map(InvitationRefusal::from))?;
        let limited = InvitationRefusal::RateLimited { per_hour_max: self.limit.per_hour_max };
        self.left = self.left.checked_sub(1).ok_or(Failure::Refused(limited))?;
        let before = change::before(&invitation, &member, tx.now());
        take_over(tx, &mut invitation, &member, self.admin);
        invitation.sent_at = tx.now();
        invitation.expires_at = self.expires_at;
        invitation.expiry_announced = false;
        invitation.sending += 1;
        invitation.mail = MailState::Queued;
        let (name, role) = (member.name.clone(), member.role.clone());
        let updated = members::update_invited(tx, member, name, role, self.expires_at).await;
        let member = updated.map_err(|failure| failure.map(InvitationRefusal::SeatsTaken))?;
        mail::enqueue(tx, &invitation, &member).await?;
        change::keep(tx, &invitation, &member, ("InvitationResent", before)).await?;
        Ok((invitation, member))
    }
}
