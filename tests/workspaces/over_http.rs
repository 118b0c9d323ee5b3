//! Workspaces and memberships as a client sees them (WSP-1, WSP-2, WSP-8, BLK-4), and bad input.

use serde_json::{Value, json};

use crate::on_both_stages;
use crate::support::people::{mutation, text};

const WORKSPACE: &str = "{ workspace { __typename id name kind revision createdAt contact { text email } \
    policy { invitationTtlHours resendValidInvitation blockDeactivated undecidedAssets reinviteWaitHours } \
    roles { totalCount nodes { id name isAdmin assetScope isBuiltIn isDefault permissions revision } } eventCursor } }";

const MEMBERSHIPS: &str = "{ viewer { memberships { totalCount pageInfo { hasNextPage } nodes { id memberId workspaceId \
    workspaceName workspaceKind status displayStatus contact { text email } role { name isAdmin } revision } } } }";

fn create() -> String {
    mutation(
        "createWorkspace",
        "membership { id workspaceId status role { name isAdmin } } membershipEdge { cursor node { id } } eventCursor",
    )
}

on_both_stages! {
    async fn wsp_1_a_person_creates_a_workspace_enters_it_and_sees_it(stage) {
        let ada = stage.human("Ada").await;
        let input = json!({ "name": "  Harbour ", "kind": "TEAM" });
        let created = stage.done(Some(&ada.token), &create(), input).await;
        assert_eq!(created["membership"]["status"], "ACTIVE");
        assert_eq!(created["membership"]["role"], json!({ "name": "Admin", "isAdmin": true }));
        assert_eq!(created["membershipEdge"]["node"]["id"], created["membership"]["id"]);
        let id = text(&created["membership"]["workspaceId"]);

        let inside = stage.enter(&ada, &id).await;
        let answer = stage.ask_at(stage.elsewhere(), Some(&inside), WORKSPACE, json!({})).await;
        let workspace = &answer["data"]["workspace"];
        assert_eq!((workspace["id"].as_str(), workspace["name"].as_str()), (Some(id.as_str()), Some("Harbour")));
        assert_eq!(workspace["contact"], json!({ "text": "Ada", "email": "ada@example.com" }));
        assert_eq!(
            workspace["policy"],
            json!({
                "invitationTtlHours": 72, "resendValidInvitation": true, "blockDeactivated": true,
                "undecidedAssets": "PERSON", "reinviteWaitHours": 336,
            })
        );
        assert_eq!(workspace["roles"]["totalCount"], 2);
        let member = &workspace["roles"]["nodes"][1];
        assert_eq!((&member["name"], &member["isDefault"], &member["isBuiltIn"]), (&json!("Member"), &json!(true), &json!(true)));
        assert_eq!(workspace["eventCursor"], created["eventCursor"], "nothing has happened since");
    }

    /// BLK-4: a workspace session reads memberships too.
    async fn blk_4_memberships_show_a_blocked_workspace_marked(stage) {
        let (ada, bob) = (stage.human("Ada").await, stage.human("Bob").await);
        let harbour = stage.found(&ada, "Harbour", "WALLET").await;
        stage.take_in(&harbour, &bob, "Workspace operator", &[]).await;
        let own = stage.found(&bob, "Own", "TEAM").await;
        let (admin, inside) = (stage.enter(&ada, &harbour).await, stage.enter(&bob, &own).await);
        let members = "{ workspace { members { nodes { id email } } } }";
        let members = stage.data(Some(&admin), members, json!({})).await;
        let found = members["workspace"]["members"]["nodes"].as_array().expect("nodes").clone();
        let bobs = found.iter().find(|member| member["email"] == "bob@example.com").expect("Bob")["id"].clone();
        stage.done(Some(&admin), &mutation("blockMember", ""), json!({ "memberId": bobs })).await;
        for token in [&bob.token, &inside] {
            let seen = stage.data(Some(token), MEMBERSHIPS, json!({})).await["viewer"]["memberships"].clone();
            assert_eq!(seen["totalCount"], 2);
            let blocked = &seen["nodes"][0];
            assert_eq!(
                (&blocked["workspaceId"], &blocked["status"], &blocked["displayStatus"]),
                (&json!(harbour), &json!("BLOCKED"), &json!("INACTIVE"))
            );
            assert_eq!(blocked["contact"], json!({ "text": "Ada", "email": "ada@example.com" }));
            assert_eq!((&seen["nodes"][1]["workspaceId"], &seen["nodes"][1]["status"]), (&json!(own), &json!("ACTIVE")));
        }
    }

    async fn creating_a_workspace_with_bad_input_names_the_field_and_changes_nothing(stage) {
        let ada = stage.human("Ada").await;
        for (name, said) in [
            (String::new(), "must not be empty"),
            (" \u{2003} ".into(), "must not be empty"),
            ("a\u{0}b".into(), "must not hold control characters"),
            ("x".repeat(201), "too long: at most 200 characters"),
        ] {
            let error = stage.refused(Some(&ada.token), &create(), json!({ "name": name, "kind": "TEAM" })).await;
            assert_eq!((&error["code"], &error["field"]), (&json!("INVALID_INPUT"), &json!(["input", "name"])));
            assert_eq!(error["message"], said);
        }
        let answer = stage.ask(Some(&ada.token), &create(), json!({ "input": { "name": "A", "kind": "CLUB" } })).await;
        assert!(answer["errors"][0]["message"].is_string(), "{answer}");
        assert!(stage.sql("SELECT id FROM workspaces").await.is_empty());
    }

    /// SES-6: before the mailed link is opened.
    async fn an_unverified_address_creates_no_workspace(stage) {
        stage.sign_up("Eve", "eve@example.com").await;
        let eve = stage.sign_in("eve@example.com").await;
        let error = stage.refused(Some(&eve.token), &create(), json!({ "name": "A", "kind": "TEAM" })).await;
        assert_eq!((&error["code"], &error["field"]), (&json!("EMAIL_NOT_VERIFIED"), &Value::Null));
        assert!(stage.sql("SELECT id FROM workspaces").await.is_empty());
    }

    async fn each_credential_opens_its_own_fields(stage) {
        let ada = stage.human("Ada").await;
        let harbour = stage.found(&ada, "Harbour", "TEAM").await;
        let inside = stage.enter(&ada, &harbour).await;
        let workspace = "{ workspace { id } }";
        assert_eq!(stage.failed(None, workspace, json!({})).await["code"], "UNAUTHENTICATED");
        assert_eq!(stage.failed(Some(&ada.token), workspace, json!({})).await["code"], "FORBIDDEN");
        let input = json!({ "input": { "name": "A", "kind": "TEAM" } });
        assert_eq!(stage.failed(Some(&inside), &create(), input).await["code"], "FORBIDDEN");
        assert_eq!(stage.failed(None, "{ viewer { memberships { totalCount } } }", json!({})).await["code"], "UNAUTHENTICATED");
    }

    /// WSP-3: settings are for those who look after the members; the rest of the answer stands.
    async fn the_policy_is_for_admins_and_the_rest_of_the_answer_stands(stage) {
        let (ada, bob) = (stage.human("Ada").await, stage.human("Bob").await);
        let harbour = stage.found(&ada, "Harbour", "TEAM").await;
        stage.take_in(&harbour, &bob, "Member", &[]).await;
        let inside = stage.enter(&bob, &harbour).await;
        let answer = stage.ask(Some(&inside), "{ workspace { name policy { invitationTtlHours } } }", json!({})).await;
        assert_eq!(answer["data"]["workspace"], json!({ "name": "Harbour", "policy": null }));
        assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN");
    }

    async fn lists_are_paged_by_cursors_of_their_own_order(stage) {
        let ada = stage.human("Ada").await;
        let harbour = stage.found(&ada, "Harbour", "WALLET").await;
        let inside = stage.enter(&ada, &harbour).await;
        let query = "query($first: Int, $after: String, $last: Int, $before: String) { workspace { \
            roles(first: $first, after: $after, last: $last, before: $before) { \
            nodes { name } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }";
        let page = async |variables: Value| {
            stage.data(Some(&inside), query, variables).await["workspace"]["roles"].clone()
        };
        let names = |page: &Value| -> Vec<String> {
            page["nodes"].as_array().expect("nodes").iter().map(|role| text(&role["name"])).collect()
        };
        let first = page(json!({ "first": 3 })).await;
        assert_eq!(names(&first), ["Workspace admin", "Workspace developer", "Workspace operator"]);
        assert_eq!(first["pageInfo"]["hasNextPage"], true);
        let rest = page(json!({ "first": 3, "after": first["pageInfo"]["endCursor"] })).await;
        assert_eq!((names(&rest), &rest["pageInfo"]["hasNextPage"]), (vec!["Workspace reviewer".into()], &json!(false)));
        let back = page(json!({ "last": 1, "before": first["pageInfo"]["endCursor"] })).await;
        assert_eq!((names(&back), &back["pageInfo"]["hasPreviousPage"]), (vec!["Workspace developer".into()], &json!(true)));
        let cursors = "{ workspace { eventCursor assets { pageInfo { endCursor } } } viewer { memberships { edges { cursor } } } }";
        let cursors = stage.data(Some(&inside), cursors, json!({})).await;
        for wrong in [&cursors["workspace"]["eventCursor"], &cursors["viewer"]["memberships"]["edges"][0]["cursor"], &json!("x")] {
            let failed = stage.failed(Some(&inside), query, json!({ "first": 1, "after": wrong })).await;
            assert_eq!((&failed["code"], &failed["field"]), (&json!("BAD_USER_INPUT"), &json!(["after"])), "{wrong}");
        }
    }
}
