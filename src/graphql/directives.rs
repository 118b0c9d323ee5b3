//! What the schema says of who may call a field: `@public`, or `@requires` with a kind of session and a permission.
//!
//! Never lets anybody in: a directive is a declaration that clients and tests read, and the operation itself checks.

use async_graphql::{Enum, TypeDirective};

/// Which credential a field asks for.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
pub enum SessionKind {
    /// An account session: signed in as a person.
    Account,
    /// A workspace session, or an API key of the workspace.
    Workspace,
    /// An account session, or the same person's workspace session; no API key.
    Person,
    /// Any of them.
    Any,
}

/// What the product lets people do in a workspace. Strings of the host's own stand beside these.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "crate::primitives::rights::Permission")]
pub enum Permission {
    /// See the active members by name and role, and one's own membership. Everybody has it.
    ViewMembers,
    /// See the assets in one's scope. Everybody has it.
    ViewAssets,
    /// Leave the workspace. Everybody has it.
    LeaveWorkspace,
    /// Register, rename, share, reassign and archive assets. Admins have it, and a custom role may give it.
    ManageAssets,
    /// See every member with address, status and reasons.
    ManageMembers,
    /// Invite, and change, resend and withdraw invitations.
    InviteMembers,
    /// Lay a block on a member.
    BlockMembers,
    /// Lift a member's block.
    UnblockMembers,
    /// Put a member to rest.
    DeactivateMembers,
    /// Bring a deactivated member back.
    ReactivateMembers,
    /// Take a member out of the workspace.
    RemoveMembers,
    /// Delete a membership for ever.
    DeleteMembers,
    /// Give a member another role.
    SetMemberRoles,
    /// Set the assets that a member works on.
    SetMemberAssignments,
    /// See and end the sessions of a member.
    EndMemberSessions,
    /// Make, change and delete roles, and name the default one.
    ManageRoles,
    /// Change the workspace's policy.
    ManagePolicy,
    /// Change the seat plan, and see seats and billing.
    ManageSeats,
    /// Create, list and revoke API keys.
    ManageApiKeys,
    /// Read the audit trail.
    ReadAudit,
    /// Rename the workspace, set its contact, delete it.
    ManageWorkspace,
}

/// Anybody may call this, without a credential.
#[TypeDirective(location = "FieldDefinition")]
pub fn public() {}

/// Who may call this; anybody else gets `UNAUTHENTICATED` or `FORBIDDEN`.
#[TypeDirective(location = "FieldDefinition")]
pub fn requires(
    #[graphql(desc = "The credential that it asks for.")] session: SessionKind,
    #[graphql(desc = "The permission that the role must give; none: being signed in is enough.")] permission: Option<
        Permission,
    >,
) {
}

#[cfg(test)]
mod tests {
    use async_graphql::{EmptyMutation, EmptySubscription, Object, Schema};

    use super::*;
    use crate::primitives::rights;

    struct Query;

    #[Object]
    impl Query {
        #[graphql(directive = public::apply())]
        async fn open(&self) -> bool {
            true
        }

        #[graphql(directive = requires::apply(SessionKind::Workspace, Some(Permission::BlockMembers)))]
        async fn guarded(&self) -> bool {
            true
        }

        #[graphql(directive = requires::apply(SessionKind::Account, None))]
        async fn personal(&self) -> bool {
            true
        }
    }

    #[test]
    fn the_schema_says_who_may_call_each_field() {
        let sdl = Schema::new(Query, EmptyMutation, EmptySubscription).sdl();
        assert!(sdl.contains("open: Boolean! @public"), "{sdl}");
        assert!(
            sdl.contains("guarded: Boolean! @requires(session: WORKSPACE, permission: BLOCK_MEMBERS)"),
            "{sdl}"
        );
        assert!(sdl.contains("personal: Boolean! @requires(session: ACCOUNT)"), "{sdl}");
        assert!(sdl.contains("directive @requires"), "{sdl}");
    }

    #[test]
    fn every_permission_is_published_under_its_own_word() {
        for permission in rights::Permission::ALL.iter().copied() {
            let published = async_graphql::resolver_utils::enum_value(Permission::from(permission));
            assert_eq!(published, async_graphql::Value::Enum(async_graphql::Name::new(permission.as_str())));
        }
    }
}
