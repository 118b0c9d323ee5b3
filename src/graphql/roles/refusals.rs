//! From the roles room's refusals to user errors.

use crate::graphql::user_errors::{ErrorCode, UserError};
use crate::roles::{DefaultRoleRefusal, Holders, PERMISSIONS_MAX, PermissionsError, RoleRefusal};

impl From<DefaultRoleRefusal> for UserError {
    fn from(refusal: DefaultRoleRefusal) -> Self {
        let message = match refusal {
            DefaultRoleRefusal::IsAdmin => "the admin role is never given by default; name another",
            DefaultRoleRefusal::NeedsAssets => {
                "this role works on assigned assets, which an invitation without a role can't name; name another"
            }
            DefaultRoleRefusal::IsDefault => "this is the default role already",
            DefaultRoleRefusal::IsNone => "there is no default role already",
        };
        Self::at("input.roleId", ErrorCode::RoleNotDefaultable, message)
    }
}

impl From<PermissionsError> for UserError {
    fn from(error: PermissionsError) -> Self {
        match error {
            PermissionsError::TooMany => {
                Self::invalid("input.permissions", format!("too many: at most {PERMISSIONS_MAX}"))
            }
            PermissionsError::At { index, error } => {
                Self::invalid(&format!("input.permissions.{index}"), error.to_string())
            }
        }
    }
}

impl From<RoleRefusal> for UserError {
    fn from(refusal: RoleRefusal) -> Self {
        match refusal {
            RoleRefusal::BuiltIn => Self::at(
                "input.roleId",
                ErrorCode::RoleBuiltIn,
                "built-in roles never change; make a role of your own with `createRole`",
            ),
            RoleRefusal::NameTaken => Self::at(
                "input.name",
                ErrorCode::AlreadyExists,
                "another role of this workspace is called so; take another name",
            ),
            RoleRefusal::TooMany { max } => Self::whole(
                ErrorCode::InvalidInput,
                format!("a workspace has at most {max} roles; delete one that nobody needs"),
            ),
            RoleRefusal::ScopeHeld(held) => Self::at(
                "input.assetScope",
                ErrorCode::RoleHeld,
                format!(
                    "{}; make another role and give them that, or leave the scope as it is",
                    holders(held)
                ),
            ),
            RoleRefusal::ScopeOfDefault => Self::at(
                "input.assetScope",
                ErrorCode::RoleNotDefaultable,
                "the default role never works on assigned assets; name another default role first",
            ),
            RoleRefusal::SuccessorRequired { held, is_default } => {
                let why = if held == Holders::default() && is_default {
                    "invitations that name no role give it".to_owned()
                } else {
                    holders(held)
                };
                let message = format!("{why}; name the role that takes over in `successorId`");
                Self::at("input.successorId", ErrorCode::RoleHeld, message)
            }
            RoleRefusal::SuccessorIsItself => successor("a role can't take over from itself; name another"),
            RoleRefusal::SuccessorIsAdmin => successor("the admin role never takes over; name another"),
            RoleRefusal::SuccessorScope => successor(
                "it works on other assets than the role that goes (`assetScope`); name one of the same scope, or give \
                 the members another role first",
            ),
        }
    }
}

fn successor(message: &str) -> UserError {
    UserError::at("input.successorId", ErrorCode::SuccessorNotSuitable, message)
}

fn holders(held: Holders) -> String {
    let Holders { members, invitations } = held;
    format!("{members} members, in any status, and {invitations} open invitations hold this role")
}
