//! Sending an invitation again: a new link, a new validity, the old link dead (INV-4).
//!
//! Never revives a promise that no longer holds; that is for `update`.

use super::change::{self, ChangedInvitation};
use super::invitation::MailState;
use super::refusal::InvitationRefusal;
use super::sending::SendingLimit;
use super::{mail, promise};
use crate::access::{Failure, Gate, WorkspaceProof};
use crate::members::{self, lifecycle::Operation};
use crate::primitives::ids::InvitationId;

pub async fn resend(
    gate: &Gate,
    limit: SendingLimit,
    proof: &WorkspaceProof,
    id: InvitationId,
) -> Result<ChangedInvitation, Failure<InvitationRefusal>> {
    let mut change = change::open(gate, proof, id, Operation::Resend).await?;
    let promised = async {
        let role = promise::choose_role(&change.tx, Some(change.invitation.role)).await?;
        promise::check(&change.tx, &role, &change.invitation.assets).await
    };
    promised.await.map_err(|failure| failure.map(InvitationRefusal::from))?;
    if limit.count_left(&change.tx).await? == 0 {
        let per_hour_max = limit.per_hour_max;
        return Err(Failure::Refused(InvitationRefusal::RateLimited { per_hour_max }));
    }
    change.take_over();
    let (now, expires_at) = (change.tx.now(), change.policy.invitation_expiry(change.tx.now()));
    change.invitation.sent_at = now;
    change.invitation.expires_at = expires_at;
    change.invitation.expiry_announced = false;
    change.invitation.sending += 1;
    change.invitation.mail = MailState::Queued;
    let (name, role) = (change.member.name.clone(), change.member.role.clone());
    let updated = members::update_invited(&change.tx, change.member, name, role, expires_at).await;
    change.member = updated.map_err(|failure| failure.map(InvitationRefusal::SeatsTaken))?;
    mail::enqueue(&change.tx, &change.invitation, &change.member).await?;
    change.commit("InvitationResent").await
}
