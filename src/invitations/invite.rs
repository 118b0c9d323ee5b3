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
use crate::members::{self, AddressHolders, Invitee, Member, Tried};
use crate::policy::{self, Policy};
use crate::primitives::actor::Origin;
use crate::primitives::ids::InvitationId;
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
        tried: Tried::default(),
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
    members::record_beside(gate, (proof, origin), desk.tried, (Operation::Invite, changed)).await?;
    Ok(Invitations { rows, committed })
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
    /// Whom a row tried to bring back round their block (BLK-10).
    tried: Tried,
}

impl Desk {
    /// Every check comes before the first change.
    async fn invite(&mut self, tx: &mut WorkspaceTx, row: Row) -> Result<InvitedMember, Failure<RowRefusal>> {
        check_directness(tx, &row)?;
        let holders = members::find_by_address(tx.reader(), tx.workspace(), row.email.key()).await?;
        let barred = members::is_barred(tx, row.email.key()).await?;
        // Who has the address comes before what is offered (INV-10, BLK-10).
        self.ask(tx, (&holders, barred), row.gives_up_kept)?;
        let previous = holders.deciding().cloned();
        let (wanted, assets) = kept::fill_in(tx, &row, previous.as_ref()).await?;
        let promised = async {
            let role = promise::choose_role(tx, wanted).await?;
            promise::check(tx, &role, &assets).await?;
            Ok(role)
        };
        let role = promised.await.map_err(|failure: Failure<_>| failure.map(RowRefusal::from))?;
        let limited = RowRefusal::RateLimited { per_hour_max: self.limit.per_hour_max };
        let left = self.left.checked_sub(1).ok_or(Failure::Refused(limited))?;

        let was = previous.as_ref().map(|member| member.status(tx.now()));
        let before = previous.as_ref().map(before);
        let name = row.name.or_else(|| previous.as_ref().map(|member| member.name.clone()));
        let expires_at = self.policy.invitation_expiry(tx.now());
        let (name, marked) = (name.unwrap_or_default(), barred || holders.marked().is_some());
        let invitee = Invitee { email: row.email, name, role, expires_at, marked };
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

    /// Asks the table. The mark outlives the membership of who was deleted for ever, and stays on an address that whoever
    /// has it gave up (BLK-8).
    fn ask(
        &mut self,
        tx: &WorkspaceTx,
        (holders, barred): (&AddressHolders, bool),
        gives_up_kept: bool,
    ) -> Result<(), Failure<RowRefusal>> {
        let wish =
            if gives_up_kept { Request::InviteGivingUpKept } else { Request::Plain(Operation::Invite) };
        let previous = holders.deciding();
        let mut standing = previous.map_or_else(Standing::default, |member| member.standing(tx.now(), false));
        standing.removed_while_blocked |= barred || holders.marked().is_some();
        let asking = Asking::new(Asker::Admin, tx.origin());
        let decided = decide(wish, &standing, asking, &self.policy.lifecycle(), tx.now());
        decided.map(|_| ()).map_err(|refusal| {
            let blocked = previous.filter(|member| member.block.is_some());
            if refusal.is_recorded() {
                self.tried.note(blocked.or(holders.marked()).map(|member| member.id));
            }
            let blocked_at = blocked.and_then(|member| member.block.as_ref()).map(|block| block.at);
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
        removed_while_blocked: Some(member.removed_while_blocked),
    }
}
