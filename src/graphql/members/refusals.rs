//! From the members room's refusals to user errors.

use super::words::MemberStatus;
use crate::graphql::billing::seat_limit_reached;
use crate::graphql::user_errors::{
    BlockedRequiresAdmin, ErrorCode, LastAdmin, NotAllowedInStatus, ReinviteTooEarly, UserError,
};
use crate::members::lifecycle::{LifecycleRefusal, Operation};
use crate::members::{ActionRefusal, MemberRefusal};
use crate::primitives::time::Timestamp;

/// What an admin can do about it.
const FREE_ONE: &str = "raise the limit, or free a seat first";

/// What the lifecycle table says, at the field that names the member.
pub fn lifecycle(refusal: LifecycleRefusal, field: &str, blocked_at: Option<Timestamp>) -> UserError {
    let message = refusal.to_string();
    let path = crate::graphql::user_errors::path(field);
    match refusal {
        LifecycleRefusal::NotAllowedInStatus { status, allowed } => {
            UserError::NotAllowedInStatus(NotAllowedInStatus {
                code: ErrorCode::NotAllowedInStatus,
                message,
                field: path,
                status: status.map(Into::into),
                allowed_actions: allowed.into_iter().map(Into::into).collect(),
            })
        }
        LifecycleRefusal::BlockedRequiresAdmin => UserError::BlockedRequiresAdmin(BlockedRequiresAdmin {
            code: ErrorCode::BlockedRequiresAdmin,
            message,
            field: path,
            blocked_at: blocked_at.map(Into::into),
        }),
        LifecycleRefusal::ReinviteTooEarly { allowed_at } => UserError::ReinviteTooEarly(ReinviteTooEarly {
            code: ErrorCode::ReinviteTooEarly,
            message,
            field: path,
            allowed_at: allowed_at.into(),
        }),
        LifecycleRefusal::NotYourself => UserError::at(field, ErrorCode::NotYourself, message),
        LifecycleRefusal::DirectAdminOnly | LifecycleRefusal::NotPermitted => {
            UserError::at(field, ErrorCode::AdminRequired, message)
        }
        LifecycleRefusal::InvitationExpired => UserError::at(field, ErrorCode::InvitationExpired, message),
    }
}

/// The same of inviting (INV-10): whose the address is already, and what would be allowed instead.
pub fn invite(refusal: LifecycleRefusal, field: &str, blocked_at: Option<Timestamp>) -> UserError {
    let error = match lifecycle(refusal, field, blocked_at) {
        UserError::NotAllowedInStatus(error) => error,
        other => return other,
    };
    let invited =
        matches!(error.status, Some(MemberStatus::InvitationSent | MemberStatus::InvitationExpired));
    let (code, message) = if invited {
        (
            ErrorCode::AlreadyInvited,
            "this address is invited already; resend, change or withdraw that invitation",
        )
    } else {
        (
            ErrorCode::AlreadyMember,
            "this address belongs to a member of the workspace; memberByEmail finds them",
        )
    };
    UserError::NotAllowedInStatus(NotAllowedInStatus { code, message: message.into(), ..error })
}

fn last_admin(field: &str) -> UserError {
    UserError::LastAdmin(LastAdmin {
        code: ErrorCode::LastAdmin,
        message: "the workspace would be left without an active admin; make somebody else an admin first"
            .into(),
        field: crate::graphql::user_errors::path(field),
    })
}

impl From<MemberRefusal> for UserError {
    fn from(refusal: MemberRefusal) -> Self {
        member_error(refusal, "input.memberId")
    }
}

/// The room's refusal, where the member is named by this field.
pub fn member_error(refusal: MemberRefusal, member: &str) -> UserError {
    const ASSIGNMENTS: &str = "input.assignments";
    match refusal {
        MemberRefusal::Lifecycle { refusal, blocked_at } => lifecycle(refusal, member, blocked_at),
        MemberRefusal::LastAdmin => last_admin(member),
        MemberRefusal::SeatsTaken(taken) => seat_limit_reached(taken, member, FREE_ONE),
        MemberRefusal::AssetsRequired => UserError::at(
            ASSIGNMENTS,
            ErrorCode::AssetsRequired,
            "this role works on assigned assets and needs at least one; name it in `assignments`",
        ),
        MemberRefusal::AssetsNotAllowed => UserError::at(
            ASSIGNMENTS,
            ErrorCode::AssetsNotAllowed,
            "this role works on all assets and takes no assignments; leave them out",
        ),
        MemberRefusal::AssetUnknown { index } => {
            UserError::not_found(&format!("{ASSIGNMENTS}.{index}.assetId"))
        }
        MemberRefusal::AssetTwice { index } => UserError::invalid(
            &format!("{ASSIGNMENTS}.{index}.assetId"),
            "the same asset stands here twice; name it once",
        ),
        MemberRefusal::AdminRoleByKey => UserError::at(
            "input.roleId",
            ErrorCode::AdminRoleByKey,
            "an API key can't give the admin role; an admin has to do it in their own session",
        ),
    }
}

/// The error that an operation's own mutation would answer with.
pub(super) fn action(operation: Operation, refusal: ActionRefusal) -> UserError {
    match refusal {
        ActionRefusal::Lifecycle(refusal) if operation == Operation::Invite => invite(refusal, "", None),
        ActionRefusal::Lifecycle(refusal) => lifecycle(refusal, "", None),
        ActionRefusal::LastAdmin => last_admin(""),
        ActionRefusal::SeatsTaken(taken) => seat_limit_reached(taken, "", FREE_ONE),
    }
}
