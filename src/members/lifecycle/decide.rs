//! The decision: what an operation makes of a membership, or why not.
//!
//! The order of the checks matters: whoever may never ask learns nothing about the member; a block answers before
//! the status does, so that every try to get round it is seen. Never records anything.

use super::table::{By, Row, To};
use super::{Asker, Asking, LifecyclePolicy, LifecycleRefusal, Operation, Outcome, Request, Standing};
use crate::primitives::actor::{MemberStatus, Origin};
use crate::primitives::time::Timestamp;

/// Decides one operation on one membership.
pub fn decide(
    request: impl Into<Request>,
    standing: &Standing,
    asking: Asking,
    policy: &LifecyclePolicy,
    now: Timestamp,
) -> Result<Outcome, LifecycleRefusal> {
    let case = Case { standing, asking, policy, now };
    case.verdict(request.into()).map_err(|refusal| case.with_ways_out(refusal))
}

/// Every operation with its answer for this asker; whoever isn't an admin gets only what they may do to
/// themselves (LIF-3).
pub fn available(
    standing: &Standing,
    asking: Asking,
    policy: &LifecyclePolicy,
    now: Timestamp,
) -> Vec<(Operation, Result<Outcome, LifecycleRefusal>)> {
    Operation::ALL
        .iter()
        .filter(|operation| is_shown_to(Row::of(**operation).by, asking.asker))
        .map(|operation| (*operation, decide(*operation, standing, asking, policy, now)))
        .collect()
}

fn is_shown_to(by: By, asker: Asker) -> bool {
    match asker {
        Asker::Admin => true,
        Asker::Invited => by == By::Invited,
        Asker::Member => by == By::Member,
        Asker::Nobody => false,
    }
}

/// Everything that a decision depends on but the operation.
struct Case<'a> {
    standing: &'a Standing,
    asking: Asking,
    policy: &'a LifecyclePolicy,
    now: Timestamp,
}

impl Case<'_> {
    fn verdict(&self, request: Request) -> Result<Outcome, LifecycleRefusal> {
        let row = Row::of(request.operation());
        self.check_block(row)?;
        self.check_asker(row.by)?;
        self.check_status(row)?;
        self.check_mark(row.by)?;
        self.check_directness(row.by)?;
        self.check_self(row.operation)?;
        self.check_wait(request)?;
        Ok(self.outcome(request, row.to))
    }

    /// BLK-7. An invitation or a rejoin is no way in even for an admin; unblocking and reactivating are refused
    /// to everything but an admin's own hand. Whoever may not ask at all is left to the next check, jobs
    /// excepted: their tries are to be seen.
    fn check_block(&self, row: &Row) -> Result<(), LifecycleRefusal> {
        let is_try = self.standing.is_blocked()
            && row.operation.leads_to_access()
            && (self.may_ask(row.by) || self.asking.origin == Origin::System);
        let by_hand = matches!(row.operation, Operation::Unblock | Operation::Reactivate)
            && self.asking.is_admin_directly();
        refuse_if(is_try && !by_hand, LifecycleRefusal::BlockedRequiresAdmin)
    }

    fn check_asker(&self, by: By) -> Result<(), LifecycleRefusal> {
        refuse_if(!self.may_ask(by), LifecycleRefusal::NotPermitted)
    }

    fn may_ask(&self, by: By) -> bool {
        let Asking { asker, origin } = self.asking;
        match by {
            By::Admins | By::AdminsMindingTheMark | By::AdminDirectly => {
                asker == Asker::Admin
                    && matches!(origin, Origin::AdminDirect | Origin::Bulk | Origin::Automation)
            }
            By::Invited => asker == Asker::Invited && origin == Origin::StandardFlow,
            By::Member => {
                let themself = asker == Asker::Member || (asker == Asker::Admin && self.standing.is_self);
                // Leaving is asked for in a workspace session, rejoining without one.
                themself && matches!(origin, Origin::StandardFlow | Origin::AdminDirect)
            }
        }
    }

    fn check_status(&self, row: &Row) -> Result<(), LifecycleRefusal> {
        let status = self.standing.status;
        if row.starts_from(status, self.policy) {
            return Ok(());
        }
        if row.by == By::Invited && status == Some(MemberStatus::InvitationExpired) {
            return Err(LifecycleRefusal::InvitationExpired);
        }
        Err(LifecycleRefusal::NotAllowedInStatus { status, allowed: Vec::new() })
    }

    /// BLK-8.
    fn check_mark(&self, by: By) -> Result<(), LifecycleRefusal> {
        let marked = by == By::AdminsMindingTheMark && self.standing.removed_while_blocked;
        refuse_if(marked && !self.asking.is_admin_directly(), LifecycleRefusal::BlockedRequiresAdmin)
    }

    fn check_directness(&self, by: By) -> Result<(), LifecycleRefusal> {
        let direct_only = by == By::AdminDirectly && !self.asking.is_admin_directly();
        refuse_if(direct_only, LifecycleRefusal::DirectAdminOnly)
    }

    /// WSP-7. An admin who sets their own role can only demote themself. The ways back are here as well, so that
    /// a caller who takes a blocked admin for an admin is still refused.
    fn check_self(&self, operation: Operation) -> Result<(), LifecycleRefusal> {
        use Operation::*;
        let not_on_oneself = matches!(
            operation,
            Block | Unblock | SetReview | Deactivate | Reactivate | Remove | DeleteForever | SetRole
        );
        refuse_if(self.standing.is_self && not_on_oneself, LifecycleRefusal::NotYourself)
    }

    /// REM-4: giving up what was kept can't be undone, so it is for an admin's own hand.
    fn check_wait(&self, request: Request) -> Result<(), LifecycleRefusal> {
        let gives_up = request == Request::InviteGivingUpKept && self.asking.is_admin_directly();
        let removed = self.standing.status == Some(MemberStatus::Removed);
        match self.standing.reinvite_allowed_at {
            Some(allowed_at)
                if request.operation() == Operation::Invite
                    && removed
                    && !gives_up
                    && self.now < allowed_at =>
            {
                Err(LifecycleRefusal::ReinviteTooEarly { allowed_at })
            }
            _ => Ok(()),
        }
    }

    fn outcome(&self, request: Request, to: To) -> Outcome {
        match to {
            To::Status(status) => Outcome::Becomes(status),
            To::BeforeInvitation => Outcome::BackToBefore(self.standing.before_invitation),
            To::UnderBlock if request == Request::UnblockIntoDeactivated => {
                Outcome::Becomes(MemberStatus::Deactivated)
            }
            To::UnderBlock => Outcome::Becomes(self.standing.beneath()),
            To::Unchanged => Outcome::Unchanged,
            To::Purged => Outcome::Purged,
        }
    }

    /// LIF-2: what the same asker may do instead.
    fn with_ways_out(&self, refusal: LifecycleRefusal) -> LifecycleRefusal {
        let LifecycleRefusal::NotAllowedInStatus { status, .. } = refusal else { return refusal };
        let allowed = Operation::ALL
            .iter()
            .copied()
            .filter(|operation| self.verdict((*operation).into()).is_ok())
            .collect();
        LifecycleRefusal::NotAllowedInStatus { status, allowed }
    }
}

fn refuse_if(refused: bool, refusal: LifecycleRefusal) -> Result<(), LifecycleRefusal> {
    if refused { Err(refusal) } else { Ok(()) }
}
