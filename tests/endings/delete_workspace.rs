//! Deleting a workspace, and what the operator can do about it (WSP-10, WSP-11, REM-7), from the outside.

use rollcall::primitives::ids::WorkspaceId;
use serde_json::{Value, json};

use super::marks::rows_of;
use crate::on_both_stages;
use crate::support::app::Stage;
use crate::support::binary::run;
use crate::support::cast::{ACCEPT, BLOCK, ENTER, PASSWORD, Person, REMOVE, Seat, received};
use crate::support::people::mutation;
use crate::support::socket::Socket;

pub const DELETE: &str = "mutation($input: DeleteWorkspaceInput!) { deleteWorkspace(input: $input) { deletedWorkspaceId recoverableUntil \
     eventCursor userErrors { __typename code message field } } }";
const INVITATIONS: &str = "subscription { viewerEvents { __typename ... on InvitationClosed { invitation { status } } \
     ... on InvitationReceived { invitation { status } } } }";
const WHOAMI: &str = "{ workspace { id } }";
const MEMBERSHIPS: &str =
    "{ viewer { memberships(first: 5) { nodes { workspaceId } } invitations(first: 5) { totalCount } } }";

pub async fn company(stage: &Stage) -> (Seat, Seat, String) {
    let ada = stage.person("Ada").await;
    let admin = stage.workspace(&ada, "WALLET").await;
    let bob = stage.person("Bob").await;
    let member = stage.join(&admin, &bob, "Workspace operator", &[]).await;
    let key = stage.api_key(&admin).await;
    (admin, member, key)
}

async fn delete(stage: &Stage, admin: &Seat) -> Value {
    stage.done(Some(&admin.token), DELETE, json!({ "name": "Ada's WALLET" })).await
}

pub async fn operate(stage: &Stage, arguments: &[&str]) -> (bool, String) {
    let url = stage.config.database.database_url.expose().to_owned();
    run(&[arguments, &["--database-url", &url]].concat()).await
}

on_both_stages! {
    /// WSP-10, REV-1: with the answer every session and key is dead on every server, invitations lead nowhere, and each
    /// person is told.
    async fn wsp_10_a_deleted_workspace_is_over_for_everybody_at_once(stage) {
        let (admin, bob, key) = company(stage).await;
        let dora = stage.person("Dora").await;
        let (_, invitation) = stage.invite(&admin, &dora.email, "Workspace operator", &[]).await;
        let link = stage.mailed_token(&dora.email).await;
        let mut window = Socket::open(stage.elsewhere(), &bob.token).await;
        let mut own = Socket::open(stage.elsewhere(), &bob.person.token).await;
        let events = "subscription { viewerEvents { __typename ... on ViewerWorkspaceDeleted { workspaceId } } }";
        own.subscribe("own", events, json!({})).await;
        let mut asked = Socket::open(stage.elsewhere(), &dora.token).await;
        asked.subscribe("asked", INVITATIONS, json!({})).await;
        let done = delete(stage, &admin).await;
        assert_eq!(done["deletedWorkspaceId"], admin.workspace_id);
        assert_eq!(window.expect_close(4401).await, "WORKSPACE_DELETED");
        for server in &stage.servers {
            for token in [&admin.token, &bob.token, &key] {
                let answer = stage.ask_at(server, Some(token), WHOAMI, json!({})).await;
                let end = &answer["errors"][0]["extensions"]["sessionEnd"];
                assert_eq!(end["cause"], "WORKSPACE_DELETED", "{answer:#}");
            }
        }
        let told = own.next("own").await["viewerEvents"].clone();
        assert_eq!(told, json!({ "__typename": "ViewerWorkspaceDeleted", "workspaceId": admin.workspace_id }));
        // Whoever is asked in is told as well (INV-9), and the link shows nothing any more (INV-5).
        let told = asked.next("asked").await["viewerEvents"].clone();
        assert_eq!(told, json!({ "__typename": "InvitationClosed", "invitation": { "status": "WITHDRAWN" } }));
        let preview = "query($token: String!) { invitation(token: $token) { state } }";
        assert_eq!(stage.data(None, preview, json!({ "token": link })).await["invitation"], Value::Null);
        let shown = stage.data(Some(&bob.person.token), MEMBERSHIPS, json!({})).await["viewer"].clone();
        assert_eq!(shown["memberships"]["nodes"], json!([]));
        let refusal = stage.refused(Some(&bob.person.token), ENTER, json!({ "workspaceId": admin.workspace_id })).await;
        assert_eq!(refusal["code"], "NOT_FOUND");
        let shown = stage.data(Some(&dora.token), MEMBERSHIPS, json!({})).await["viewer"].clone();
        assert_eq!(shown["invitations"]["totalCount"], 0);
        let by_account = stage.refused(Some(&dora.token), ACCEPT, json!({ "invitationId": received(&invitation) })).await;
        assert_eq!(by_account["code"], "NOT_FOUND");
        assert_eq!(stage.refused(None, ACCEPT, json!({ "token": link })).await["code"], "LINK_INVALID");
    }

    /// WSP-10: bad input names its field and changes nothing; no key, and nobody but an admin, deletes a workspace.
    async fn who_can_not_delete_a_workspace(stage) {
        let (admin, bob, key) = company(stage).await;
        let refusal = stage.refused(Some(&admin.token), DELETE, json!({ "name": "Ada's Wallet" })).await;
        assert_eq!((&refusal["code"], &refusal["field"]), (&json!("INVALID_INPUT"), &json!(["input", "name"])));
        for token in [&key, &bob.token] {
            let failed = stage.failed(Some(token), DELETE, json!({ "input": { "name": "Ada's WALLET" } })).await;
            assert_eq!(failed["code"], "FORBIDDEN");
        }
        stage.data(Some(&admin.token), WHOAMI, json!({})).await;
    }

    /// WSP-10: until its time is over the operator brings it back; sessions, keys and invitations stay ended.
    async fn wsp_10_the_operator_brings_a_workspace_back_and_nothing_that_ended(stage) {
        let (admin, bob, key) = company(stage).await;
        let dora = stage.person("Dora").await;
        let (_, invitation) = stage.invite(&admin, &dora.email, "Workspace operator", &[]).await;
        delete(stage, &admin).await;
        let mut asked = Socket::open(stage.elsewhere(), &dora.token).await;
        asked.subscribe("asked", INVITATIONS, json!({})).await;
        let (gate, id) = (&stage.here().app.gate, WorkspaceId::parse(&admin.workspace_id).unwrap());
        let told = rollcall::endings::recover_workspace(gate, id).await.expect("it is back");
        assert_eq!(told, 2);
        // Whoever is asked in finds the invitation again, and that it has expired (INV-9).
        let told = asked.next("asked").await["viewerEvents"].clone();
        assert_eq!(told, json!({ "__typename": "InvitationReceived", "invitation": { "status": "EXPIRED" } }));
        for token in [&admin.token, &bob.token, &key] {
            for server in &stage.servers {
                let answer = stage.ask_at(server, Some(token), WHOAMI, json!({})).await;
                assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAUTHENTICATED", "{answer:#}");
            }
        }
        let bob = stage.sign_in_as("Bob", &bob.person.email).await;
        let back = stage.take_seat(&bob, &admin.workspace_id).await;
        stage.data(Some(&back.token), WHOAMI, json!({})).await;
        let dora = stage.sign_in_as("Dora", &dora.email).await;
        let refusal = stage.refused(Some(&dora.token), ACCEPT, json!({ "invitationId": received(&invitation) })).await;
        assert_eq!(refusal["code"], "INVITATION_EXPIRED");
        let (well, said) = operate(stage, &["recover", "--workspace", &admin.workspace_id]).await;
        assert!(!well && said.contains("isn't deleted"), "{said}");
        let (well, said) = operate(stage, &["recover", "--workspace", "member_01"]).await;
        assert!(!well && said.contains("--workspace"), "{said}");
    }

    /// WSP-10: the command lists what there is, and brings a workspace back that running servers then know again.
    async fn wsp_10_the_command_lists_and_brings_back(stage) {
        let (admin, bob, _) = company(stage).await;
        let (well, listed) = operate(stage, &["recover"]).await;
        assert!(well && listed.contains("Nothing is deleted"), "{listed}");
        delete(stage, &admin).await;
        let (well, listed) = operate(stage, &["recover"]).await;
        assert!(well && listed.contains(&admin.workspace_id) && listed.contains("Ada's WALLET"), "{listed}");
        let mut own = Socket::open(stage.elsewhere(), &bob.person.token).await;
        own.subscribe("own", "subscription { viewerEvents { __typename } }", json!({})).await;
        let (well, said) = operate(stage, &["recover", "--workspace", &admin.workspace_id]).await;
        assert!(well && said.contains("is back, and told to 2 people"), "{said}");
        assert_eq!(own.next("own").await["viewerEvents"]["__typename"], "ViewerWorkspaceRecovered");
        let shown = stage.data(Some(&bob.person.token), MEMBERSHIPS, json!({})).await["viewer"].clone();
        assert_eq!(shown["memberships"]["nodes"][0]["workspaceId"], admin.workspace_id);
    }

    /// WSP-10: after thirty days everything in it is gone but the log, and nobody brings it back.
    async fn wsp_10_a_deleted_workspace_is_purged_after_its_time(stage) {
        let (admin, bob, _) = company(stage).await;
        let asset = stage.asset(&admin, "Thing").await;
        stage.invite(&admin, "late@example.com", "Workspace developer", &[&asset]).await;
        stage.remove(&admin, &bob).await;
        let other = stage.workspace(&bob.person, "TEAM").await;
        delete(stage, &admin).await;
        stage.advance_hours(24 * 30 - 1);
        stage.run_jobs().await;
        assert!(rows_of(stage, &admin.workspace_id).await.contains(&"members".to_owned()));
        stage.advance_hours(1);
        for server in &stage.servers {
            server.app.run_jobs().await.expect("the jobs run");
        }
        assert_eq!(rows_of(stage, &admin.workspace_id).await, Vec::<String>::new());
        assert_eq!(stage.event_types(&admin.workspace_id).await.last().expect("an event"), "WorkspacePurged");
        assert!(rows_of(stage, &other.workspace_id).await.contains(&"members".to_owned()));
        let (well, said) = operate(stage, &["recover", "--workspace", &admin.workspace_id]).await;
        assert!(!well && said.contains("purged"), "{said}");
    }

    /// WSP-10, REM-6: what went with a person stays theirs beyond the purge of the workspace, which is named nowhere any more;
    /// the last of it takes with it what was left of the workspace.
    async fn rem_6_what_went_with_a_person_outlives_the_workspace(stage) {
        let (admin, bob, _) = company(stage).await;
        let kim = stage.person("Kim").await;
        let owner = stage.join(&admin, &kim, "Workspace admin", &[]).await;
        let asset = stage.asset(&owner, "Diary").await;
        stage.asset(&admin, "Thing").await;
        let share = json!({ "assetId": asset, "withMemberIds": [bob.member_id], "withChannels": ["#one"] });
        stage.done(Some(&admin.token), &mutation("shareAsset", ""), share).await;
        let along = json!({ "memberId": owner.member_id, "assets": { "everything": { "to": "PERSON" } } });
        stage.done(Some(&admin.token), REMOVE, along).await;
        let kept = "{ viewer { assets(first: 5) { nodes { name externalId workspaceName sharedWithCount } } } }";
        let nodes = async |person: &Person| {
            stage.data(Some(&person.token), kept, json!({})).await["viewer"]["assets"]["nodes"].clone()
        };
        let of = |name: Value, shared: i64| {
            json!([{ "name": "Diary", "externalId": "ext-Diary", "workspaceName": name, "sharedWithCount": shared }])
        };
        assert_eq!(nodes(&owner.person).await, of(json!("Ada's WALLET"), 1));
        delete(stage, &admin).await;
        assert_eq!(nodes(&owner.person).await, of(Value::Null, 0));
        stage.advance_hours(24 * 30);
        stage.run_jobs().await;
        stage.run_jobs().await;
        let mut left = rows_of(stage, &admin.workspace_id).await;
        left.sort();
        assert_eq!(left, ["assets", "workspaces"]);
        assert_eq!(stage.event_types(&admin.workspace_id).await.last().expect("an event"), "WorkspacePurged");
        let kim = stage.sign_in_as("Kim", &owner.person.email).await;
        assert_eq!(nodes(&kim).await, of(Value::Null, 0));
        let (well, said) = operate(stage, &["recover", "--workspace", &admin.workspace_id]).await;
        assert!(!well && said.contains("purged"), "{said}");
        let (_, listed) = operate(stage, &["recover"]).await;
        assert!(!listed.contains(&admin.workspace_id), "{listed}");
        let goodbye = json!({ "password": PASSWORD });
        stage.done(Some(&kim.token), &mutation("deleteAccount", ""), goodbye).await;
        stage.run_jobs().await;
        assert_eq!(rows_of(stage, &admin.workspace_id).await, Vec::<String>::new());
        assert_eq!(stage.event_types(&admin.workspace_id).await.last().expect("an event"), "AssetsPurged");
    }

    /// WSP-10, REV-3: what is under way while a workspace is deleted is wholly before it, or not at all.
    async fn wsp_10_a_deletion_against_an_acceptance_and_a_block(stage) {
        for round in 0..4 {
            let ada = stage.person(&format!("Ada{round}")).await;
            let admin = stage.workspace(&ada, "WALLET").await;
            let bob = stage.person(&format!("Bob{round}")).await;
            let member = stage.join(&admin, &bob, "Workspace operator", &[]).await;
            let dora = stage.person(&format!("Dora{round}")).await;
            let (_, invitation) = stage.invite(&admin, &dora.email, "Workspace operator", &[]).await;
            let name = json!({ "input": { "name": format!("Ada{round}'s WALLET") } });
            let accept = json!({ "input": { "invitationId": received(&invitation) } });
            let block = json!({ "input": { "memberId": member.member_id } });
            let (deleted, accepted, blocked) = tokio::join!(
                stage.ask_at(stage.here(), Some(&admin.token), DELETE, name),
                stage.ask_at(stage.elsewhere(), Some(&dora.token), ACCEPT, accept),
                stage.ask_at(stage.elsewhere(), Some(&admin.token), BLOCK, block),
            );
            assert!(deleted["data"]["deleteWorkspace"]["deletedWorkspaceId"].is_string(), "{deleted:#}");
            let types = stage.event_types(&admin.workspace_id).await;
            assert_eq!(types.last().expect("an event"), "WorkspaceDeleted", "{types:?}");
            let joined = types.iter().filter(|it| *it == "MemberJoined").count() == 3;
            let answered = accepted["data"]["acceptInvitation"]["membership"]["id"].is_string();
            assert!(joined || !answered, "{accepted:#}");
            let done = types.contains(&"MemberBlocked".to_owned());
            assert_eq!(done, blocked["data"]["blockMember"]["member"]["id"].is_string(), "{blocked:#}");
        }
    }

    /// WSP-11: a workspace without an admin who could act gets one by the operator's hand, on record; any other is refused.
    async fn wsp_11_the_operator_gives_a_workspace_without_an_admin_a_new_one(stage) {
        let (admin, bob, _) = company(stage).await;
        let grant = async |email: &str| {
            operate(stage, &["grant-admin", "--workspace", &admin.workspace_id, "--email", email]).await
        };
        let (well, said) = grant(&bob.person.email).await;
        assert!(!well && said.contains("has an active admin"), "{said}");
        stage.sql("UPDATE members SET blocked_at = 1 WHERE role_id IN (SELECT id FROM roles WHERE is_admin)").await;
        let (well, said) = grant("nobody@example.com").await;
        assert!(!well && said.contains("no account"), "{said}");
        let (well, said) = grant("ada@example.com").await;
        assert!(!well && said.contains("blocked"), "{said}");
        let (well, said) = grant(&bob.person.email).await;
        assert!(well && said.contains("Workspace admin"), "{said}");
        let rights = "{ viewer { can(permission: \"BLOCK_MEMBERS\") } }";
        assert_eq!(stage.data(Some(&bob.token), rights, json!({})).await["viewer"]["can"], true);
        assert_eq!(stage.event_types(&admin.workspace_id).await.last().expect("an event"), "AdminGranted");
        let row = stage.sql("SELECT actor_kind, origin FROM events WHERE type = 'AdminGranted'").await.remove(0);
        assert_eq!(row.try_get::<String>("", "actor_kind").expect("a word"), "SYSTEM");
        let (well, said) = grant(&admin.person.email).await;
        assert!(!well && said.contains("has an active admin"), "{said}");
    }

    /// WSP-11: also somebody who never was in.
    async fn wsp_11_a_stranger_can_be_made_the_admin(stage) {
        let (admin, _, _) = company(stage).await;
        let dora = stage.person("Dora").await;
        stage.invite(&admin, &dora.email, "Workspace operator", &[]).await;
        stage.sql("UPDATE members SET blocked_at = 1 WHERE role_id IN (SELECT id FROM roles WHERE is_admin)").await;
        let arguments = ["grant-admin", "--workspace", &admin.workspace_id, "--email", &dora.email];
        let (well, said) = operate(stage, &arguments).await;
        assert!(well, "{said}");
        let seat = stage.take_seat(&dora, &admin.workspace_id).await;
        let rights = "{ viewer { can(permission: \"BLOCK_MEMBERS\") } }";
        assert_eq!(stage.data(Some(&seat.token), rights, json!({})).await["viewer"]["can"], true);
    }

    /// REM-7: the operator finds a lost asset again, for the workspace, until it is purged.
    async fn rem_7_the_operator_brings_a_lost_asset_back(stage) {
        let ada = stage.person("Ada").await;
        let admin = stage.workspace(&ada, "WALLET").await;
        let olive = stage.person("Olive").await;
        let owner = stage.join(&admin, &olive, "Workspace admin", &[]).await;
        let asset = stage.asset(&owner, "Lost thing").await;
        let lost = json!({ "memberId": owner.member_id, "assets": { "everything": { "to": "LOST" } } });
        stage.done(Some(&admin.token), REMOVE, lost).await;
        let (well, listed) = operate(stage, &["recover"]).await;
        assert!(well && listed.contains(&asset) && listed.contains("Lost thing"), "{listed}");
        let (well, said) = operate(stage, &["recover", "--asset", &asset]).await;
        assert!(well && said.contains("admins' hands"), "{said}");
        let query = "query($id: ID!) { workspace { asset(id: $id) { name owner { id } } } }";
        let shown = stage.data(Some(&admin.token), query, json!({ "id": asset })).await;
        assert_eq!(shown["workspace"]["asset"], json!({ "name": "Lost thing", "owner": null }));
        let (well, said) = operate(stage, &["recover", "--asset", &asset]).await;
        assert!(!well && said.contains("no lost asset"), "{said}");
    }
}
