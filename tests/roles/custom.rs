//! Roles of a workspace's own (WSP-5), and the default role (WSP-4).

use rollcall::primitives::ids::RoleId;
use serde_json::{Value, json};

use crate::on_both_stages;
use crate::support::app::Stage;
use crate::support::cast::{ACCEPT, INVITE, SET_ROLE, Seat, received, text};
use crate::support::people::mutation;
use crate::support::socket::Socket;

pub const ROLE: &str =
    "role { id name isAdmin isBuiltIn isDefault assetScope permissions revision } eventCursor";

pub fn create() -> String {
    mutation("createRole", ROLE)
}

pub fn update() -> String {
    mutation("updateRole", ROLE)
}

pub fn delete() -> String {
    mutation("deleteRole", "deletedRoleId eventCursor")
}

pub async fn admin_of(stage: &Stage, kind: &str) -> Seat {
    let ada = stage.person("Ada").await;
    stage.workspace(&ada, kind).await
}

/// A role for all assets; its id.
pub async fn role(stage: &Stage, admin: &Seat, name: &str, permissions: &[&str]) -> String {
    let input = json!({ "name": name, "assetScope": "ALL", "permissions": permissions });
    text(&stage.done(Some(&admin.token), &create(), input).await["role"]["id"])
}

async fn role_of(stage: &Stage, admin: &Seat, member: &str) -> Value {
    let query = "query($id: ID!) { workspace { member(id: $id) { role { name } } } }";
    let data = stage.data(Some(&admin.token), query, json!({ "id": member })).await;
    data["workspace"]["member"]["role"]["name"].clone()
}

on_both_stages! {
    /// WSP-5: a role is made, listed, given, changed and deleted.
    async fn wsp_5_a_role_of_the_workspaces_own(stage) {
        let admin = admin_of(stage, "TEAM").await;
        let made = mutation("createRole", &format!("{ROLE} roleEdge {{ cursor node {{ id }} }}"));
        let input = json!({
            "name": " Editor ", "assetScope": "ALL",
            "permissions": ["app:report.publish", "MANAGE_ASSETS", "app:report.publish"],
        });
        let made = stage.done(Some(&admin.token), &made, input).await;
        let id = text(&made["role"]["id"]);
        assert_eq!(made["role"], json!({
            "id": id, "name": "Editor", "isAdmin": false, "isBuiltIn": false, "isDefault": false,
            "assetScope": "ALL", "permissions": ["MANAGE_ASSETS", "app:report.publish"], "revision": 1,
        }));
        let query = "query($after: String) { workspace { roles(after: $after) { totalCount nodes { name } } } }";
        let listed = stage.data(Some(&admin.token), query, json!({ "after": made["roleEdge"]["cursor"] })).await;
        assert_eq!(listed["workspace"]["roles"], json!({ "totalCount": 3, "nodes": [{ "name": "Member" }] }));
        let bob = stage.person("Bob").await;
        let member = stage.join(&admin, &bob, "Editor", &[]).await;
        assert_eq!(role_of(stage, &admin, &member.member_id).await, "Editor");
        let input = json!({ "roleId": id, "name": "Writer", "permissions": [] });
        let updated = stage.done(Some(&admin.token), &update(), input).await;
        assert_eq!((&updated["role"]["name"], &updated["role"]["revision"]), (&json!("Writer"), &json!(2)));
        let same = stage.done(Some(&admin.token), &update(), json!({ "roleId": id, "name": "Writer" })).await;
        assert_eq!(same["role"]["revision"], 2, "nothing was other");
        let input = json!({ "roleId": id, "successorId": stage.role(&admin, "Member").await });
        assert_eq!(stage.done(Some(&admin.token), &delete(), input).await["deletedRoleId"], json!(id));
        assert_eq!(role_of(stage, &admin, &member.member_id).await, "Member");
        let types = stage.event_types(&admin.workspace_id).await;
        let roles: Vec<_> = types.iter().filter(|it| it.starts_with("Role")).collect();
        assert_eq!(roles, ["RoleCreated", "RoleUpdated", "RoleDeleted"]);
    }

    /// WSP-3, WSP-5: bad input names its field and changes nothing; what is reserved to admins no role gives.
    async fn wsp_5_what_a_role_can_not_be(stage) {
        let admin = admin_of(stage, "TEAM").await;
        let own = role(stage, &admin, "Editor", &[]).await;
        let types = stage.event_types(&admin.workspace_id).await;
        let refused = async |input: Value| {
            let made = json!({ "assetScope": "ALL", "name": "New", "permissions": [] });
            let mut made = made.as_object().expect("an object").clone();
            made.extend(input.as_object().expect("an object").clone());
            let error = stage.refused(Some(&admin.token), &create(), Value::Object(made)).await;
            (text(&error["code"]), error["field"].clone())
        };
        for (input, code, field) in [
            (json!({ "name": "  " }), "INVALID_INPUT", json!(["input", "name"])),
            (json!({ "name": "mEMBER" }), "ALREADY_EXISTS", json!(["input", "name"])),
            (json!({ "permissions": ["BLOCK_MEMBERS"] }), "INVALID_INPUT", json!(["input", "permissions", "0"])),
            (json!({ "permissions": ["app:a", "publish"] }), "INVALID_INPUT", json!(["input", "permissions", "1"])),
            (json!({ "permissions": vec!["app:a"; 101] }), "INVALID_INPUT", json!(["input", "permissions"])),
        ] {
            assert_eq!(refused(input).await, (code.to_owned(), field));
        }
        let built_in = stage.role(&admin, "Member").await;
        let eve = stage.person("Eve").await;
        let theirs = stage.workspace(&eve, "TEAM").await;
        let foreign = role(stage, &theirs, "Foreign", &[]).await;
        for (id, code) in [(&built_in, "ROLE_BUILT_IN"), (&foreign, "NOT_FOUND"), (&RoleId::new().to_string(), "NOT_FOUND")] {
            let changed = stage.refused(Some(&admin.token), &update(), json!({ "roleId": id, "name": "X" })).await;
            let deleted = stage.refused(Some(&admin.token), &delete(), json!({ "roleId": id })).await;
            for error in [changed, deleted] {
                assert_eq!((&error["code"], &error["field"]), (&json!(code), &json!(["input", "roleId"])), "{error}");
            }
        }
        let taken = stage.refused(Some(&admin.token), &update(), json!({ "roleId": own, "name": "admin" })).await;
        assert_eq!(taken["code"], "ALREADY_EXISTS");
        assert_eq!(stage.event_types(&admin.workspace_id).await, types);
    }

    /// WSP-2: whoever holds a role keeps the assets that they work on: neither its scope changes, nor a successor of
    /// another scope takes over.
    async fn wsp_2_the_scope_of_a_held_role_stays(stage) {
        let admin = admin_of(stage, "WALLET").await;
        let own = role(stage, &admin, "Editor", &[]).await;
        let assigned = json!({ "roleId": own, "assetScope": "ASSIGNED" });
        let changed = stage.done(Some(&admin.token), &update(), assigned.clone()).await;
        assert_eq!(changed["role"]["assetScope"], "ASSIGNED");
        stage.done(Some(&admin.token), &update(), json!({ "roleId": own, "assetScope": "ALL" })).await;
        let bob = stage.person("Bob").await;
        stage.join(&admin, &bob, "Editor", &[]).await;
        let refusal = stage.refused(Some(&admin.token), &update(), assigned).await;
        assert_eq!((&refusal["code"], &refusal["field"]), (&json!("ROLE_HELD"), &json!(["input", "assetScope"])));
        let refused = async |input: Value| {
            let error = stage.refused(Some(&admin.token), &delete(), input).await;
            assert_eq!(error["field"], json!(["input", "successorId"]));
            text(&error["code"])
        };
        assert_eq!(refused(json!({ "roleId": own })).await, "ROLE_HELD");
        for successor in ["Workspace admin", "Workspace developer", "Editor"] {
            let successor = stage.role(&admin, successor).await;
            let code = refused(json!({ "roleId": own, "successorId": successor })).await;
            assert_eq!(code, "SUCCESSOR_NOT_SUITABLE");
        }
        let unknown = RoleId::new().to_string();
        assert_eq!(refused(json!({ "roleId": own, "successorId": unknown })).await, "NOT_FOUND");
    }

    /// WSP-5: whoever holds a role that goes holds its successor: members in any status, open invitations, and what an
    /// invitation would give back.
    async fn wsp_5_a_successor_takes_over_for_everybody(stage) {
        let admin = admin_of(stage, "WALLET").await;
        let own = role(stage, &admin, "Editor", &[]).await;
        let (bob, guest, remy) = (stage.person("Bob").await, stage.person("Guest").await, stage.person("Remy").await);
        let blocked = stage.join(&admin, &bob, "Editor", &[]).await;
        stage.block(&admin, &blocked).await;
        let (_, invitation) = stage.invite(&admin, &guest.email, "Editor", &[]).await;
        let removed = stage.join(&admin, &remy, "Editor", &[]).await;
        stage.remove(&admin, &removed).await;
        let (_, again) = stage.invite(&admin, &remy.email, "Workspace reviewer", &[]).await;
        let successor = stage.role(&admin, "Workspace operator").await;
        let mut asked = Socket::open(stage.elsewhere(), &guest.token).await;
        asked.subscribe("asked", "subscription { viewerEvents { __typename } }", json!({})).await;
        stage.done(Some(&admin.token), &delete(), json!({ "roleId": own, "successorId": successor })).await;
        // Whoever was offered the role is told that they are offered something else (INV-9).
        assert_eq!(asked.next("asked").await["viewerEvents"]["__typename"], "InvitationReceived");
        assert_eq!(role_of(stage, &admin, &blocked.member_id).await, "Workspace operator");
        stage.done(Some(&guest.token), ACCEPT, json!({ "invitationId": received(&invitation) })).await;
        let seat = stage.take_seat(&guest, &admin.workspace_id).await;
        assert_eq!(role_of(stage, &admin, &seat.member_id).await, "Workspace operator");
        let withdraw = mutation("withdrawInvitation", "");
        stage.done(Some(&admin.token), &withdraw, json!({ "invitationId": again })).await;
        assert_eq!(role_of(stage, &admin, &removed.member_id).await, "Workspace operator", "what was kept");
        stage.unblock(&admin, &blocked).await;
        stage.take_seat(&bob, &admin.workspace_id).await;
    }

    /// WSP-4: a role of the workspace's own can be the default; when it goes its successor is; null is none.
    async fn wsp_4_the_default_role_is_named_handed_over_and_taken_away(stage) {
        let admin = admin_of(stage, "TEAM").await;
        let set = mutation("setDefaultRole", "role { name isDefault }");
        let token = Some(admin.token.as_str());
        let own = role(stage, &admin, "Guest", &[]).await;
        let done = stage.done(token, &set, json!({ "roleId": own })).await;
        assert_eq!(done["role"], json!({ "name": "Guest", "isDefault": true }));
        let refusal = stage.refused(token, &update(), json!({ "roleId": own, "assetScope": "ASSIGNED" })).await;
        assert_eq!(refusal["code"], "ROLE_NOT_DEFAULTABLE");
        assert_eq!(stage.refused(token, &delete(), json!({ "roleId": own })).await["code"], "ROLE_HELD");
        let member = stage.role(&admin, "Member").await;
        stage.done(token, &delete(), json!({ "roleId": own, "successorId": member })).await;
        stage.done(token, INVITE, json!({ "list": "one@example.com" })).await;
        let done = stage.done(token, &set, json!({ "roleId": null })).await;
        assert_eq!(done["role"], Value::Null);
        let invited = stage.done(token, INVITE, json!({ "list": "two@example.com" })).await;
        assert_eq!(invited["results"][0]["userErrors"][0]["code"], "ROLE_REQUIRED");
        assert_eq!(stage.refused(token, &set, json!({ "roleId": null })).await["code"], "ROLE_NOT_DEFAULTABLE");
        assert_eq!(stage.refused(token, &set, json!({})).await["code"], "INVALID_INPUT", "left out is no null");
    }

    /// AST-3: `viewer.can` follows the role at this moment, on every server.
    async fn ast_3_what_the_viewer_can_follows_the_role(stage) {
        let admin = admin_of(stage, "TEAM").await;
        let own = role(stage, &admin, "Editor", &["app:report.publish"]).await;
        let bob = stage.person("Bob").await;
        let member = stage.join(&admin, &bob, "Editor", &[]).await;
        let can = async |permission: &str| {
            let query = "query($permission: String!) { viewer { can(permission: $permission) } }";
            let variables = json!({ "permission": permission });
            let answer = stage.ask_at(stage.elsewhere(), Some(&member.token), query, variables).await;
            answer["data"]["viewer"]["can"].as_bool().unwrap_or_else(|| panic!("{answer:#}"))
        };
        assert!(can("app:report.publish").await && !can("MANAGE_ASSETS").await);
        let input = json!({ "roleId": own, "permissions": ["MANAGE_ASSETS"] });
        stage.done(Some(&admin.token), &update(), input).await;
        assert!(!can("app:report.publish").await && can("MANAGE_ASSETS").await);
        stage.asset(&member, "Mine").await;
        let input = json!({ "roleId": own, "successorId": stage.role(&admin, "Member").await });
        stage.done(Some(&admin.token), &delete(), input).await;
        assert!(!can("MANAGE_ASSETS").await && can("VIEW_MEMBERS").await);
        let input = json!({ "memberId": member.member_id, "roleId": own });
        assert_eq!(stage.refused(Some(&admin.token), SET_ROLE, input).await["code"], "NOT_FOUND");
    }
}
