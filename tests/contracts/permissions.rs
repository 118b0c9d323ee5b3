//! Who may call what: every root field, asked by everybody there is. What the schema declares is held against what
//! happens, and what happens is a golden file.

use std::collections::BTreeMap;
use std::fmt::Write;

use async_graphql::parser::types::FieldDefinition;
use rollcall::primitives::actor::AssetScope;
use rollcall::primitives::ids::{ApiKeyId, AssetId, InvitationId, MemberId, RoleId, WorkspaceSessionId};
use rollcall::primitives::rights::{Permission, Rights};
use serde_json::{Value, json};

use super::schema::fields_of;
use crate::support::app::Stage;
use crate::support::cast::{PASSWORD, Person, Seat};

/// Somebody who asks.
pub(super) struct Asker {
    pub(super) name: String,
    pub(super) person: Option<Person>,
    pub(super) seat: Option<Seat>,
    pub(super) key: Option<String>,
    pub(super) admin: bool,
}

impl Asker {
    /// A token of this asker's kind, new for each question: some questions end the session that asks.
    pub(super) async fn token(&self, stage: &Stage) -> Option<String> {
        if let Some(key) = &self.key {
            return Some(key.clone());
        }
        let person = self.person.as_ref()?;
        let person = stage.sign_in_as(&person.name, &person.email).await;
        match &self.seat {
            Some(seat) => Some(stage.take_seat(&person, &seat.workspace_id).await.token),
            None => Some(person.token),
        }
    }

    fn session(&self) -> &'static str {
        match (&self.person, &self.seat) {
            (None, None) if self.key.is_none() => "NOBODY",
            (Some(_), None) => "ACCOUNT",
            _ => "WORKSPACE",
        }
    }

    /// What the declaration of a field promises this asker.
    pub(super) fn may(&self, session: &str, permission: Option<Permission>) -> bool {
        let signed_in = match session {
            "PUBLIC" => return true,
            "ANY" => self.session() != "NOBODY",
            "PERSON" => self.person.is_some(),
            wanted => self.session() == wanted,
        };
        let rights = Rights {
            role: RoleId::new(),
            admin: self.admin,
            scope: AssetScope::All,
            granted: std::collections::BTreeSet::default(),
        };
        let permitted =
            permission.is_none_or(|it| rights.allows(it) && (self.key.is_none() || it.open_to_keys()));
        signed_in && permitted
    }
}

async fn askers(stage: &Stage) -> Vec<Asker> {
    let mut askers = vec![Asker { name: "nobody".into(), person: None, seat: None, key: None, admin: false }];
    let loner = stage.person("Loner").await;
    askers.push(Asker { name: "account".into(), person: Some(loner), seat: None, key: None, admin: false });
    for (kind, roles) in [
        (
            "WALLET",
            &["Workspace admin", "Workspace reviewer", "Workspace developer", "Workspace operator"][..],
        ),
        ("MERCHANT", &["Developer admin", "Developer", "Operator"]),
        ("TEAM", &["Admin", "Member"]),
    ] {
        let founder = stage.person(&format!("{kind} founder")).await;
        let admin = stage.workspace(&founder, kind).await;
        let asset = stage.asset(&admin, kind).await;
        for role in roles {
            let person = stage.person(&format!("{kind} {role}")).await;
            let needs = role.contains("eveloper") && !role.contains("admin") || *role == "Operator";
            let assets: &[&str] = if needs { &[&asset] } else { &[] };
            let seat = stage.join(&admin, &person, role, assets).await;
            let name = format!("{} {}", kind.to_lowercase(), role.to_lowercase());
            let is_admin = role.to_lowercase().contains("admin");
            askers.push(Asker { name, person: Some(person), seat: Some(seat), key: None, admin: is_admin });
        }
        if kind == "WALLET" {
            let key = stage.api_key(&admin).await;
            askers.push(Asker {
                name: "wallet api key".into(),
                person: None,
                seat: Some(admin),
                key: Some(key),
                admin: true,
            });
        }
    }
    askers
}

/// The inputs of mutations that end something for good; null for any other.
fn of_an_end(field: &str) -> Value {
    match field {
        "deleteAccount" => json!({ "password": "a guess" }),
        "deleteMemberForever" => {
            json!({ "memberId": MemberId::new().to_string(), "email": "nobody@example.com" })
        }
        "deleteWorkspace" => json!({ "name": "not its name" }),
        _ => Value::Null,
    }
}

/// The inputs of mutations on a workspace's roles and assets; null for any other.
fn of_roles_and_assets(field: &str, number: usize) -> Value {
    match field {
        "setDefaultRole" | "updateRole" | "deleteRole" => json!({ "roleId": RoleId::new().to_string() }),
        "createRole" => json!({ "name": format!("Role {number}"), "assetScope": "ALL" }),
        "registerAsset" => json!({ "kind": "FLOW", "name": "New", "externalId": format!("new-{number}") }),
        "updateAsset" => json!({ "assetId": AssetId::new().to_string(), "name": "New" }),
        "shareAsset" | "archiveAsset" => json!({ "assetId": AssetId::new().to_string() }),
        "reassignAssets" => json!({ "assetIds": [AssetId::new().to_string()] }),
        _ => of_account(field, number),
    }
}

/// The inputs of mutations on one's account; null for any other.
fn of_account(field: &str, number: usize) -> Value {
    match field {
        "requestPasswordReset" => json!({ "email": "nobody@example.com" }),
        "resetPassword" => json!({ "token": "rcp_rubbish", "newPassword": PASSWORD }),
        "changePassword" => json!({ "currentPassword": "a guess", "newPassword": PASSWORD }),
        "changeEmail" => json!({ "email": format!("new{number}@example.com"), "password": "a guess" }),
        "updateAccount" => json!({ "name": "New" }),
        _ => of_an_end(field),
    }
}

/// An input for each mutation, and arguments for each query, that are well formed; the ids in them are nobody's.
fn question(root: &str, field: &str, number: usize) -> (String, Value) {
    let input = match field {
        "signUp" => {
            json!({ "name": "New", "email": format!("new{number}@example.com"), "password": PASSWORD })
        }
        "verifyEmail" => json!({ "token": "rce_rubbish" , "password": PASSWORD }),
        "signIn" => json!({ "email": "nobody@example.com", "password": PASSWORD }),
        "signOut" | "endOtherSessions" | "leaveWorkspace" | "requestEmailVerification" => json!({}),
        "endSession" => json!({ "sessionId": WorkspaceSessionId::new().to_string() }),
        "stopSharingAsset" => {
            json!({ "keptAssetId": rollcall::primitives::ids::KeptAssetId::new().to_string() })
        }
        "contactAdmins" => json!({
            "workspaceId": rollcall::primitives::ids::WorkspaceId::new().to_string(), "message": "Hello",
        }),
        "dismissNotice" => json!({ "noticeId": rollcall::primitives::ids::NoticeId::new().to_string() }),
        "createWorkspace" => json!({ "name": "New", "kind": "TEAM" }),
        "enterWorkspace" | "rejoinWorkspace" => {
            json!({ "workspaceId": rollcall::primitives::ids::WorkspaceId::new().to_string() })
        }
        "updatePolicy" => json!({ "invitationTtlHours": 72 }),
        "updateWorkspace" => json!({ "contactText": null }),
        "inviteMembers" => json!({ "list": format!("guest{number}@example.com") }),
        "updateInvitation" | "resendInvitation" | "withdrawInvitation" => {
            json!({ "invitationId": InvitationId::new().to_string() })
        }
        "acceptInvitation" | "declineInvitation" => json!({ "token": "rci_rubbish" }),
        "blockMember" | "unblockMember" | "endMemberSessions" | "deactivateMember" | "reactivateMember"
        | "removeMember" | "setBlockReview" => {
            json!({ "memberId": MemberId::new().to_string() })
        }
        "takeOutCredit" => json!({ "amount": 1, "currency": "EUR" }),
        "updateSeatPlan" => json!({ "limit": 1_000 }),
        "setMemberRole" => {
            json!({ "memberId": MemberId::new().to_string(), "roleId": RoleId::new().to_string() })
        }
        "setMemberAssignments" => json!({
            "memberId": MemberId::new().to_string(), "assignments": [{ "assetId": AssetId::new().to_string() }],
        }),
        "bulkUpdateMembers" => json!({ "operation": "BLOCK", "memberIds": [MemberId::new().to_string()] }),
        "createApiKey" => json!({ "name": "New" }),
        "revokeApiKey" => json!({ "apiKeyId": ApiKeyId::new().to_string() }),
        other => of_roles_and_assets(other, number),
    };
    match (root, field) {
        ("Query", "viewer") => ("{ viewer { account { id } } }".into(), json!({})),
        ("Query", "workspace") => ("{ workspace { id } }".into(), json!({})),
        ("Query", "invitation") => {
            (r#"{ invitation(token: "rci_rubbish") { __typename } }"#.into(), json!({}))
        }
        ("Query", "node") => (format!(r#"{{ node(id: "{}") {{ id }} }}"#, MemberId::new()), json!({})),
        ("Query", "nodes") => (format!(r#"{{ nodes(ids: ["{}"]) {{ id }} }}"#, MemberId::new()), json!({})),
        _ if input.is_null() => panic!("{root}.{field} is new: ask it here as well"),
        _ => {
            let capital = format!("{}{}", field[..1].to_uppercase(), &field[1..]);
            let query = format!(
                "mutation($input: {capital}Input!) {{ {field}(input: $input) {{ userErrors {{ code }} }} }}"
            );
            (query, json!({ "input": input }))
        }
    }
}

/// What an answer says, in a word: `ok`, a user error's code, or a top-level error's.
fn said(answer: &Value) -> String {
    if let Some(code) = answer["errors"][0]["extensions"]["code"].as_str() {
        return code.to_owned();
    }
    let payload =
        answer["data"].as_object().and_then(|data| data.values().next()).cloned().unwrap_or_default();
    payload["userErrors"][0]["code"].as_str().unwrap_or("ok").to_owned()
}

pub(super) fn declared(root: &str) -> Vec<(String, String, Option<Permission>)> {
    let read = |field: FieldDefinition| {
        let directive = &field.directives[0].node;
        let word = |name: &str| directive.get_argument(name).map(|value| value.node.to_string());
        let session = word("session").unwrap_or_else(|| "PUBLIC".into());
        let permission = word("permission").filter(|it| it != "null").and_then(|it| Permission::parse(&it));
        (field.name.node.to_string(), session, permission)
    };
    fields_of(root).into_iter().map(read).collect()
}

/// WSP-3, API-3: what each credential gets, field by field; the schema's declarations say the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_may_call_what() {
    let stage = Stage::sqlite_with(|config| {
        config.sign_in_limits.sign_in_address_attempts_max = 1_000_000;
        config.sign_in_limits.sign_in_account_attempts_max = 1_000_000;
    })
    .await;
    let askers = askers(&stage).await;
    let mut table = BTreeMap::new();
    let mut number = 0;
    for root in ["Query", "Mutation"] {
        let mut fields = declared(root);
        // Whoever has left asks nothing more.
        fields.sort_by_key(|(field, ..)| field == "leaveWorkspace");
        for (field, session, permission) in fields {
            let mut row = Vec::new();
            for asker in &askers {
                number += 1;
                let (query, variables) = question(root, &field, number);
                let token = asker.token(&stage).await;
                let answer = stage.ask(token.as_deref(), &query, variables).await;
                let said = said(&answer);
                let let_in = !matches!(said.as_str(), "UNAUTHENTICATED" | "FORBIDDEN");
                assert_eq!(
                    let_in,
                    asker.may(&session, permission),
                    "{root}.{field} by {}: {answer:#}",
                    asker.name
                );
                row.push((asker.name.clone(), said));
            }
            table.insert(format!("{root}.{field}"), row);
        }
    }
    let mut text = String::new();
    for (field, row) in table {
        writeln!(text, "{field}").unwrap();
        for (asker, said) in row {
            writeln!(text, "    {asker:<28} {said}").unwrap();
        }
    }
    insta::assert_snapshot!(text);
    stage.close().await;
}
