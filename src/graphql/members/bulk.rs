//! One operation on many members: parse, call the room that it belongs to, answer row by row.
//!
//! Never knows which operation is allowed for whom; the lifecycle table does, in the rooms.

use async_graphql::{Context, Enum, ID, InputObject, Object, Result, SimpleObject};

use super::member_error;
use super::mutation::{AssignmentInput, assignments};
use super::payload::note;
use super::removing::{AssetDestinationInput, assets_error, everything};
use super::words::ReasonCategory;
use super::{Member, MemberSight};
use crate::assets::Destination;
use crate::graphql::caller::Asking;
use crate::graphql::directives::{Permission, SessionKind, requires};
use crate::graphql::invitations::{Invitation, bulk_invitation_error};
use crate::graphql::outcome::{Outcome, outcome};
use crate::graphql::scalars::{EventCursor, parse_id};
use crate::graphql::user_errors::{ErrorCode, UserError};
use crate::invitations::{self, BulkInvitation, BulkInvitationRefusal, SendingLimit};
use crate::members::{self, BulkCallRefusal, BulkOperation, BulkRefusal, BulkRows, Reason};
use crate::primitives::ids::{MemberId, RoleId};

/// How many members one call may name.
#[derive(Clone, Copy, Debug)]
pub struct BulkLimit {
    pub rows_max: usize,
}

/// What is done with each of the members.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
enum BulkMemberOperation {
    /// As `blockMember`; with `category` and `note`.
    Block,
    /// Refused for every blocked member with `BLOCKED_REQUIRES_ADMIN`, and on record: a block is lifted with
    /// `unblockMember`, by an admin, one member at a time.
    Unblock,
    /// As `deactivateMember`; with `category` and `note`.
    Deactivate,
    /// As `reactivateMember`.
    Reactivate,
    /// As `removeMember`; with `category`, `note` and `assets`.
    Remove,
    /// As `setMemberRole`; with `roleId` and `assignments`.
    SetRole,
    /// As `setMemberAssignments`; with `assignments`.
    SetAssignments,
    /// As `resendInvitation`, for the members' open invitations.
    ResendInvitation,
    /// As `withdrawInvitation`, for the members' open invitations.
    WithdrawInvitation,
}

/// What becomes of what the removed members own.
#[derive(InputObject)]
struct BulkAssetsInput {
    /// Everything that any of them owns.
    everything: AssetDestinationInput,
}

/// What is to be done, and with whom. What an operation doesn't use is left out.
#[derive(InputObject)]
struct BulkUpdateMembersInput {
    /// What is done with each of them.
    operation: BulkMemberOperation,
    /// The members, at most 500 (`ROLLCALL_BULK_ROWS_MAX`); they are gone through in this order.
    member_ids: Vec<ID>,
    /// `BLOCK`, `DEACTIVATE`, `REMOVE`: why, by category.
    category: Option<ReasonCategory>,
    /// `BLOCK`, `DEACTIVATE`, `REMOVE`: why, in your words; for admins alone, at most 2,000 characters.
    note: Option<String>,
    /// `SET_ROLE`: the role.
    role_id: Option<ID>,
    /// `SET_ROLE`: what they are to work on, where the role has the scope `ASSIGNED`; left out, what each has stays.
    /// `SET_ASSIGNMENTS`: all that each of them is to work on. At most 200.
    assignments: Option<Vec<AssignmentInput>>,
    /// `REMOVE`: what becomes of what they own; left out, the workspace's policy decides.
    assets: Option<BulkAssetsInput>,
}

/// What came of one member.
#[derive(SimpleObject)]
struct BulkUpdateResult {
    /// Which of `memberIds`, from 0.
    index: usize,
    /// The id as it was given.
    member_id: ID,
    /// The member after the change; null when this row was refused, and where somebody never was more than invited and
    /// no longer is.
    member: Option<Member>,
    /// The invitation after the change, with `RESEND_INVITATION` and `WITHDRAW_INVITATION`.
    invitation: Option<Invitation>,
    /// What you can put right in this row.
    user_errors: Vec<UserError>,
}

/// What the call came to.
#[derive(SimpleObject, Default)]
struct BulkUpdateMembersPayload {
    /// A result for each of `memberIds`, in order; empty when the whole call was refused.
    results: Vec<BulkUpdateResult>,
    /// What you can put right in the call as a whole; what concerns one member is in its result.
    user_errors: Vec<UserError>,
    /// The workspace's stream after the change; null when the whole call was refused.
    event_cursor: Option<EventCursor>,
}

/// What the input asks for, once it is read.
enum Wish {
    Members(BulkOperation),
    Resend,
    Withdraw,
}

/// A row's outcome, whichever room it came from.
type Row = std::result::Result<(Option<members::Member>, Option<invitations::Invitation>), UserError>;

/// The mutation on many members.
#[derive(Default)]
pub struct BulkMutation;

#[Object]
impl BulkMutation {
    /// Does one thing with many members, at most 500, each answered for itself and in order: a refused row doesn't stop
    /// the others. What only an admin's own hand may do to one member is refused here. Every operation asks for the
    /// permission of its single one besides.
    #[graphql(directive = requires::apply(SessionKind::Workspace, Some(Permission::ManageMembers)))]
    async fn bulk_update_members(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and with whom.")] input: BulkUpdateMembersInput,
    ) -> Result<BulkUpdateMembersPayload> {
        let given = input.member_ids.clone();
        let parse = |(at, id): (usize, &ID)| parse_id(&row(at), id, MemberId::parse);
        let ids = given.iter().enumerate().map(parse).collect::<std::result::Result<Vec<MemberId>, _>>()?;
        let wish = read(input)?;
        let rows = BulkRows::new(ids, ctx.data::<BulkLimit>()?.rows_max).map_err(UserError::from);
        let (wish, rows) = match (wish, rows) {
            (Ok(wish), Ok(rows)) => (wish, rows),
            (wish, rows) => return Ok(refused([wish.err(), rows.err()].into_iter().flatten().collect())),
        };
        Ok(match done(ctx, wish, &rows).await? {
            Ok((rows, cursor)) => answered(ctx, given, rows, cursor)?,
            Err(errors) => refused(errors),
        })
    }
}

fn row(at: usize) -> String {
    format!("input.memberIds.{at}")
}

fn refused(user_errors: Vec<UserError>) -> BulkUpdateMembersPayload {
    BulkUpdateMembersPayload { user_errors, ..BulkUpdateMembersPayload::default() }
}

fn read(input: BulkUpdateMembersInput) -> Result<std::result::Result<Wish, UserError>> {
    if let Err(error) = check_used(&input) {
        return Ok(Err(error));
    }
    let role = input.role_id.as_ref().map(|id| parse_id("input.roleId", id, RoleId::parse)).transpose()?;
    let wanted = input.assignments.map(|given| assignments("input.assignments", given)).transpose()?;
    let assets = everything(input.assets.map(|assets| assets.everything))?;
    let all = wanted.transpose().and_then(|wanted| Ok((wanted, assets?, note(input.note)?)));
    let reason = |note| Reason { category: input.category.map(Into::into), note };
    Ok(all.and_then(|(wanted, assets, note)| wish(input.operation, (role, wanted), assets, reason(note))))
}

/// An argument that the operation doesn't know was meant for another one.
fn check_used(input: &BulkUpdateMembersInput) -> std::result::Result<(), UserError> {
    use BulkMemberOperation::{Block, Deactivate, Remove, SetAssignments, SetRole};
    let given = [
        ("category", input.category.is_some(), &[Block, Deactivate, Remove][..]),
        ("note", input.note.is_some(), &[Block, Deactivate, Remove]),
        ("roleId", input.role_id.is_some(), &[SetRole]),
        ("assignments", input.assignments.is_some(), &[SetRole, SetAssignments]),
        ("assets", input.assets.is_some(), &[Remove]),
    ];
    match given.iter().find(|(_, is_given, users)| *is_given && !users.contains(&input.operation)) {
        Some((name, ..)) => {
            let message = format!("this operation doesn't use `{name}`; leave it out");
            Err(UserError::invalid(&format!("input.{name}"), message))
        }
        None => Ok(()),
    }
}

fn wish(
    operation: BulkMemberOperation,
    (role, wanted): (Option<RoleId>, Option<Vec<members::Assignment>>),
    assets: Option<Destination>,
    reason: Reason,
) -> std::result::Result<Wish, UserError> {
    Ok(Wish::Members(match operation {
        BulkMemberOperation::Block => BulkOperation::Block(reason),
        BulkMemberOperation::Unblock => BulkOperation::Unblock,
        BulkMemberOperation::Deactivate => BulkOperation::Deactivate(reason),
        BulkMemberOperation::Reactivate => BulkOperation::Reactivate,
        BulkMemberOperation::Remove => BulkOperation::Remove(reason, assets),
        BulkMemberOperation::SetRole => {
            let missing = || UserError::invalid("input.roleId", "say which role they are to have");
            BulkOperation::SetRole(role.ok_or_else(missing)?, wanted)
        }
        BulkMemberOperation::SetAssignments => {
            let missing = || UserError::invalid("input.assignments", "say what they are to work on");
            BulkOperation::SetAssignments(wanted.ok_or_else(missing)?)
        }
        BulkMemberOperation::ResendInvitation => return Ok(Wish::Resend),
        BulkMemberOperation::WithdrawInvitation => return Ok(Wish::Withdraw),
    }))
}

async fn done(ctx: &Context<'_>, wish: Wish, rows: &BulkRows) -> Outcome<(Vec<Row>, EventCursor)> {
    let (gate, proof) = (ctx.gate()?, ctx.workspace_proof()?);
    let answered = match wish {
        Wish::Members(operation) => {
            let updated = members::bulk_update(gate, proof, rows, operation).await;
            return Ok(outcome(updated)?.map(|updated| {
                let changed = |(at, row): (usize, std::result::Result<_, _>)| {
                    row.map(|member| (Some(member), None))
                        .map_err(|refusal| row_error(refusal, &self::row(at)))
                };
                let rows = updated.rows.into_iter().enumerate().map(changed).collect();
                (rows, updated.committed.cursor.into())
            }));
        }
        Wish::Resend => invitations::bulk_resend(gate, *ctx.data::<SendingLimit>()?, proof, rows).await,
        Wish::Withdraw => invitations::bulk_withdraw(gate, proof, rows).await,
    };
    Ok(outcome(answered)?.map(|answered| {
        let rows = answered.rows.into_iter().enumerate().map(|(at, row)| of_invitation(row, &self::row(at)));
        (rows.collect(), answered.committed.cursor.into())
    }))
}

fn of_invitation(row: std::result::Result<BulkInvitation, BulkInvitationRefusal>, field: &str) -> Row {
    match row {
        Ok(BulkInvitation { invitation, member }) => Ok((member, Some(invitation))),
        Err(BulkInvitationRefusal::Member(refusal)) => Err(row_error(refusal, field)),
        Err(BulkInvitationRefusal::Invitation(refusal)) => Err(bulk_invitation_error(refusal, field)),
    }
}

fn answered(
    ctx: &Context<'_>,
    given: Vec<ID>,
    rows: Vec<Row>,
    cursor: EventCursor,
) -> Result<BulkUpdateMembersPayload> {
    let view = ctx.workspace_view()?;
    let sight = MemberSight::new(view.clone());
    let result = |(index, (member_id, row)): (usize, (ID, Row))| {
        let (done, user_errors) = match row {
            Ok(done) => (done, Vec::new()),
            Err(error) => ((None, None), vec![error]),
        };
        let (member, invitation) = done;
        let member = member.map(|member| sight.member(member));
        let invitation = invitation.map(|invitation| Invitation::new(invitation, view.clone()));
        BulkUpdateResult { index, member_id, member, invitation, user_errors }
    };
    let results = given.into_iter().zip(rows).enumerate().map(result).collect();
    Ok(BulkUpdateMembersPayload { results, user_errors: Vec::new(), event_cursor: Some(cursor) })
}

fn row_error(refusal: BulkRefusal, field: &str) -> UserError {
    match refusal {
        BulkRefusal::Unknown => UserError::not_found(field),
        BulkRefusal::Twice => {
            UserError::invalid(field, "an earlier row is about the same member; name each once")
        }
        BulkRefusal::Member(refusal) => member_error(refusal, field),
        BulkRefusal::Assets(refusal) => assets_error(refusal, field),
    }
}

impl From<BulkCallRefusal> for UserError {
    fn from(refusal: BulkCallRefusal) -> Self {
        const MEMBERS: &str = "input.memberIds";
        match refusal {
            BulkCallRefusal::Empty => Self::invalid(MEMBERS, "nobody is named; name at least one member"),
            BulkCallRefusal::TooMany { rows, most } => Self::invalid(
                MEMBERS,
                format!("{rows} members in one call; at most {most}, make several calls"),
            ),
            BulkCallRefusal::AdminRoleByKey => Self::at(
                "input.roleId",
                ErrorCode::AdminRoleByKey,
                "an API key can't give the admin role; an admin has to do it in their own session",
            ),
            BulkCallRefusal::Assets(refusal) => assets_error(refusal, "input.assets"),
        }
    }
}
