//! Inviting: many rows in one transaction, each answered for itself (INV-1).
//!
//! Never lets a bad row change anything or fail the others.

use serde_json::json;

use super::invitation::{Before, Invitation, MailState};
use super::persons::tell_person;
use super::refusal::{InviteRefusal, RowRefusal};
use super::rules::{self, Row};
use super::sending::SendingLimit;
use super::{events, kept, mail, promise, store};
use crate::access::{Committed, Failure, Gate, WorkspaceProof, WorkspaceTx};
use crate::members::lifecycle::{Asker, Asking, Operation, Request, Standing, decide};
use crate::members::{self, Invitee, Member};
use crate::policy::{self, Policy};
use crate::primitives::actor::Origin;
use crate::primitives::ids::{InvitationId, MemberId};
use crate::primitives::rights::Permission;
use crate::primitives::time::Timestamp;

/// Who is to be invited: rows, a pasted list, or both.
#[derive(Clone, Debug, Default)]
pub struct InviteMembers {
    pub rows: Vec<InviteRow>,
    pub list: Option<String>,
    /// For the rows that name neither role nor assets.
    pub role: Option<String>,
    pub assets: Vec<String>,
}

/// One person, as typed: what is malformed fails its own row.
#[derive(Clone, Debug, Default)]
pub struct InviteRow {
    pub email: String,
    pub name: Option<String>,
    pub role: Option<String>,
    pub assets: Vec<String>,
    /// Invite within the wait, giving up what was kept for the person (REM-4).
    pub gives_up_kept: bool,
}

/// What came of one row.
#[derive(Clone, Debug)]
pub struct InvitedRow {
    /// As it was given.
    pub email: String,
    pub result: Result<InvitedMember, RowRefusal>,
}

/// Somebody who is invited now.
#[derive(Clone, Debug)]
pub struct InvitedMember {
    pub member: Member,
    pub invitation: Invitation,
}

/// A row for each that was asked for, in their order.
#[derive(Clone, Debug)]
pub struct Invitations {
    pub rows: Vec<InvitedRow>,
    pub committed: Committed,
}

pub async fn invite_members(
    gate: &Gate,
    limit: SendingLimit,
    proof: &WorkspaceProof,
    request: InviteMembers,
) -> Result<Invitations, Failure<InviteRefusal>> {
    let read = rules::read(request).map_err(Failure::Refused)?;
    let mut tx = gate.by_permission(proof, Permission::InviteMembers).await?;
    if read.len() > 1 {
        tx.act_in_bulk();
    }
    let origin = tx.origin();
    let mut desk = Desk {
        policy: policy::load(tx.reader(), tx.workspace()).await?,
        limit,
        left: limit.count_left(&tx).await?,
        tried: Vec::new(),
    };
    let mut rows = Vec::with_capacity(read.len());
    for (email, row) in read {
        let result = match row {
            Ok(row) => desk.invite(&mut tx, row).await,
            Err(refusal) => Err(Failure::Refused(refusal)),
        };
        rows.push(InvitedRow { email, result: keep_refusal(result)? });
    }
    let committed = tx.commit().await.map_err(Failure::widen)?;
    let changed = rows.iter().any(|row| row.result.is_ok());
    for member in desk.tried {
        let recorded =
            members::record_refused_attempt(gate, (proof, origin), member, Operation::Invite).await;
        match recorded {
            // The other rows stand by now: whoever asked must not hear that nothing was changed.
            Err(failure) if changed => tell_unrecorded(member, &failure),
            recorded => recorded?,
        }
    }
    Ok(Invitations { rows, committed })
}

fn tell_unrecorded(member: MemberId, failure: &Failure<InviteRefusal>) {
    tracing::error!(%member, ?failure, "a refused attempt could not be recorded");
}

/// A refusal is the row's own; whatever else fails, fails the call.
fn keep_refusal(
    result: Result<InvitedMember, Failure<RowRefusal>>,
) -> Result<Result<InvitedMember, RowRefusal>, Failure<InviteRefusal>> {
    match result {
        Ok(invited) => Ok(Ok(invited)),
        Err(Failure::Refused(refusal)) => Ok(Err(refusal)),
        Err(failure) => Err(failure.map(|_| InviteRefusal::Empty)),
    }
}

/// What all rows of a call share.
struct Desk {
    policy: Policy,
    limit: SendingLimit,
    /// How many may still be sent.
    left: u64,
    /// Members whom a row tried to bring back round their block (BLK-10).
    tried: Vec<MemberId>,
}

impl Desk {
    /// Every check comes before the first change.
    async fn invite(&mut self, tx: &mut WorkspaceTx, row: Row) -> Result<InvitedMember, Failure<RowRefusal>> {
        check_directness(tx, &row)?;
        let previous = members::find_by_address(tx.reader(), tx.workspace(), row.email.key()).await?;
        let (wanted, assets) = kept::fill_in(tx, &row, previous.as_ref()).await?;
        let promised = async {
            let role = promise::choose_role(tx, wanted).await?;
            promise::check(tx, &role, &assets).await?;
            Ok(role)
        };
        let role = promised.await.map_err(|failure: Failure<_>| failure.map(RowRefusal::from))?;
        let barred = members::is_barred(tx, row.email.key()).await?;
        self.ask(tx, (previous.as_ref(), barred), row.gives_up_kept)?;
        let limited = RowRefusal::RateLimited { per_hour_max: self.limit.per_hour_max };
        let left = self.left.checked_sub(1).ok_or(Failure::Refused(limited))?;

        let was = previous.as_ref().map(|member| member.status(tx.now()));
        let before = previous.as_ref().map(before);
        let name = row.name.or_else(|| previous.as_ref().map(|member| member.name.clone()));
        let expires_at = self.policy.invitation_expiry(tx.now());
        let invitee = Invitee { email: row.email, name: name.unwrap_or_default(), role, expires_at };
        let invited = members::invite(tx, invitee, previous).await;
        let member = invited.map_err(|failure| failure.map(RowRefusal::SeatsTaken))?;
        let mut invitation = self.invitation(tx, &member, expires_at)?;
        (invitation.assets, invitation.gives_up_kept) = (assets, row.gives_up_kept && before.is_some());
        invitation.before = before;
        store::insert(tx, &invitation).await?;
        mail::enqueue(tx, &invitation, &member).await?;
        let invited = events::changed("MemberInvited", &invitation, &member, tx.now());
        tx.announce(invited.with_before(json!({ "status": was })));
        tell_person(tx, &invitation).await?;
        self.left = left;
        Ok(InvitedMember { member, invitation })
    }

    fn ask(
        &mut self,
        tx: &WorkspaceTx,
        (previous, barred): (Option<&Member>, bool),
        gives_up_kept: bool,
    ) -> Result<(), Failure<RowRefusal>> {
        let wish =
            if gives_up_kept { Request::InviteGivingUpKept } else { Request::Plain(Operation::Invite) };
        let mut standing = previous.map_or_else(Standing::default, |member| member.standing(tx.now(), false));
        // The mark outlives the membership of who was deleted for ever (BLK-8).
        standing.removed_while_blocked |= barred;
        let asking = Asking::new(Asker::Admin, tx.origin());
        let decided = decide(wish, &standing, asking, &self.policy.lifecycle(), tx.now());
        decided.map(|_| ()).map_err(|refusal| {
            if refusal.is_recorded() {
                self.tried.extend(previous.map(|member| member.id));
            }
            let blocked_at = previous.and_then(|member| member.block.as_ref()).map(|block| block.at);
            Failure::Refused(RowRefusal::Lifecycle { refusal, blocked_at })
        })
    }

    fn invitation(
        &self,
        tx: &WorkspaceTx,
        member: &Member,
        expires_at: Timestamp,
    ) -> Result<Invitation, Failure<RowRefusal>> {
        Ok(Invitation {
            id: InvitationId::new(),
            workspace: tx.workspace(),
            member: member.id,
            email_key: member.email_key.clone(),
            role: member.role.id,
            assets: Vec::new(),
            invited_by: tx.actor(),
            inviter: tx.proof()?.member,
            sent_at: tx.now(),
            expires_at,
            expiry_announced: false,
            sending: 1,
            mail: MailState::Queued,
            before: None,
            gives_up_kept: false,
            refusals: Vec::new(),
            ended: None,
            revision: 1,
            created_at: tx.now(),
        })
    }
}

/// Giving up can't be undone, so it is for an admin's own hand, on this one person.
fn check_directness(tx: &WorkspaceTx, row: &Row) -> Result<(), Failure<RowRefusal>> {
    if !row.gives_up_kept || tx.origin() == Origin::AdminDirect {
        return Ok(());
    }
    let message = "only an admin in their own session gives up what was kept, for one person in a call";
    Err(Failure::Refused(RowRefusal::Malformed { field: "giveUpKeptData", message: message.into() }))
}

fn before(member: &Member) -> Before {
    Before {
        name: member.name.clone(),
        email: member.email.clone(),
        email_key: member.email_key.clone(),
        role: member.role.id,
    }
}
