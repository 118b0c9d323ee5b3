//! A payload of each type of event, for unit tests.

use serde_json::{Value, json};

use crate::policy::{Kind, Policy};
use crate::primitives::ids::{AccountId, InvitationId, MemberId, RoleId, WorkspaceId};

/// What a stream's events may be: their types' names, each with a payload.
type Samples = Vec<(&'static str, Value)>;

pub(crate) fn member() -> Value {
    json!({
        "id": MemberId::new(), "status": "BLOCKED", "revision": 4, "joinedAt": 1_000_000,
        "role": { "id": RoleId::new(), "name": "Admin", "admin": true },
    })
}

fn invitation() -> Value {
    json!({
        "id": InvitationId::new(), "status": "SENT", "sentAt": 1, "expiresAt": 2, "revision": 1, "mail": "QUEUED",
        "assets": [],
    })
}

fn booked(kind: &str) -> Value {
    json!({ "entry": {
        "id": MemberId::new(), "number": 1, "kind": kind, "member": MemberId::new(), "amount": 645, "fromCredit": 0,
        "balance": 0, "currency": "EUR", "from": 1_000_000, "until": 2_000_000,
    } })
}

pub(crate) fn workspace() -> Samples {
    [workspaces(), invitations(), members(), seats(), assets(), rights()].concat()
}

fn workspaces() -> Samples {
    let some_member = member();
    let some_id = MemberId::new();
    let policy = Policy::of_kind(Kind::Team);
    vec![
        (
            "WorkspaceCreated",
            json!({ "workspace": { "id": some_id, "name": "W", "kind": "TEAM", "revision": 1 } }),
        ),
        (
            "WorkspaceUpdated",
            json!({
                "workspace": { "id": some_id, "name": "W", "kind": "TEAM", "revision": 2 },
                "before": { "name": "V" }, "contactChanged": true,
            }),
        ),
        ("PolicyUpdated", json!({ "policy": policy, "before": policy, "revision": 2 })),
        ("WorkspaceDeleted", json!({ "workspaceId": some_id, "recoverableUntil": 1 })),
        ("WorkspaceRecovered", json!({ "workspaceId": some_id })),
        ("WorkspacePurged", json!({ "workspaceId": some_id })),
        ("AdminGranted", json!({ "member": some_member, "adminsUnusable": true })),
        ("ChairMoved", json!({ "chair": 1 })),
    ]
}

fn invitations() -> Samples {
    let some_member = member();
    let both = json!({ "member": member(), "invitation": invitation() });
    let ended = json!({ "memberId": MemberId::new(), "member": null, "invitation": invitation() });
    vec![
        ("MemberInvited", both.clone()),
        ("InvitationUpdated", both.clone()),
        ("InvitationResent", both.clone()),
        ("InvitationMailChanged", ended.clone()),
        ("InvitationExpired", both.clone()),
        ("InvitationWithdrawn", ended.clone()),
        ("InvitationDeclined", ended),
        (
            "InvitationAcceptanceRefused",
            json!({ "member": some_member, "invitation": invitation(), "reason": "ROLE_GONE" }),
        ),
    ]
}

fn members() -> Samples {
    let some_member = member();
    let some_id = MemberId::new();
    vec![
        ("MemberJoined", json!({ "member": some_member })),
        ("MemberRoleSet", json!({ "member": some_member, "before": { "role": { "id": some_id } } })),
        (
            "MemberAssignmentsSet",
            json!({ "member": some_member, "before": { "assets": [] }, "assets": [some_id] }),
        ),
        ("MemberBlocked", json!({ "member": some_member, "category": "SECURITY_CONCERN" })),
        ("MemberUnblocked", json!({ "member": some_member, "category": "MISTAKE" })),
        ("MemberDeactivated", json!({ "member": some_member, "category": "OFFBOARDING" })),
        ("MemberReactivated", json!({ "member": some_member })),
        ("MemberRejoined", json!({ "member": some_member })),
        ("MemberRemoved", json!({ "member": some_member, "category": "OFFBOARDING" })),
        ("MemberLeft", json!({ "member": some_member, "category": null })),
        ("MemberDeletedForever", json!({ "memberId": some_id, "apiKeys": [some_id] })),
        ("BlockReviewSet", json!({ "member": some_member, "reviewAt": null })),
        ("BlockReviewDue", json!({ "member": some_member, "reviewAt": 1 })),
        ("AdminsContacted", json!({ "member": some_member })),
        ("RefusedAttemptRecorded", json!({ "member": some_member, "operation": "UNBLOCK", "attempts": 1 })),
        ("BarredAttemptRecorded", json!({ "operation": "INVITE", "attempts": 1 })),
        ("MemberSessionsEnded", json!({ "member": some_member })),
        ("MemberSessionEnded", json!({ "memberId": some_id, "session": some_id, "cause": "SIGNED_OUT" })),
    ]
}

fn seats() -> Samples {
    vec![
        ("SeatPlanUpdated", json!({ "plan": { "limit": 10, "price": null, "revision": 1 } })),
        ("SeatCharged", booked("CHARGE")),
        (
            "SeatsRenewed",
            json!({ "charges": 2, "firstNumber": 1, "lastNumber": 2, "amount": 2000, "currency": "EUR" }),
        ),
        ("SeatCredited", booked("CREDIT")),
        ("CreditTakenOut", booked("TAKEN_OUT")),
    ]
}

fn assets() -> Samples {
    let some_id = MemberId::new();
    let asset = json!({ "id": some_id, "kind": "flow", "owner": null, "revision": 1 });
    vec![
        (
            "AssetsReassigned",
            json!({ "assets": [some_id], "from": null, "to": { "kind": "MEMBER", "member": some_id } }),
        ),
        ("AssetsPurged", json!({ "assets": [some_id] })),
        (
            "AssetRegistered",
            json!({ "asset": { "id": some_id, "kind": "flow", "owner": null, "revision": 1 } }),
        ),
        ("AssetUpdated", json!({ "asset": asset })),
        ("AssetShared", json!({ "asset": asset, "with": { "member": some_id, "channels": 0 } })),
        ("AssetUnshared", json!({ "asset": asset, "with": { "member": null, "channels": 2 } })),
        ("AssetArchived", json!({ "asset": asset, "emptied": 1 })),
    ]
}

fn rights() -> Samples {
    let some_id = MemberId::new();
    let role = json!({
        "id": RoleId::new(), "name": "Editor", "admin": false, "scope": "ALL", "default": false,
        "permissions": ["app:report.publish"], "revision": 1,
    });
    let key = json!({ "apiKey": { "id": some_id, "maker": some_id, "revokedAt": 1, "revision": 1 } });
    vec![
        ("ApiKeyCreated", key.clone()),
        ("ApiKeyRevoked", key),
        ("RoleCreated", json!({ "role": role })),
        ("RoleUpdated", json!({ "role": role, "before": role })),
        ("RoleDeleted", json!({ "role": some_id, "successor": some_id, "members": 1, "invitations": 0 })),
        ("DefaultRoleSet", json!({ "role": some_id, "before": { "role": null } })),
    ]
}

pub(crate) fn viewer() -> Samples {
    let account = json!({ "account": { "id": AccountId::new(), "emailVerified": true, "revision": 2 } });
    let membership = json!({ "workspace": WorkspaceId::new(), "member": member() });
    let invited = json!({ "workspace": WorkspaceId::new(), "invitation": invitation() });
    vec![
        ("AccountCreated", account.clone()),
        ("EmailVerified", account.clone()),
        ("SignUpRepeated", account.clone()),
        ("AccountUpdated", account),
        ("AccountSessionEnded", json!({ "accountSession": MemberId::new(), "cause": "ENDED" })),
        ("MembershipGranted", membership.clone()),
        ("MembershipRoleSet", membership.clone()),
        ("MembershipBlocked", membership.clone()),
        ("MembershipUnblocked", membership.clone()),
        ("MembershipDeactivated", membership.clone()),
        ("MembershipReactivated", membership.clone()),
        ("MembershipRemoved", membership.clone()),
        ("MembershipLeft", membership),
        (
            "MembershipDeleted",
            json!({ "workspace": WorkspaceId::new(), "memberId": MemberId::new(), "notices": [] }),
        ),
        (
            "NoticePosted",
            json!({ "workspace": WorkspaceId::new(), "notice": { "id": MemberId::new(), "kind": "REMOVED" } }),
        ),
        ("NoticeDismissed", json!({ "notice": { "id": MemberId::new() } })),
        ("InvitationReceived", invited.clone()),
        ("InvitationClosed", invited),
    ]
}
