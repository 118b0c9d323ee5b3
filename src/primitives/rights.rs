//! What somebody may do in a workspace: permissions, and the rights that a role gives (WSP-2, WSP-3).
//!
//! Never asks whether a session still holds; that is `access`.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::actor::AssetScope;
use super::ids::RoleId;
use crate::words;

words! {
    /// Something that the product lets people do in a workspace. Strings of the host's stand beside these (WSP-5).
    pub enum Permission {
        /// See the active members by name and role, and one's own membership.
        ViewMembers = "VIEW_MEMBERS",
        /// See the assets in one's scope.
        ViewAssets = "VIEW_ASSETS",
        LeaveWorkspace = "LEAVE_WORKSPACE",
        /// Register, rename, share, reassign and archive assets.
        ManageAssets = "MANAGE_ASSETS",
        /// See every member with address, status and reasons.
        ManageMembers = "MANAGE_MEMBERS",
        /// Invite, change, resend and withdraw invitations.
        InviteMembers = "INVITE_MEMBERS",
        BlockMembers = "BLOCK_MEMBERS",
        UnblockMembers = "UNBLOCK_MEMBERS",
        DeactivateMembers = "DEACTIVATE_MEMBERS",
        ReactivateMembers = "REACTIVATE_MEMBERS",
        RemoveMembers = "REMOVE_MEMBERS",
        DeleteMembers = "DELETE_MEMBERS",
        SetMemberRoles = "SET_MEMBER_ROLES",
        SetMemberAssignments = "SET_MEMBER_ASSIGNMENTS",
        EndMemberSessions = "END_MEMBER_SESSIONS",
        ManageRoles = "MANAGE_ROLES",
        ManagePolicy = "MANAGE_POLICY",
        ManageSeats = "MANAGE_SEATS",
        ManageApiKeys = "MANAGE_API_KEYS",
        ReadAudit = "READ_AUDIT",
        ManageWorkspace = "MANAGE_WORKSPACE",
    }
}

/// Who has a permission by rule, before any role adds to it (WSP-3).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Reserve {
    /// Every active member has it.
    Everybody,
    /// A custom role may give it.
    Grantable,
    /// Admins alone.
    Admins,
}

impl Permission {
    pub const fn reserve(self) -> Reserve {
        match self {
            Self::ViewMembers | Self::ViewAssets | Self::LeaveWorkspace => Reserve::Everybody,
            Self::ManageAssets => Reserve::Grantable,
            _ => Reserve::Admins,
        }
    }

    /// May an API key ask for it at all, given that its maker may? (API-3)
    pub const fn open_to_keys(self) -> bool {
        !matches!(
            self,
            Self::ManageRoles
                | Self::ManagePolicy
                | Self::ManageSeats
                | Self::ManageApiKeys
                | Self::ManageWorkspace
                | Self::DeleteMembers
                | Self::LeaveWorkspace
        )
    }
}

/// What a role gives to whoever holds it.
#[derive(Clone, Debug, Eq, PartialEq, Hash, Serialize, Deserialize)]
pub struct Rights {
    pub role: RoleId,
    pub admin: bool,
    pub scope: AssetScope,
    /// Grantable permissions and strings of the host's, beyond what everybody has.
    pub granted: BTreeSet<String>,
}

/// What somebody may do, whoever they are: all who may the same have equal ones, whatever their roles are called.
#[derive(Clone, Debug, Eq, PartialEq, Hash)]
pub struct PermissionSet {
    admin: bool,
    granted: BTreeSet<String>,
}

impl PermissionSet {
    pub fn allows(&self, permission: Permission) -> bool {
        allows(self.admin, &self.granted, permission)
    }
}

impl Rights {
    pub fn allows(&self, permission: Permission) -> bool {
        allows(self.admin, &self.granted, permission)
    }

    /// The permissions alone, without the role that gives them.
    pub fn permissions(&self) -> PermissionSet {
        PermissionSet { admin: self.admin, granted: self.granted.clone() }
    }

    /// The same for a permission by its word: the product's, or a string of the host's. An admin may all that the
    /// product knows, and what the host asks for besides.
    pub fn allows_word(&self, word: &str) -> bool {
        match Permission::parse(word) {
            Some(permission) => self.allows(permission),
            None => self.admin || self.granted.contains(word),
        }
    }
}

fn allows(admin: bool, granted: &BTreeSet<String>, permission: Permission) -> bool {
    match permission.reserve() {
        Reserve::Everybody => true,
        Reserve::Grantable => admin || granted.contains(permission.as_str()),
        Reserve::Admins => admin,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rights(admin: bool, granted: &[&str]) -> Rights {
        let granted = granted.iter().map(|word| (*word).to_owned()).collect();
        Rights { role: RoleId::new(), admin, scope: AssetScope::All, granted }
    }

    #[test]
    fn wsp_3_what_is_reserved_to_admins_no_grant_gives() {
        for permission in Permission::ALL.iter().copied() {
            let granted = rights(false, &[permission.as_str()]);
            assert_eq!(granted.allows(permission), permission.reserve() != Reserve::Admins, "{permission:?}");
            assert!(rights(true, &[]).allows(permission));
        }
    }

    #[test]
    fn wsp_5_strings_of_the_host_follow_the_role() {
        assert!(rights(false, &["app:report.publish"]).allows_word("app:report.publish"));
        assert!(!rights(false, &[]).allows_word("app:report.publish"));
    }
}
