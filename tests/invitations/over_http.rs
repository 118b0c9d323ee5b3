//! Invitations as clients see them, on both set-ups, with bad input for each mutation.

use serde_json::{Value, json};

use crate::on_both_stages;
use crate::support::app::Stage;
use crate::support::people::{mutation, text};

const PREVIEW: &str = "query($token: String!) { invitation(token: $token) { state workspaceName inviterName roleName \
    expiresAt } }";

const RECEIVED: &str = "{ viewer { invitations { totalCount nodes { id status workspaceName inviterName roleName \
    sentAt expiresAt revision } } } }";

const INVITED: &str = "query($id: ID!) { workspace { eventCursor member(id: $id) { name email status invitation { id \
    status mail sentAt expiresAt revision assetIds role { name } invitedBy { kind } inviter { name } member { id } } } } }";

fn invite() -> String {
    mutation(
        "inviteMembers",
        "results { index email member { id status role { name } } memberEdge { cursor node { id } } \
         invitation { id status mail } userErrors { __typename code message field ... on NotAllowedInStatus { \
         status allowedActions } } } eventCursor",
    )
}

fn change(name: &str) -> String {
    mutation(name, "invitation { id status role { name } inviter { name } } member { id status } eventCursor")
}

fn accept() -> String {
    mutation(
        "acceptInvitation",
        "membership { workspaceName status role { name } } invitationId token session { id isCurrent } eventCursor",
    )
}

fn decline() -> String {
    mutation("declineInvitation", "invitationId eventCursor")
}

/// Invites one person; the row's result.
async fn invite_one(stage: &Stage, admin: &str, email: &str) -> Value {
    let input = json!({ "members": [{ "email": email }] });
    stage.done(Some(admin), &invite(), input).await["results"][0].clone()
}

async fn cursor(stage: &Stage, admin: &str) -> Value {
    stage.data(Some(admin), "{ workspace { eventCursor } }", json!({})).await["workspace"]["eventCursor"]
        .clone()
}

async fn role(stage: &Stage, admin: &str, name: &str) -> String {
    let roles = stage.data(Some(admin), "{ workspace { roles { nodes { id name } } } }", json!({})).await;
    let nodes = roles["workspace"]["roles"]["nodes"].as_array().expect("roles").clone();
    text(&nodes.iter().find(|role| role["name"] == name).expect("a role of this name")["id"])
}

fn field(error: &Value) -> String {
    let parts = error["field"].as_array().expect("a field").iter().map(text);
    parts.collect::<Vec<_>>().join(".")
}

on_both_stages! {
    /// INV-1, INV-5, INV-6, INV-13
    async fn somebody_is_invited_reads_the_mail_looks_accepts_and_is_in(stage) {
        let ada = stage.human("Ada").await;
        let harbour = stage.found(&ada, "Harbour", "TEAM").await;
        let admin = stage.enter(&ada, &harbour).await;
        let input = json!({
            "members": [{ "email": "Joe@example.com", "name": "Joe" }, { "email": "nobody" }],
            "list": "Mary Doe <mary@example.com>, JOE@example.com",
        });
        let invited = stage.done(Some(&admin), &invite(), input).await;
        let results = invited["results"].as_array().expect("results").clone();
        assert_eq!(results.iter().map(|it| it["index"].as_i64().unwrap()).collect::<Vec<_>>(), [0, 1, 2, 3]);
        let joe = text(&results[0]["member"]["id"]);
        assert_eq!(results[0]["member"]["status"], "INVITATION_SENT");
        assert_eq!(results[0]["memberEdge"]["node"]["id"], json!(joe));
        assert_eq!(results[1]["userErrors"][0]["field"], json!(["input", "members", "1", "email"]));
        assert_eq!(results[2]["member"]["role"]["name"], "Member");
        let taken = &results[3]["userErrors"][0];
        assert_eq!((&taken["code"], &taken["status"]), (&json!("ALREADY_INVITED"), &json!("INVITATION_SENT")));
        assert_eq!((field(taken), &taken["__typename"]), ("input.list".into(), &json!("NotAllowedInStatus")));
        assert!(taken["allowedActions"].as_array().unwrap().contains(&json!("RESEND_INVITATION")));

        let shown = stage.data(Some(&admin), INVITED, json!({ "id": joe })).await["workspace"]["member"].clone();
        assert_eq!((&shown["name"], &shown["email"]), (&json!("Joe"), &json!("Joe@example.com")));
        assert_eq!(shown["invitation"]["mail"], "QUEUED");
        let token = stage.mailed_token("joe@example.com").await;
        let shown = stage.data(Some(&admin), INVITED, json!({ "id": joe })).await["workspace"]["member"]["invitation"].clone();
        assert_eq!((&shown["mail"], &shown["status"], &shown["invitedBy"]["kind"]),
            (&json!("HANDED_OVER"), &json!("SENT"), &json!("MEMBER")));
        assert_eq!((&shown["inviter"]["name"], &shown["member"]["id"]), (&json!("Ada"), &json!(joe)));

        let seen = stage.data(None, PREVIEW, json!({ "token": token })).await["invitation"].clone();
        assert_eq!(seen, json!({
            "state": "OPEN", "workspaceName": "Harbour", "inviterName": "Ada", "roleName": "Member",
            "expiresAt": shown["expiresAt"],
        }));
        let input = json!({ "token": token, "name": "Joe Doe", "password": "a quiet evening" });
        let accepted = stage.done(None, &accept(), input.clone()).await;
        assert_eq!(accepted["membership"]["workspaceName"], "Harbour");
        assert_eq!(accepted["session"]["isCurrent"], true);
        let own = text(&accepted["token"]);
        let name = stage.ask_at(stage.elsewhere(), Some(&own), "{ viewer { account { name } } }", json!({})).await;
        assert_eq!(name["data"]["viewer"]["account"]["name"], "Joe Doe");
        let enter = mutation("enterWorkspace", "token");
        stage.done(Some(&own), &enter, json!({ "workspaceId": harbour })).await;

        let again = stage.refused(None, &accept(), input).await;
        assert_eq!((&again["code"], field(&again)), (&json!("INVITATION_ACCEPTED"), "input.token".into()));
        let seen = stage.data(None, PREVIEW, json!({ "token": token })).await["invitation"].clone();
        assert_eq!((&seen["state"], &seen["workspaceName"]), (&json!("ACCEPTED"), &Value::Null));
        let shown = stage.data(Some(&admin), INVITED, json!({ "id": joe })).await["workspace"]["member"].clone();
        assert_eq!((&shown["status"], &shown["invitation"]), (&json!("ACTIVE"), &Value::Null));
    }

    /// INV-9
    async fn a_signed_in_person_finds_their_invitations_and_answers_them(stage) {
        let (ada, joe, eve) = (stage.human("Ada").await, stage.human("Joe").await, stage.human("Eve").await);
        let (harbour, yard) = (stage.found(&ada, "Harbour", "TEAM").await, stage.found(&ada, "Yard", "TEAM").await);
        for workspace in [&harbour, &yard] {
            let admin = stage.enter(&ada, workspace).await;
            invite_one(stage, &admin, "joe@example.com").await;
            stage.advance_hours(1);
        }
        let mine = stage.data(Some(&joe.token), RECEIVED, json!({})).await["viewer"]["invitations"].clone();
        assert_eq!(mine["totalCount"], 2);
        let (newer, older) = (&mine["nodes"][0], &mine["nodes"][1]);
        assert_eq!((&newer["workspaceName"], &newer["status"]), (&json!("Yard"), &json!("SENT")));
        assert_eq!((&older["workspaceName"], &older["inviterName"]), (&json!("Harbour"), &json!("Ada")));
        let none = stage.data(Some(&eve.token), RECEIVED, json!({})).await["viewer"]["invitations"].clone();
        assert_eq!(none["totalCount"], 0);

        let node = "query($id: ID!) { node(id: $id) { __typename id } }";
        let found = stage.data(Some(&joe.token), node, json!({ "id": older["id"] })).await["node"].clone();
        assert_eq!(found["__typename"], "ReceivedInvitation");
        assert_eq!(stage.data(Some(&eve.token), node, json!({ "id": older["id"] })).await["node"], Value::Null);

        // To everybody else it doesn't exist.
        for of in [accept(), decline()] {
            let error = stage.refused(Some(&eve.token), &of, json!({ "invitationId": older["id"] })).await;
            assert_eq!((&error["code"], field(&error)), (&json!("NOT_FOUND"), "input.invitationId".into()));
        }
        let accepted = stage.done(Some(&joe.token), &accept(), json!({ "invitationId": older["id"] })).await;
        assert_eq!((&accepted["membership"]["workspaceName"], &accepted["token"]), (&json!("Harbour"), &Value::Null));
        assert_eq!(accepted["invitationId"], older["id"]);
        let declined = stage.done(Some(&joe.token), &decline(), json!({ "invitationId": newer["id"] })).await;
        assert_eq!(declined["invitationId"], newer["id"]);
        let left = stage.data(Some(&joe.token), RECEIVED, json!({})).await["viewer"]["invitations"].clone();
        assert_eq!(left["totalCount"], 0);

        // A workspace session is in one workspace, and shows no invitations to others.
        let inside = stage.enter(&joe, &harbour).await;
        assert_eq!(stage.failed(Some(&inside), RECEIVED, json!({})).await["code"], "FORBIDDEN");
    }

    /// INV-3, INV-4, INV-7, INV-11
    async fn an_admin_changes_resends_and_withdraws(stage) {
        let ada = stage.human("Ada").await;
        let harbour = stage.found(&ada, "Harbour", "WALLET").await;
        let admin = stage.enter(&ada, &harbour).await;
        let id = text(&invite_one(stage, &admin, "joe@example.com").await["invitation"]["id"]);
        let old = stage.mailed_token("joe@example.com").await;
        let reviewer = role(stage, &admin, "Workspace reviewer").await;
        let input = json!({ "invitationId": id, "roleId": reviewer, "name": "Joe" });
        let changed = stage.done(Some(&admin), &change("updateInvitation"), input).await;
        assert_eq!(changed["invitation"]["role"]["name"], "Workspace reviewer");
        assert_eq!(changed["invitation"]["inviter"]["name"], "Ada");

        let early = stage.refused(Some(&admin), &change("resendInvitation"), json!({ "invitationId": id })).await;
        assert_eq!((&early["code"], field(&early)), (&json!("NOT_ALLOWED_IN_STATUS"), "input.invitationId".into()));
        stage.advance_hours(72);
        let input = json!({ "token": old, "name": "Joe", "password": "a quiet evening" });
        assert_eq!(stage.refused(None, &accept(), input.clone()).await["code"], "INVITATION_EXPIRED");
        let seen = stage.data(None, PREVIEW, json!({ "token": old })).await["invitation"]["state"].clone();
        assert_eq!(seen, "EXPIRED");
        let resent = stage.done(Some(&admin), &change("resendInvitation"), json!({ "invitationId": id })).await;
        assert_eq!(resent["member"]["status"], "INVITATION_SENT");
        assert_eq!(stage.refused(None, &accept(), input).await["code"], "INVITATION_SUPERSEDED");

        let new = stage.mailed_token("joe@example.com").await;
        let withdrawn = stage.done(Some(&admin), &change("withdrawInvitation"), json!({ "invitationId": id })).await;
        assert_eq!((&withdrawn["invitation"]["status"], &withdrawn["member"]), (&json!("WITHDRAWN"), &Value::Null));
        let input = json!({ "token": new });
        assert_eq!(stage.refused(None, &decline(), input.clone()).await["code"], "INVITATION_WITHDRAWN");
        assert_eq!(stage.refused(None, &accept(), input).await["code"], "INVITATION_WITHDRAWN");
        let node = "query($id: ID!) { node(id: $id) { ... on Invitation { status role { name } } } }";
        let found = stage.data(Some(&admin), node, json!({ "id": id })).await["node"].clone();
        assert_eq!(found, json!({ "status": "WITHDRAWN", "role": { "name": "Workspace reviewer" } }));
    }

    async fn inviting_with_bad_input_names_the_field_and_changes_nothing(stage) {
        let ada = stage.human("Ada").await;
        let (harbour, yard) = (stage.found(&ada, "Harbour", "WALLET").await, stage.found(&ada, "Yard", "WALLET").await);
        let admin = stage.enter(&ada, &harbour).await;
        let there = stage.enter(&ada, &yard).await;
        let (developer, operator) =
            (role(stage, &admin, "Workspace developer").await, role(stage, &admin, "Workspace operator").await);
        let foreign = role(stage, &there, "Workspace operator").await;
        let before = cursor(stage, &admin).await;
        let many: Vec<Value> = (0..101).map(|at| json!({ "email": format!("p{at}@example.com") })).collect();
        for (input, code, at) in [
            (json!({}), "INVALID_INPUT", "input"),
            (json!({ "members": [], "list": " ; " }), "INVALID_INPUT", "input"),
            (json!({ "members": many }), "INVALID_INPUT", "input"),
            (json!({ "list": "a@example.com", "roleId": "role_x" }), "INVALID_INPUT", "input.roleId"),
        ] {
            let error = stage.refused(Some(&admin), &invite(), input).await;
            assert_eq!((error["code"].as_str(), field(&error)), (Some(code), at.to_owned()));
        }
        let asset = "asset_01h455vb4pex5vsknk084sn02q";
        for (row, code, at) in [
            (json!({ "email": "" }), "INVALID_INPUT", "email"),
            (json!({ "email": "joe@localhost" }), "INVALID_INPUT", "email"),
            (json!({ "email": format!("{}@example.com", "x".repeat(300)) }), "INVALID_INPUT", "email"),
            (json!({ "email": "joe@example.com", "name": "x".repeat(201) }), "INVALID_INPUT", "name"),
            (json!({ "email": "joe@example.com", "roleId": asset }), "INVALID_INPUT", "roleId"),
            (json!({ "email": "joe@example.com", "roleId": foreign }), "NOT_FOUND", "roleId"),
            (json!({ "email": "joe@example.com", "roleId": developer }), "ASSETS_REQUIRED", "assetIds"),
            (json!({ "email": "joe@example.com", "roleId": developer, "assetIds": [asset] }), "NOT_FOUND", "assetIds"),
            (json!({ "email": "joe@example.com", "roleId": operator, "assetIds": [asset] }), "ASSETS_NOT_ALLOWED", "assetIds"),
            (json!({ "email": "ada@example.com" }), "ALREADY_MEMBER", "email"),
        ] {
            let answer = stage.done(Some(&admin), &invite(), json!({ "members": [row] })).await;
            let error = &answer["results"][0]["userErrors"][0];
            assert_eq!((error["code"].as_str(), field(error)), (Some(code), format!("input.members.0.{at}")));
        }
        assert_eq!(cursor(stage, &admin).await, before);
        assert!(stage.sql("SELECT id FROM invitations").await.is_empty());
    }

    async fn changing_an_unknown_or_foreign_invitation_is_refused_by_its_field(stage) {
        let ada = stage.human("Ada").await;
        let (harbour, yard) = (stage.found(&ada, "Harbour", "TEAM").await, stage.found(&ada, "Yard", "TEAM").await);
        let (admin, there) = (stage.enter(&ada, &harbour).await, stage.enter(&ada, &yard).await);
        let foreign = text(&invite_one(stage, &there, "joe@example.com").await["invitation"]["id"]);
        let own = text(&invite_one(stage, &admin, "ann@example.com").await["invitation"]["id"]);
        let before = cursor(stage, &admin).await;
        for name in ["updateInvitation", "resendInvitation", "withdrawInvitation"] {
            for id in [foreign.as_str(), "invitation_01h455vb4pex5vsknk084sn02q"] {
                let error = stage.refused(Some(&admin), &change(name), json!({ "invitationId": id })).await;
                assert_eq!((&error["code"], field(&error)), (&json!("NOT_FOUND"), "input.invitationId".into()));
            }
            for id in ["member_01h455vb4pex5vsknk084sn02q", "", "x"] {
                let input = json!({ "input": { "invitationId": id } });
                assert_eq!(stage.failed(Some(&admin), &change(name), input).await["code"], "BAD_USER_INPUT");
            }
        }
        for (input, at) in [
            (json!({ "invitationId": own, "name": "x".repeat(201) }), "input.name"),
            (json!({ "invitationId": own, "roleId": "role_x" }), "input.roleId"),
            (json!({ "invitationId": own, "assetIds": ["x"] }), "input.assetIds"),
        ] {
            let error = stage.refused(Some(&admin), &change("updateInvitation"), input).await;
            assert_eq!((&error["code"], field(&error)), (&json!("INVALID_INPUT"), at.to_owned()));
        }
        assert_eq!(cursor(stage, &admin).await, before);
    }

    async fn answering_with_bad_input_names_the_field_and_changes_nothing(stage) {
        let ada = stage.human("Ada").await;
        let harbour = stage.found(&ada, "Harbour", "TEAM").await;
        let admin = stage.enter(&ada, &harbour).await;
        invite_one(stage, &admin, "joe@example.com").await;
        let token = stage.mailed_token("joe@example.com").await;
        let before = cursor(stage, &admin).await;
        let unknown = "received_invitation_01h455vb4pex5vsknk084sn02q";
        for (input, code, at) in [
            (json!({}), "INVALID_INPUT", "input"),
            (json!({ "token": token, "invitationId": unknown }), "INVALID_INPUT", "input"),
            (json!({ "token": "" }), "LINK_INVALID", "input.token"),
            (json!({ "token": ada.token }), "LINK_INVALID", "input.token"),
            (json!({ "token": "x".repeat(5_000) }), "LINK_INVALID", "input.token"),
            (json!({ "token": format!("{token}x") }), "LINK_INVALID", "input.token"),
        ] {
            for of in [accept(), decline()] {
                let error = stage.refused(None, &of, input.clone()).await;
                assert_eq!((error["code"].as_str(), field(&error)), (Some(code), at.to_owned()), "{input}");
            }
        }
        for (input, at) in [
            (json!({ "token": token }), "input.password"),
            (json!({ "token": token, "name": "Joe" }), "input.password"),
            (json!({ "token": token, "name": "Joe", "password": "short" }), "input.password"),
            (json!({ "token": token, "name": " ", "password": "a quiet evening" }), "input.name"),
            (json!({ "token": token, "password": "a quiet evening" }), "input.name"),
        ] {
            let error = stage.refused(None, &accept(), input.clone()).await;
            assert_eq!((&error["code"], field(&error)), (&json!("INVALID_INPUT"), at.to_owned()), "{input}");
        }
        for of in [accept(), decline()] {
            let input = json!({ "input": { "invitationId": unknown } });
            assert_eq!(stage.failed(None, &of, input.clone()).await["code"], "UNAUTHENTICATED");
            assert_eq!(stage.failed(Some(&admin), &of, input).await["code"], "FORBIDDEN");
            let input = json!({ "input": { "invitationId": "invitation_01h455vb4pex5vsknk084sn02q" } });
            assert_eq!(stage.failed(Some(&ada.token), &of, input).await["code"], "BAD_USER_INPUT");
        }
        assert_eq!(stage.data(None, PREVIEW, json!({ "token": "rubbish" })).await["invitation"], Value::Null);
        assert_eq!(cursor(stage, &admin).await, before);
        assert_eq!(stage.sql("SELECT id FROM accounts").await.len(), 1);
    }

    /// WSP-3, SES-6
    async fn each_credential_may_do_its_own(stage) {
        let (ada, bob) = (stage.human("Ada").await, stage.human("Bob").await);
        let harbour = stage.found(&ada, "Harbour", "TEAM").await;
        let admin = stage.enter(&ada, &harbour).await;
        let invited = invite_one(stage, &admin, "joe@example.com").await;
        stage.take_in(&harbour, &bob, "Member", &[]).await;
        let inside = stage.enter(&bob, &harbour).await;
        let id = invited["invitation"]["id"].clone();
        let calls = [
            (invite(), json!({ "input": { "list": "x@example.com" } })),
            (change("updateInvitation"), json!({ "input": { "invitationId": id } })),
            (change("resendInvitation"), json!({ "input": { "invitationId": id } })),
            (change("withdrawInvitation"), json!({ "input": { "invitationId": id } })),
        ];
        for (of, input) in calls {
            assert_eq!(stage.failed(None, &of, input.clone()).await["code"], "UNAUTHENTICATED");
            assert_eq!(stage.failed(Some(&ada.token), &of, input.clone()).await["code"], "FORBIDDEN");
            assert_eq!(stage.failed(Some(&inside), &of, input).await["code"], "FORBIDDEN");
        }
        let node = "query($id: ID!) { node(id: $id) { id } }";
        assert_eq!(stage.data(Some(&inside), node, json!({ "id": id })).await["node"], Value::Null);

        // An unverified account sees no invitations, and answers none but by the link.
        stage.sign_up("Joe", "joe@example.com").await;
        let joe = stage.sign_in("joe@example.com").await;
        let none = stage.data(Some(&joe.token), RECEIVED, json!({})).await["viewer"]["invitations"].clone();
        assert_eq!(none["totalCount"], 0);
        let received = text(&id).replace("invitation_", "received_invitation_");
        let error = stage.refused(Some(&joe.token), &accept(), json!({ "invitationId": received })).await;
        assert_eq!(error["code"], "EMAIL_NOT_VERIFIED");
    }

    /// INV-7: what an invitation offers is no field of the call that sends it again; the refusal says where it is put right.
    async fn inv_7_sending_again_what_is_gone_names_the_invitation_and_the_way_out(stage) {
        let ada = stage.human("Ada").await;
        let harbour = stage.found(&ada, "Harbour", "WALLET").await;
        let admin = stage.enter(&ada, &harbour).await;
        let asset = json!({ "kind": "flow", "name": "Shop", "externalId": "shop" });
        let asset = text(&stage.done(Some(&admin), &mutation("registerAsset", "asset { id }"), asset).await["asset"]["id"]);
        let developer = role(stage, &admin, "Workspace developer").await;
        let input = json!({ "members": [{ "email": "joe@example.com", "roleId": developer, "assetIds": [asset] }] });
        let row = stage.done(Some(&admin), &invite(), input).await["results"][0].clone();
        stage.sql("UPDATE invitations SET expires_at = 1").await;
        stage.sql("UPDATE members SET invitation_expires_at = 1 WHERE state = 'INVITED'").await;
        stage.done(Some(&admin), &mutation("archiveAsset", ""), json!({ "assetId": asset })).await;
        let wish = json!({ "invitationId": row["invitation"]["id"] });
        let error = stage.refused(Some(&admin), &change("resendInvitation"), wish).await;
        assert_eq!(field(&error), "input.invitationId");
        assert!(text(&error["message"]).contains("updateInvitation"), "{error}");
        let bulk = mutation("bulkUpdateMembers", "results { userErrors { code message field } }");
        let rows = json!({ "memberIds": [row["member"]["id"]], "operation": "RESEND_INVITATION" });
        let answered = stage.done(Some(&admin), &bulk, rows).await["results"][0]["userErrors"][0].clone();
        assert_eq!(field(&answered), "input.memberIds.0");
        assert!(text(&answered["message"]).contains("updateInvitation"), "{answered}");
    }

    /// API-3, BLK-7
    async fn a_key_neither_invites_admins_nor_brings_a_blocked_member_back(stage) {
        let (ada, bob) = (stage.human("Ada").await, stage.human("Bob").await);
        let harbour = stage.found(&ada, "Harbour", "TEAM").await;
        let admin = stage.enter(&ada, &harbour).await;
        stage.take_in(&harbour, &bob, "Member", &[]).await;
        let by_email = "{ workspace { memberByEmail(email: \"bob@example.com\") { id refusedAttempts { action attempts } } } }";
        let bobs = stage.data(Some(&admin), by_email, json!({})).await["workspace"]["memberByEmail"]["id"].clone();
        stage.done(Some(&admin), &mutation("blockMember", ""), json!({ "memberId": bobs })).await;
        let made = stage.done(Some(&admin), &mutation("createApiKey", "secret"), json!({ "name": "deploy" })).await;
        let key = text(&made["secret"]);
        let input = json!({ "members": [
            { "email": "joe@example.com", "roleId": role(stage, &admin, "Admin").await },
            { "email": "bob@example.com" },
        ] });
        let rows = stage.done(Some(&key), &invite(), input).await["results"].clone();
        assert_eq!(rows[0]["userErrors"][0]["code"], "ADMIN_ROLE_BY_KEY");
        let blocked = &rows[1]["userErrors"][0];
        assert_eq!((&blocked["__typename"], field(blocked)), (&json!("BlockedRequiresAdmin"), "input.members.1.email".into()));
        let seen = stage.data(Some(&admin), by_email, json!({})).await["workspace"]["memberByEmail"].clone();
        assert_eq!(seen["refusedAttempts"], json!([{ "action": "INVITE", "attempts": 1 }]));
    }
}
