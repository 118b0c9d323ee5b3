//! Words that only events use, as the schema publishes them.

use async_graphql::Enum;

/// What an invitation promised and no longer holds.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "crate::invitations::BrokenPromise")]
pub enum BrokenPromise {
    /// Nobody who may invite answers for it any more.
    InviterNotAdmin,
    /// The role is gone.
    RoleGone,
    /// An asset is gone, or the role no longer goes with the assets.
    AssetGone,
    /// The person is in the workspace already, as another member.
    AlreadyMember,
    /// The membership that the address leads to is another person's.
    OtherPerson,
    /// Since it was sent, the address has become one of somebody who was removed while blocked: an admin withdraws it and
    /// invites them anew, in their own session.
    RemovedWhileBlocked,
}

/// Who holds an asset.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "crate::assets::HolderKind")]
pub enum AssetHolder {
    /// A member owns it.
    Member,
    /// It went with the person who owned it, out of the workspace.
    Person,
    /// The workspace itself; the admins.
    Workspace,
    /// Nobody: it is lost.
    Lost,
}

/// Why a session ended.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "crate::primitives::actor::EndCause")]
pub enum SessionEndCause {
    /// The membership is blocked.
    Blocked,
    /// The membership is deactivated.
    Deactivated,
    /// The person is no longer a member.
    Removed,
    /// The person signed out.
    SignedOut,
    /// The person or an admin ended this session.
    Ended,
    /// Too old, or unused for too long.
    Expired,
    /// The password was changed.
    PasswordChanged,
    /// The e-mail address was changed.
    EmailChanged,
    /// The API key was revoked, or its maker is no longer an admin.
    KeyRevoked,
    /// The workspace was deleted.
    WorkspaceDeleted,
    /// The account was deleted.
    AccountDeleted,
    /// The service was restored from a backup.
    Restored,
}
