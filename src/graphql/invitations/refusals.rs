//! From the invitations room's refusals to user errors.

use crate::graphql::billing::seat_limit_reached;
use crate::graphql::members::{invite_error, lifecycle_error};
use crate::graphql::user_errors::{ErrorCode, NotAllowedInStatus, UserError, path};
use crate::invitations::{
    AnswerRefusal, BrokenPromise, InvitationOutcome, InvitationRefusal, InviteRefusal, InviteRow,
    PromiseRefusal, ROWS_MAX, RowRefusal,
};
use crate::primitives::ids::AssetId;

/// What an admin can do about it.
const FREE_ONE: &str = "raise the limit, free a seat, or withdraw an invitation";

/// Where each row of a call stands in its input.
pub(super) struct Rows {
    /// For each of `members`: does it name role or assets of its own?
    own: Vec<bool>,
}

impl Rows {
    pub(super) fn of(rows: &[InviteRow]) -> Self {
        Self { own: rows.iter().map(|row| row.role.is_some() || !row.assets.is_empty()).collect() }
    }

    /// The error of a row, at the field that is to be put right: the row's own, or the one for all.
    pub(super) fn error(&self, index: usize, refusal: RowRefusal) -> UserError {
        let given = self.own.get(index);
        let row = match given {
            Some(_) => format!("input.members.{index}"),
            None => "input".to_owned(),
        };
        let address = if given.is_some() { format!("{row}.email") } else { "input.list".to_owned() };
        match refusal {
            RowRefusal::Malformed { field, message } if given.is_some() => {
                UserError::invalid(&format!("{row}.{field}"), message)
            }
            RowRefusal::Malformed { message, .. } => UserError::invalid("input.list", message),
            RowRefusal::Promise(refusal) => {
                promise_error(if given == Some(&true) { &row } else { "input" }, refusal)
            }
            RowRefusal::SeatsTaken(taken) => seat_limit_reached(taken, &address, FREE_ONE),
            RowRefusal::RateLimited { per_hour_max } => limited_error(&address, per_hour_max),
            RowRefusal::Lifecycle { refusal, blocked_at } => invite_error(refusal, &address, blocked_at),
        }
    }
}

fn limited_error(field: &str, per_hour_max: u32) -> UserError {
    let message = format!(
        "this workspace has sent the {per_hour_max} invitations that it may send within an hour; try again later"
    );
    UserError::at(field, ErrorCode::RateLimited, message)
}

impl From<InviteRefusal> for UserError {
    fn from(refusal: InviteRefusal) -> Self {
        match refusal {
            InviteRefusal::Empty => {
                Self::invalid("input", "nobody is named; give `members`, a `list`, or both")
            }
            InviteRefusal::TooMany { rows } => {
                let message = format!("{rows} persons in one call; at most {ROWS_MAX}, make several calls");
                Self::invalid("input", message)
            }
            InviteRefusal::Malformed { field, message } => Self::invalid(&format!("input.{field}"), message),
        }
    }
}

fn promise_error(at: &str, refusal: PromiseRefusal) -> UserError {
    let (role, assets) = (format!("{at}.roleId"), format!("{at}.assetIds"));
    match refusal {
        PromiseRefusal::RoleRequired => {
            let message = "this workspace has no default role; name one in `roleId`";
            UserError::at(&role, ErrorCode::RoleRequired, message)
        }
        PromiseRefusal::RoleUnknown => UserError::not_found(&role),
        PromiseRefusal::AdminRoleByKey => {
            let message = "an API key can't give the admin role; an admin has to do it in their own session";
            UserError::at(&role, ErrorCode::AdminRoleByKey, message)
        }
        PromiseRefusal::AssetsRequired => {
            let message = "this role, the one that is named or kept for somebody who returns, works on assigned \
                           assets and needs at least one; name it in `assetIds`, or another role in `roleId`";
            UserError::at(&assets, ErrorCode::AssetsRequired, message)
        }
        PromiseRefusal::AssetsNotAllowed => {
            let message = "this role works on all assets and takes none; leave `assetIds` out";
            UserError::at(&assets, ErrorCode::AssetsNotAllowed, message)
        }
        PromiseRefusal::AssetsUnknown { assets: unknown } => {
            let message = format!("there are no such assets in your sight: {}", listed(&unknown));
            UserError::at(&assets, ErrorCode::NotFound, message)
        }
        PromiseRefusal::AssetTwice { asset } => {
            UserError::invalid(&assets, format!("{asset} stands here twice; name it once"))
        }
    }
}

const fn ended(outcome: InvitationOutcome) -> (ErrorCode, &'static str) {
    match outcome {
        InvitationOutcome::Accepted => (
            ErrorCode::InvitationAccepted,
            "this invitation was accepted already; whoever accepted it signs in",
        ),
        InvitationOutcome::Declined => {
            (ErrorCode::InvitationDeclined, "this invitation was declined; an admin can invite anew")
        }
        InvitationOutcome::Withdrawn => {
            (ErrorCode::InvitationWithdrawn, "this invitation was withdrawn; an admin can invite anew")
        }
    }
}

/// Why an admin's change was refused.
pub(super) fn change_error(refusal: InvitationRefusal) -> UserError {
    const INVITATION: &str = "input.invitationId";
    match refusal {
        InvitationRefusal::Malformed { field, message } => {
            UserError::invalid(&format!("input.{field}"), message)
        }
        InvitationRefusal::Ended { outcome, status, allowed } => {
            let (code, message) = ended(outcome);
            UserError::NotAllowedInStatus(NotAllowedInStatus {
                code,
                message: message.into(),
                field: path(INVITATION),
                status: status.map(Into::into),
                allowed_actions: allowed.into_iter().map(Into::into).collect(),
            })
        }
        InvitationRefusal::Lifecycle { refusal, blocked_at } => {
            lifecycle_error(refusal, INVITATION, blocked_at)
        }
        InvitationRefusal::Promise(refusal) => promise_error("input", refusal),
        InvitationRefusal::SeatsTaken(taken) => seat_limit_reached(taken, INVITATION, FREE_ONE),
        InvitationRefusal::RateLimited { per_hour_max } => limited_error(INVITATION, per_hour_max),
    }
}

/// Why an invitation is not sent again, at the field that names it: what it offers is no field of that call.
pub(super) fn resend_error(refusal: InvitationRefusal) -> UserError {
    match refusal {
        InvitationRefusal::Promise(refusal) => broken_offer(refusal, "input.invitationId"),
        other => change_error(other),
    }
}

/// The same in a bulk call, at the field that names the row.
pub fn bulk_error(refusal: InvitationRefusal, field: &str) -> UserError {
    match refusal {
        InvitationRefusal::RateLimited { per_hour_max } => limited_error(field, per_hour_max),
        InvitationRefusal::Lifecycle { refusal, blocked_at } => lifecycle_error(refusal, field, blocked_at),
        InvitationRefusal::Promise(refusal) => broken_offer(refusal, field),
        other => {
            let (code, message) = change_error(other).code_and_message();
            UserError::at(field, code, message)
        }
    }
}

/// What an invitation offers can't be offered as it stands.
fn broken_offer(refusal: PromiseRefusal, field: &str) -> UserError {
    let why = match &refusal {
        PromiseRefusal::RoleRequired | PromiseRefusal::RoleUnknown => {
            "the role that it offers is gone".to_owned()
        }
        PromiseRefusal::AdminRoleByKey => "it offers the admin role, which an API key can't give".to_owned(),
        PromiseRefusal::AssetsRequired => "the role that it offers needs at least one asset".to_owned(),
        PromiseRefusal::AssetsNotAllowed => "the role that it offers takes no assets any more".to_owned(),
        PromiseRefusal::AssetsUnknown { assets } => {
            format!("assets that it offers are gone: {}", listed(assets))
        }
        PromiseRefusal::AssetTwice { asset } => format!("it offers {asset} twice"),
    };
    let (code, _) = promise_error("input", refusal).code_and_message();
    UserError::at(field, code, format!("{why}; change the invitation with updateInvitation first"))
}

fn listed(assets: &[AssetId]) -> String {
    assets.iter().map(AssetId::to_string).collect::<Vec<_>>().join(", ")
}

/// Why the invited person's answer was refused; `by` is the field that names the invitation.
pub(super) fn answer_error(by: &str, refusal: AnswerRefusal) -> UserError {
    match refusal {
        AnswerRefusal::LinkInvalid => {
            let message = "this is no invitation's link; open the newest mail, or ask for a new invitation";
            UserError::at(by, ErrorCode::LinkInvalid, message)
        }
        AnswerRefusal::Superseded => {
            let message = "this invitation was sent again since; use the link in the newest mail";
            UserError::at(by, ErrorCode::InvitationSuperseded, message)
        }
        AnswerRefusal::Ended(outcome) => {
            let (code, message) = ended(outcome);
            UserError::at(by, code, message)
        }
        AnswerRefusal::Lifecycle { refusal, blocked_at } => lifecycle_error(refusal, by, blocked_at),
        AnswerRefusal::Broken(reason) => UserError::at(by, ErrorCode::InvitationNotValid, broken(reason)),
        AnswerRefusal::SeatsTaken(taken) => {
            seat_limit_reached(taken, by, "ask the workspace's admins for a seat and try again")
        }
        AnswerRefusal::EmailNotVerified => {
            let message = "verify your e-mail address first, or use the link in the invitation's mail";
            UserError::at(by, ErrorCode::EmailNotVerified, message)
        }
        AnswerRefusal::NewAccountNeeded => {
            let message = "no account has this address yet: give a name and a password to make one";
            UserError::invalid("input.password", message)
        }
        AnswerRefusal::Malformed { field, message } => UserError::invalid(&format!("input.{field}"), message),
    }
}

const fn broken(reason: BrokenPromise) -> &'static str {
    match reason {
        BrokenPromise::InviterNotAdmin => {
            "whoever invited you is no longer an admin; the workspace's admins have been told and can renew it"
        }
        BrokenPromise::RoleGone => {
            "the role that was offered is gone; the workspace's admins have been told and can offer another"
        }
        BrokenPromise::AssetGone => {
            "an asset that was offered is gone; the workspace's admins have been told and can offer others"
        }
        BrokenPromise::AlreadyMember => {
            "your account is in this workspace already, by another address; enter it: there is nothing to accept. \
             The workspace's admins have been told"
        }
        BrokenPromise::OtherPerson => {
            "this invitation is for another membership than yours, for its address changed hands since; the \
             workspace's admins have been told, and can withdraw it and invite you anew"
        }
        BrokenPromise::RemovedWhileBlocked => {
            "only an admin can let you back in, by a new invitation; the workspace's admins have been told"
        }
    }
}
