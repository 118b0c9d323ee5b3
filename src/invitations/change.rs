//! What every change by an admin does first and last: open by authority, find the invitation open, ask the lifecycle
//! table; save, announce, commit.
//!
//! Never changes anything between but the record of a refused attempt.

use serde_json::{Value, json};

use super::invitation::{Invitation, InvitationOutcome};
use super::persons::tell_person;
use super::refusal::InvitationRefusal;
use super::{events, expire, store};
use crate::access::{Committed, Failure, Gate, WorkspaceProof, WorkspaceTx};
use crate::members::lifecycle::{Asker, Asking, LifecycleRefusal, Operation, Standing, available, decide};
use crate::members::{self, Member};
use crate::policy::{self, Policy};
use crate::primitives::ids::{InvitationId, MemberId};
use crate::primitives::rights::Permission;
use crate::primitives::time::Timestamp;

/// An invitation after the change, whom it is for, and the place in the stream.
#[derive(Clone, Debug)]
pub struct ChangedInvitation {
    pub invitation: Invitation,
    /// None where the person is again what they were before: nothing.
    pub member: Option<Member>,
    pub committed: Committed,
}

/// A change that the table allows and that is not yet done.
pub(super) struct Change {
    pub tx: WorkspaceTx,
    pub invitation: Invitation,
    pub member: Member,
    pub policy: Policy,
    /// The admin who acts, or who made the acting key.
    pub admin: MemberId,
    /// What member and invitation were, for the event to tell (EVT-3).
    pub before: Value,
}

pub(super) async fn open(
    gate: &Gate,
    proof: &WorkspaceProof,
    id: InvitationId,
    operation: Operation,
) -> Result<Change, Failure<InvitationRefusal>> {
    let tx = gate.by_permission(proof, Permission::InviteMembers).await?;
    let found = store::find(tx.reader(), tx.workspace(), id).await?;
    let invitation = found.ok_or(Failure::NotFound { field: "input.invitationId" })?;
    let member = members::find(tx.reader(), tx.workspace(), invitation.member).await?;
    let policy = policy::load(tx.reader(), tx.workspace()).await?;
    if let Some((outcome, _)) = invitation.ended {
        return Err(Failure::Refused(too_late(&tx, outcome, member.as_ref(), &policy)));
    }
    let member = member.ok_or_else(|| Failure::Internal(format!("{id} is open and has no member")))?;
    let admin = tx.proof()?.member;
    let before = before(&invitation, &member, tx.now());
    let change = Change { tx, invitation, member, policy, admin, before };
    change.ask(operation).await
}

/// What an event tells of what was: where the person stood, in which role they were asked in, and the invitation.
pub(super) fn before(invitation: &Invitation, member: &Member, now: Timestamp) -> Value {
    let role = json!({ "id": member.role.id, "name": member.role.name, "admin": member.role.is_admin });
    json!({
        "status": member.status(now),
        "role": role,
        "invitation": events::state(invitation, now),
    })
}

/// It has ended: where the person stands now, and what may be done with them instead (LIF-2).
fn too_late(
    tx: &WorkspaceTx,
    outcome: InvitationOutcome,
    member: Option<&Member>,
    policy: &Policy,
) -> InvitationRefusal {
    let now = tx.now();
    let standing = member.map_or_else(Standing::default, |member| member.standing(now, false));
    let asking = Asking::new(Asker::Admin, tx.origin());
    let all = available(&standing, asking, &policy.lifecycle(), now);
    let allowed = all.into_iter().filter(|(_, decided)| decided.is_ok()).map(|(operation, _)| operation);
    InvitationRefusal::Ended { outcome, status: standing.status, allowed: allowed.collect() }
}

impl Change {
    async fn ask(self, operation: Operation) -> Result<Self, Failure<InvitationRefusal>> {
        let asking = Asking::new(Asker::Admin, self.tx.origin());
        let standing = self.member.standing(self.tx.now(), false);
        match decide(operation, &standing, asking, &self.policy.lifecycle(), self.tx.now()) {
            Ok(_) => Ok(self),
            Err(refusal) => Err(self.refuse(operation, refusal).await),
        }
    }

    /// Ends without a change; an attempt to get round a block goes on record (BLK-10).
    async fn refuse(self, operation: Operation, refusal: LifecycleRefusal) -> Failure<InvitationRefusal> {
        let blocked_at = self.member.block.as_ref().map(|block| block.at);
        if refusal.is_recorded() {
            let recorded = members::record_refusal_and_end(self.tx, &self.member, operation).await;
            if let Err(failure) = recorded {
                return failure;
            }
        }
        Failure::Refused(InvitationRefusal::Lifecycle { refusal, blocked_at })
    }

    /// Whoever changes an open invitation answers for it from here on (INV-7).
    pub(super) fn take_over(&mut self) {
        take_over(&mut self.tx, &mut self.invitation, &self.member, self.admin);
    }

    /// Makes a change true after which the invitation is open.
    pub(super) async fn commit(
        mut self,
        kind: &'static str,
    ) -> Result<ChangedInvitation, Failure<InvitationRefusal>> {
        let now = self.tx.now();
        store::save(&self.tx, &self.invitation).await?;
        let changed = events::changed(kind, &self.invitation, &self.member, now);
        self.tx.announce(changed.with_before(self.before));
        tell_person(&mut self.tx, &self.invitation).await?;
        let committed = self.tx.commit().await.map_err(Failure::widen)?;
        Ok(ChangedInvitation { invitation: self.invitation, member: Some(self.member), committed })
    }
}

/// Whoever changes an open invitation answers for it from here on (INV-7).
pub(super) fn take_over(tx: &mut WorkspaceTx, invitation: &mut Invitation, member: &Member, admin: MemberId) {
    expire::note(tx, invitation, member);
    invitation.inviter = admin;
    invitation.refusals.clear();
    invitation.revision += 1;
}
