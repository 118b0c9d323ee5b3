//! The events of a workspace.
//!
//! Never holds a name or an address: ids, and the state after the change.

use async_graphql::ID;

use super::assets::{
    AssetArchived, AssetRegistered, AssetShared, AssetUnshared, AssetUpdated, AssetsPurged, AssetsReassigned,
};
use super::billing::{CreditTakenOut, SeatCharged, SeatCredited, SeatPlanUpdated, SeatsRenewed};
use super::head::{event_interface, events};
use super::invitations::{
    InvitationAcceptanceRefused, InvitationDeclined, InvitationExpired, InvitationMailChanged,
    InvitationResent, InvitationUpdated, InvitationWithdrawn, MemberInvited,
};
use super::words::SessionEndCause;
use crate::graphql::members::Member;
use crate::graphql::members::words::{MemberAction, ReasonCategory, UnblockCategory};
use crate::graphql::roles::{AssetScope, Role};
use crate::graphql::scalars::DateTime;
use crate::graphql::workspaces::{Policy, WorkspaceKind};
use crate::primitives::actor::{self, EndCause};
use crate::primitives::ids::{ApiKeyId, AssetId, MemberId, RoleId, WorkspaceId, WorkspaceSessionId};
use crate::primitives::time::Timestamp;
use crate::{members, policy};

event_interface! {
    /// Something that happened in the workspace.
    WorkspaceEvent {
        "WorkspaceCreated" => WorkspaceCreated,
        "WorkspaceUpdated" => WorkspaceUpdated,
        "PolicyUpdated" => PolicyUpdated,
        "WorkspaceDeleted" => WorkspaceDeleted,
        "WorkspaceRecovered" => WorkspaceRecovered,
        "WorkspacePurged" => WorkspacePurged,
        "AdminGranted" => AdminGranted,
        "MemberInvited" => MemberInvited,
        "InvitationUpdated" => InvitationUpdated,
        "InvitationResent" => InvitationResent,
        "InvitationMailChanged" => InvitationMailChanged,
        "InvitationExpired" => InvitationExpired,
        "InvitationWithdrawn" => InvitationWithdrawn,
        "InvitationDeclined" => InvitationDeclined,
        "InvitationAcceptanceRefused" => InvitationAcceptanceRefused,
        "MemberJoined" => MemberJoined,
        "MemberRoleSet" => MemberRoleSet,
        "MemberAssignmentsSet" => MemberAssignmentsSet,
        "MemberBlocked" => MemberBlocked,
        "MemberUnblocked" => MemberUnblocked,
        "MemberDeactivated" => MemberDeactivated,
        "MemberReactivated" => MemberReactivated,
        "MemberRejoined" => MemberRejoined,
        "MemberRemoved" => MemberRemoved,
        "MemberLeft" => MemberLeft,
        "MemberHidden" => MemberHidden,
        "MemberShown" => MemberShown,
        "MemberDeletedForever" => MemberDeletedForever,
        "BlockReviewSet" => BlockReviewSet,
        "BlockReviewDue" => BlockReviewDue,
        "AdminsContacted" => AdminsContacted,
        "RefusedAttemptRecorded" => RefusedAttemptRecorded,
        "BarredAttemptRecorded" => BarredAttemptRecorded,
        "MemberUpdated" => MemberUpdated,
        "MemberSessionsEnded" => MemberSessionsEnded,
        "MemberSessionEnded" => MemberSessionEnded,
        "RoleCreated" => RoleCreated,
        "RoleUpdated" => RoleUpdated,
        "RoleDeleted" => RoleDeleted,
        "DefaultRoleSet" => DefaultRoleSet,
        "SeatPlanUpdated" => SeatPlanUpdated,
        "SeatCharged" => SeatCharged,
        "SeatsRenewed" => SeatsRenewed,
        "SeatCredited" => SeatCredited,
        "CreditTakenOut" => CreditTakenOut,
        "AssetRegistered" => AssetRegistered,
        "AssetUpdated" => AssetUpdated,
        "AssetShared" => AssetShared,
        "AssetUnshared" => AssetUnshared,
        "AssetArchived" => AssetArchived,
        "AssetsReassigned" => AssetsReassigned,
        "AssetsPurged" => AssetsPurged,
        "ApiKeyCreated" => ApiKeyCreated,
        "ApiKeyRevoked" => ApiKeyRevoked,
        "ServiceRestored" => ServiceRestored,
    }
}

events! {
    /// The workspace stands, with the roles of its kind. The first event of its stream.
    WorkspaceCreated {
        /// The workspace's id.
        workspace_id: ID = |p| p.id::<WorkspaceId>("/workspace/id"),
        /// What it is called.
        name: String = |p| p.read("/workspace/name"),
        /// What it was made as.
        kind: WorkspaceKind = |p| p.read::<policy::Kind>("/workspace/kind").map(Into::into),
    }

    /// The workspace is called otherwise, or people turn to somebody else in it: `workspace.contact` says to whom.
    WorkspaceUpdated {
        /// The workspace's id.
        workspace_id: ID = |p| p.id::<WorkspaceId>("/workspace/id"),
        /// What it is called.
        name: String = |p| p.read("/workspace/name"),
        /// What it was called.
        previous_name: String = |p| p.read("/before/name"),
        /// Do people turn to somebody else?
        contact_changed: bool = |p| p.read("/contactChanged"),
        /// Of the workspace.
        revision: i64 = |p| p.read("/workspace/revision"),
    }

    /// The workspace has other settings of the rules.
    PolicyUpdated {
        /// The settings after the change.
        policy: Policy = |p| p.read::<policy::Policy>("/policy").map(Into::into),
        /// The settings before it.
        previous_policy: Policy = |p| p.read::<policy::Policy>("/before").map(Into::into),
        /// Of the workspace.
        revision: i64 = |p| p.read("/revision"),
    }

    /// An admin deleted the workspace: nobody is in any more.
    WorkspaceDeleted {
        /// The workspace's id.
        workspace_id: ID = |p| p.id::<WorkspaceId>("/workspaceId"),
        /// Until when the operator can bring it back.
        recoverable_until: DateTime = |p| p.read::<Timestamp>("/recoverableUntil").map(Into::into),
    }

    /// The operator brought the workspace back. Sessions, keys and invitations from before stay ended.
    WorkspaceRecovered {
        /// The workspace's id.
        workspace_id: ID = |p| p.id::<WorkspaceId>("/workspaceId"),
    }

    /// Everything in the deleted workspace was purged, but this log.
    WorkspacePurged {
        /// The workspace's id.
        workspace_id: ID = |p| p.id::<WorkspaceId>("/workspaceId"),
    }

    /// The operator gave the workspace, which had no admin who could act, a new one.
    AdminGranted {
        /// The admin.
        member: Member = |p| p.member(),
        /// Did the operator declare that the active admins there were can't be used?
        admins_unusable: bool = |p| Some(p.read("/adminsUnusable").unwrap_or(false)),
    }

    /// Somebody is in: by founding the workspace, or by accepting.
    MemberJoined {
        /// The member.
        member: Member = |p| p.member(),
    }

    /// A member has another role.
    MemberRoleSet {
        /// The member, with the new role.
        member: Member = |p| p.member(),
        /// The role that they had.
        previous_role_id: Option<ID> = |p| p.optional_id::<RoleId>("/before/role/id"),
    }

    /// A member works on other assets.
    MemberAssignmentsSet {
        /// The member.
        member: Member = |p| p.member(),
        /// The assets that they work on now.
        asset_ids: Vec<ID> = |p| p.ids::<AssetId>("/assets"),
        /// The assets that they worked on before.
        previous_asset_ids: Vec<ID> = |p| p.ids::<AssetId>("/before/assets"),
    }

    /// The workspace has a role of its own more.
    RoleCreated {
        /// The role.
        role: Role = |p| p.role(),
        /// Which assets it works on.
        asset_scope: AssetScope = |p| p.read::<actor::AssetScope>("/role/scope").map(Into::into),
        /// What it gives beyond what every member has.
        permissions: Vec<String> = |p| p.read("/role/permissions"),
        /// Of the role.
        revision: i64 = |p| p.read("/role/revision"),
    }

    /// A role is called otherwise or gives something else: all who hold it have the new rights from here on.
    RoleUpdated {
        /// The role.
        role: Role = |p| p.role(),
        /// Which assets it works on.
        asset_scope: AssetScope = |p| p.read::<actor::AssetScope>("/role/scope").map(Into::into),
        /// What it gives now beyond what every member has.
        permissions: Vec<String> = |p| p.read("/role/permissions"),
        /// What it gave before.
        previous_permissions: Vec<String> = |p| p.read("/before/permissions"),
        /// What it was called.
        previous_name: String = |p| p.read("/before/name"),
        /// Of the role.
        revision: i64 = |p| p.read("/role/revision"),
    }

    /// A role is gone. Whoever held it holds its successor from here on: read members and invitations anew that you
    /// show with it.
    RoleDeleted {
        /// The role that is gone.
        role_id: ID = |p| p.id::<RoleId>("/role"),
        /// The role that took over; null where nobody held it and none was named.
        successor_id: Option<ID> = |p| p.optional_id::<RoleId>("/successor"),
        /// How many members held it, in any status. For admins.
        member_count: Option<i64> = |p| p.for_admins("/members"),
        /// How many open invitations promised it. For admins.
        invitation_count: Option<i64> = |p| p.for_admins("/invitations"),
    }

    /// Invitations that name no role give another one now, or have to name one.
    DefaultRoleSet {
        /// The default role; null where there is none now.
        role_id: Option<ID> = |p| p.optional_id::<RoleId>("/role"),
        /// The one before; null where there was none.
        previous_role_id: Option<ID> = |p| p.optional_id::<RoleId>("/before/role"),
    }

    /// A member is out until an admin lifts the block by hand.
    MemberBlocked {
        /// The member.
        member: Member = |p| p.member(),
        /// Why, by category. For admins.
        category: Option<ReasonCategory> = |p| Some(p.for_admins::<members::ReasonCategory>("/category")?.map(Into::into)),
    }

    /// An admin lifted a block.
    MemberUnblocked {
        /// The member.
        member: Member = |p| p.member(),
        /// Why, by category. For admins.
        category: Option<UnblockCategory> = |p| Some(p.for_admins::<members::UnblockCategory>("/category")?.map(Into::into)),
    }

    /// A member rests until they are brought back.
    MemberDeactivated {
        /// The member.
        member: Member = |p| p.member(),
        /// Why, by category. For admins.
        category: Option<ReasonCategory> = |p| Some(p.for_admins::<members::ReasonCategory>("/category")?.map(Into::into)),
    }

    /// An admin brought a deactivated member back.
    MemberReactivated {
        /// The member.
        member: Member = |p| p.member(),
    }

    /// A deactivated member has come back by themselves.
    MemberRejoined {
        /// The member.
        member: Member = |p| p.member(),
    }

    /// An admin took a member out of the workspace.
    MemberRemoved {
        /// The member.
        member: Member = |p| p.member(),
        /// Why, by category. For admins.
        category: Option<ReasonCategory> = |p| Some(p.for_admins::<members::ReasonCategory>("/category")?.map(Into::into)),
    }

    /// A member has left by themselves.
    MemberLeft {
        /// The member.
        member: Member = |p| p.member(),
    }

    /// A member is no longer among the active ones, whom everybody sees. Admins are told more: `MemberBlocked`,
    /// `MemberDeactivated`, `MemberRemoved`, `MemberLeft`.
    MemberHidden {
        /// The member's id: take them off the list.
        member_id: ID = |p| p.id::<MemberId>("/member/id"),
    }

    /// A member is among the active ones again. Admins are told more: `MemberUnblocked`, `MemberReactivated`,
    /// `MemberRejoined`.
    MemberShown {
        /// The member.
        member: Member = |p| p.member(),
    }

    /// A membership was purged: nothing in the workspace identifies the person any more. Take the member off every list;
    /// their name in older events reads empty.
    MemberDeletedForever {
        /// The member who is gone.
        member_id: ID = |p| p.id::<MemberId>("/memberId"),
        /// The API keys that went with them.
        api_key_ids: Vec<ID> = |p| p.ids::<ApiKeyId>("/apiKeys"),
    }

    /// A block is to be looked at again at another time, or at none.
    BlockReviewSet {
        /// The member.
        member: Member = |p| p.member(),
        /// When; null where the date was cleared.
        review_at: Option<DateTime> = |p| Some(p.read::<Option<Timestamp>>("/reviewAt")?.map(Into::into)),
    }

    /// A block is to be looked at again now. The member stays blocked.
    BlockReviewDue {
        /// The member.
        member: Member = |p| p.member(),
        /// The date that has come.
        review_at: Option<DateTime> = |p| Some(p.read::<Option<Timestamp>>("/reviewAt")?.map(Into::into)),
    }

    /// Somebody who is or was in wrote to the admins; the member's `contactRequests` show what.
    AdminsContacted {
        /// The member.
        member: Member = |p| p.member(),
    }

    /// Somebody or something tried to bring a blocked member back, and was refused.
    RefusedAttemptRecorded {
        /// The member.
        member: Member = |p| p.member(),
        /// What was tried.
        action: MemberAction = |p| p.read::<members::lifecycle::Operation>("/operation").map(Into::into),
    }

    /// Somebody or something tried to invite a person who had been removed while blocked and was then deleted for ever, and
    /// was refused.
    BarredAttemptRecorded {
        /// What was tried.
        action: MemberAction = |p| p.read::<members::lifecycle::Operation>("/operation").map(Into::into),
    }

    /// A member is called otherwise, or has another address, which admins alone are told: read the member anew.
    MemberUpdated {
        /// The member.
        member: Member = |p| p.member(),
    }

    /// An admin ended all sessions of a member.
    MemberSessionsEnded {
        /// The member.
        member: Member = |p| p.member(),
    }

    /// A session of a member has ended, or all that they had through one account session.
    MemberSessionEnded {
        /// The member.
        member_id: ID = |p| p.id::<MemberId>("/memberId"),
        /// The session; null when it was all through an account session.
        session_id: Option<ID> = |p| p.optional_id::<WorkspaceSessionId>("/session"),
        /// Why.
        cause: SessionEndCause = |p| p.read::<EndCause>("/cause").map(Into::into),
    }

    /// An API key works from now on.
    ApiKeyCreated {
        /// The key's id.
        api_key_id: ID = |p| p.id::<ApiKeyId>("/apiKey/id"),
        /// The member who made it.
        maker_id: ID = |p| p.id::<MemberId>("/apiKey/maker"),
    }

    /// An API key has stopped.
    ApiKeyRevoked {
        /// The key's id.
        api_key_id: ID = |p| p.id::<ApiKeyId>("/apiKey/id"),
        /// The member who made it.
        maker_id: ID = |p| p.id::<MemberId>("/apiKey/maker"),
        /// Since when.
        revoked_at: DateTime = |p| p.read::<Timestamp>("/apiKey/revokedAt").map(Into::into),
    }

    /// The service was restored from a backup: every session has ended, and what happened between the backup and here
    /// may be gone from this log.
    ServiceRestored {}
}
