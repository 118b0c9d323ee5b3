//! What a person can put right: one interface, one enum of codes for the whole API, and the one place that maps each
//! room's refusals to them.
//!
//! Never decides anything: a refusal comes from a room.

use async_graphql::{Enum, ID, Interface, SimpleObject};

use super::members::words::{MemberAction, MemberStatus};
use super::scalars::DateTime;
use crate::access::Never;
use crate::primitives::name::parse_name;

/// What went wrong, for programs. Clients must accept codes that they don't know.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
pub enum ErrorCode {
    /// A value is missing, malformed, too long or out of its bounds.
    InvalidInput,
    /// No such thing in your sight.
    NotFound,
    /// The password is wrong, or the e-mail address.
    InvalidCredentials,
    /// The e-mail address has not been verified by its mailed link yet.
    EmailNotVerified,
    /// The address is verified already: there is nothing to prove.
    EmailAlreadyVerified,
    /// The link is unknown or dead.
    LinkInvalid,
    /// The link was opened before and has done its work.
    LinkUsed,
    /// The link has expired; ask for a new one.
    LinkExpired,
    /// Another account has proved this e-mail address.
    EmailTaken,
    /// An invitation without a role, where the workspace names no default role (WSP-4).
    RoleRequired,
    /// The role can't be what invitations give by default (WSP-4).
    RoleNotDefaultable,
    /// Built-in roles never change (WSP-5).
    RoleBuiltIn,
    /// Members or invitations hold the role: a successor has to take over, and its scope stays (WSP-5).
    RoleHeld,
    /// The role can't take over from the one that goes: the admin role, another scope, or itself (WSP-5).
    SuccessorNotSuitable,
    /// The role works on assigned assets and needs at least one (WSP-2).
    AssetsRequired,
    /// The role works on all assets and takes no assignments (WSP-2).
    AssetsNotAllowed,
    /// The address belongs to a member (INV-10).
    AlreadyMember,
    /// The address has an open invitation; resend or withdraw it (INV-10).
    AlreadyInvited,
    /// The invitation was accepted already.
    InvitationAccepted,
    /// The invitation was withdrawn.
    InvitationWithdrawn,
    /// The invitation was declined.
    InvitationDeclined,
    /// The invitation has expired; ask for a new one.
    InvitationExpired,
    /// The link belongs to an earlier mail of this invitation; use the newest.
    InvitationSuperseded,
    /// What was promised no longer holds; an admin has been told (INV-7).
    InvitationNotValid,
    /// The membership's status does not allow it (LIF-2).
    NotAllowedInStatus,
    /// Only an admin's own hand lifts a block (BLK-7, BLK-8).
    BlockedRequiresAdmin,
    /// Only an admin directly may do this, no key and no bulk call.
    AdminRequired,
    /// Nobody does this to themselves (WSP-7).
    NotYourself,
    /// It would leave the workspace without an active admin (WSP-6).
    LastAdmin,
    /// No seat is free (SEAT-2), or a limit would not hold those that are taken and reserved (SEAT-3).
    SeatLimitReached,
    /// There is less credit than that (SEAT-5).
    CreditTooLow,
    /// The wait before a removed person may be invited again is not over (REM-4).
    ReinviteTooEarly,
    /// The policy loses what nobody decides on, so somebody has to (REM-2).
    AssetsNeedDecision,
    /// Your membership is blocked (BLK-3).
    MembershipBlocked,
    /// Your membership is deactivated (DEA-2).
    MembershipDeactivated,
    /// An API key never gives the admin role (API-3).
    AdminRoleByKey,
    /// Something of this name or external id exists already.
    AlreadyExists,
    /// The asset is archived: it can be looked at, and nothing else.
    AssetArchived,
    /// Nobody has the asset in reach any more (REM-6).
    NotShared,
    /// The API key was revoked before.
    AlreadyRevoked,
    /// As often as may be: invitations of a workspace within an hour, messages to its admins within a day. Try again
    /// later.
    RateLimited,
}

/// What a person can put right. `field` is the path into the input.
#[derive(Interface, Clone, Debug)]
#[graphql(
    field(name = "code", ty = "&ErrorCode", desc = "For programs."),
    field(name = "message", ty = "String", desc = "For people: what is wrong and the way out."),
    field(
        name = "field",
        ty = "&Option<Vec<String>>",
        desc = "Path into the input; null when it concerns the whole call."
    )
)]
pub enum UserError {
    InputError(InputError),
    BlockedRequiresAdmin(BlockedRequiresAdmin),
    NotAllowedInStatus(NotAllowedInStatus),
    LastAdmin(LastAdmin),
    SeatLimitReached(SeatLimitReached),
    LastAdminOf(LastAdminOf),
    ReinviteTooEarly(ReinviteTooEarly),
    AssetsNeedDecision(AssetsNeedDecision),
    MembershipBlocked(MembershipBlocked),
    MembershipDeactivated(MembershipDeactivated),
}

/// Who to turn to about a workspace (WSP-9).
#[derive(SimpleObject, Clone, Debug, Eq, PartialEq)]
pub struct WorkspaceContact {
    /// For people.
    pub text: Option<String>,
    /// An address to write to.
    pub email: Option<String>,
}

/// Something in the input to correct; the code says what.
#[derive(SimpleObject, Clone, Debug)]
pub struct InputError {
    /// For programs.
    pub code: ErrorCode,
    /// For people: what is wrong and the way out.
    pub message: String,
    /// Path into the input; null when it concerns the whole call.
    pub field: Option<Vec<String>>,
}

/// Only an admin's own hand lifts a block: no key, bulk call, invitation or job (BLK-7, BLK-8).
#[derive(SimpleObject, Clone, Debug)]
pub struct BlockedRequiresAdmin {
    /// For programs.
    pub code: ErrorCode,
    /// For people: what is wrong and the way out.
    pub message: String,
    /// Path into the input; null when it concerns the whole call.
    pub field: Option<Vec<String>>,
    /// Since when the member is blocked; null where the block was removed with the membership.
    pub blocked_at: Option<DateTime>,
}

/// The member's status does not allow the operation (LIF-2).
#[derive(SimpleObject, Clone, Debug)]
pub struct NotAllowedInStatus {
    /// For programs.
    pub code: ErrorCode,
    /// For people: what is wrong and the way out.
    pub message: String,
    /// Path into the input; null when it concerns the whole call.
    pub field: Option<Vec<String>>,
    /// Where the membership stands; null where there is none.
    pub status: Option<MemberStatus>,
    /// What would be allowed instead.
    pub allowed_actions: Vec<MemberAction>,
}

/// It would leave the workspace without an active admin (WSP-6).
#[derive(SimpleObject, Clone, Debug)]
pub struct LastAdmin {
    /// For programs.
    pub code: ErrorCode,
    /// For people: what is wrong and the way out.
    pub message: String,
    /// Path into the input; null when it concerns the whole call.
    pub field: Option<Vec<String>>,
}

/// No seat is free (SEAT-2), or a limit would not hold those that are taken and reserved (SEAT-3).
#[derive(SimpleObject, Clone, Debug)]
pub struct SeatLimitReached {
    /// For programs.
    pub code: ErrorCode,
    /// For people: what is wrong and the way out.
    pub message: String,
    /// Path into the input; null when it concerns the whole call.
    pub field: Option<Vec<String>>,
    /// How many seats there are, or were to be.
    pub limit: i64,
    /// How many active members take.
    pub used: i64,
    /// How many are kept for open invitations of others.
    pub reserved: i64,
}

/// These workspaces would be left without an active admin (WSP-6, SES-7).
#[derive(SimpleObject, Clone, Debug)]
pub struct LastAdminOf {
    /// For programs.
    pub code: ErrorCode,
    /// For people: what is wrong and the way out.
    pub message: String,
    /// Path into the input; null when it concerns the whole call.
    pub field: Option<Vec<String>>,
    /// The workspaces whose last active admin you are.
    pub workspaces: Vec<AdministeredWorkspace>,
}

/// A workspace whose last active admin somebody is.
#[derive(SimpleObject, Clone, Debug)]
pub struct AdministeredWorkspace {
    /// Its id, to enter it.
    pub workspace_id: ID,
    /// What it is called.
    pub name: String,
}

/// The wait before a removed person may be invited again is not over (REM-4).
#[derive(SimpleObject, Clone, Debug)]
pub struct ReinviteTooEarly {
    /// For programs.
    pub code: ErrorCode,
    /// For people: what is wrong and the way out.
    pub message: String,
    /// Path into the input; null when it concerns the whole call.
    pub field: Option<Vec<String>>,
    /// From when on the person may be invited.
    pub allowed_at: DateTime,
}

/// The policy loses what nobody decides on, so somebody has to decide on these (REM-2).
#[derive(SimpleObject, Clone, Debug)]
pub struct AssetsNeedDecision {
    /// For programs.
    pub code: ErrorCode,
    /// For people: what is wrong and the way out.
    pub message: String,
    /// Path into the input; null when it concerns the whole call.
    pub field: Option<Vec<String>>,
    /// What the member owns and nobody decided on, by name; the first 100.
    pub assets: Vec<UndecidedAsset>,
    /// How many there are.
    pub total_count: i64,
}

/// An asset that somebody has to decide on.
#[derive(SimpleObject, Clone, Debug)]
pub struct UndecidedAsset {
    /// Its id, for the decision.
    pub asset_id: ID,
    /// What it is, in the host's own words.
    pub kind: String,
    /// What it is called.
    pub name: String,
    /// The host's own id of it.
    pub external_id: String,
}

/// Your membership is blocked; the contact can help (BLK-3).
#[derive(SimpleObject, Clone, Debug)]
pub struct MembershipBlocked {
    /// For programs.
    pub code: ErrorCode,
    /// For people: what is wrong and the way out.
    pub message: String,
    /// Path into the input; null when it concerns the whole call.
    pub field: Option<Vec<String>>,
    /// Who to turn to.
    pub contact: Option<WorkspaceContact>,
}

/// Your membership is deactivated; the contact can help (DEA-2).
#[derive(SimpleObject, Clone, Debug)]
pub struct MembershipDeactivated {
    /// For programs.
    pub code: ErrorCode,
    /// For people: what is wrong and the way out.
    pub message: String,
    /// Path into the input; null when it concerns the whole call.
    pub field: Option<Vec<String>>,
    /// Who to turn to.
    pub contact: Option<WorkspaceContact>,
}

/// For operations that refuse nothing of their own.
impl From<Never> for UserError {
    fn from(never: Never) -> Self {
        match never {}
    }
}

impl UserError {
    /// An error at one field. The path is written with dots: `input.email`.
    pub fn at(field: &str, code: ErrorCode, message: impl Into<String>) -> Self {
        Self::InputError(InputError { code, message: message.into(), field: path(field) })
    }

    /// An error about the whole call.
    pub fn whole(code: ErrorCode, message: impl Into<String>) -> Self {
        Self::InputError(InputError { code, message: message.into(), field: None })
    }

    /// Another tenant's object answers exactly as one that doesn't exist (WSP-8).
    pub fn not_found(field: &str) -> Self {
        Self::at(field, ErrorCode::NotFound, "there is no such thing in your sight; check the id")
    }

    /// What it says, wherever it is shown.
    pub fn code_and_message(self) -> (ErrorCode, String) {
        match self {
            Self::InputError(it) => (it.code, it.message),
            Self::BlockedRequiresAdmin(it) => (it.code, it.message),
            Self::NotAllowedInStatus(it) => (it.code, it.message),
            Self::LastAdmin(it) => (it.code, it.message),
            Self::SeatLimitReached(it) => (it.code, it.message),
            Self::LastAdminOf(it) => (it.code, it.message),
            Self::ReinviteTooEarly(it) => (it.code, it.message),
            Self::AssetsNeedDecision(it) => (it.code, it.message),
            Self::MembershipBlocked(it) => (it.code, it.message),
            Self::MembershipDeactivated(it) => (it.code, it.message),
        }
    }

    pub fn invalid(field: &str, message: impl Into<String>) -> Self {
        Self::at(field, ErrorCode::InvalidInput, message)
    }
}

/// Reads a name; the error names the field.
pub fn name_at(field: &str, text: &str) -> Result<String, UserError> {
    parse_name(text).map_err(|error| UserError::invalid(field, error.to_string()))
}

/// `input.rows.2.email` as the list that clients get.
pub fn path(field: &str) -> Option<Vec<String>> {
    if field.is_empty() { None } else { Some(field.split('.').map(str::to_owned).collect()) }
}
