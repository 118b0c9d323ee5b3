//! `node` and `nodes` as a client sees them: every kind by its id, and nothing that is out of sight (WSP-8).

use serde_json::{Value, json};

use crate::on_both_stages;
use crate::support::people::{mutation, text};

const NODE: &str = "query($id: ID!) { node(id: $id) { __typename id } }";
const NODES: &str = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }";

/// One id of each kind that a workspace holds.
const IDS: &str = "{ workspace { id members { nodes { id } } roles { nodes { id } } assets { nodes { id } } \
    apiKeys { nodes { id } } } viewer { memberships { nodes { id } } } }";

fn ids(data: &Value) -> Vec<(&'static str, String)> {
    let workspace = &data["workspace"];
    let first = |of: &Value| text(&of["nodes"][0]["id"]);
    vec![
        ("Workspace", text(&workspace["id"])),
        ("Member", first(&workspace["members"])),
        ("Role", first(&workspace["roles"])),
        ("Asset", first(&workspace["assets"])),
        ("ApiKey", first(&workspace["apiKeys"])),
        ("Membership", first(&data["viewer"]["memberships"])),
    ]
}

async fn filled(
    stage: &crate::support::app::Stage,
    name: &str,
) -> (String, String, Vec<(&'static str, String)>) {
    let founder = stage.human(name).await;
    let workspace = stage.found(&founder, name, "TEAM").await;
    let inside = stage.enter(&founder, &workspace).await;
    let asset = json!({ "kind": "flow", "name": "Beta", "externalId": "beta" });
    stage.done(Some(&inside), &mutation("registerAsset", ""), asset).await;
    stage.done(Some(&inside), &mutation("createApiKey", ""), json!({ "name": "ci" })).await;
    let found = ids(&stage.data(Some(&inside), IDS, json!({})).await);
    (founder.token, inside, found)
}

on_both_stages! {
    async fn every_object_is_found_by_its_id(stage) {
        let (account, inside, ids) = filled(stage, "Ada").await;
        for (kind, id) in &ids {
            let found = stage.data(Some(&inside), NODE, json!({ "id": id })).await;
            assert_eq!(found["node"], json!({ "__typename": kind, "id": id }));
        }
        let list: Vec<&String> = ids.iter().map(|(_, id)| id).chain([&ids[1].1]).collect();
        let found = stage.data(Some(&inside), NODES, json!({ "ids": list })).await;
        let kinds: Vec<_> = found["nodes"].as_array().expect("nodes").iter().map(|node| text(&node["id"])).collect();
        assert_eq!(kinds.iter().collect::<Vec<_>>(), list, "in their order, the same one twice");
        let outside = stage.data(Some(&account), NODES, json!({ "ids": list })).await;
        let seen: Vec<_> = outside["nodes"].as_array().expect("nodes").iter().map(|node| &node["__typename"]).collect();
        let null = &Value::Null;
        assert_eq!(seen, [null, null, null, null, null, &json!("Membership"), null]);
    }

    async fn wsp_8_an_id_of_another_workspace_answers_as_one_that_does_not_exist(stage) {
        let (_, _, theirs) = filled(stage, "Eve").await;
        let (_, inside, _) = filled(stage, "Ada").await;
        for (kind, id) in theirs {
            let found = stage.data(Some(&inside), NODE, json!({ "id": id })).await;
            assert_eq!(found["node"], Value::Null, "{kind}");
        }
        let missing = rollcall::primitives::ids::RoleId::new().to_string();
        let found = stage.data(Some(&inside), NODE, json!({ "id": missing })).await;
        assert_eq!(found["node"], Value::Null);
    }

    /// SES-3: one's own account and sessions, and as an admin those of members.
    async fn accounts_and_sessions_are_found_by_whom_they_concern(stage) {
        let (ada, bob) = (stage.human("Ada").await, stage.human("Bob").await);
        let harbour = stage.found(&ada, "Harbour", "TEAM").await;
        stage.take_in(&harbour, &bob, "Member", &[]).await;
        let (admin, member) = (stage.enter(&ada, &harbour).await, stage.enter(&bob, &harbour).await);
        let query = "{ viewer { account { id } sessions { nodes { __typename id } } } }";
        let viewer = stage.data(Some(&bob.token), query, json!({})).await["viewer"].clone();
        let mut wanted = vec![json!({ "__typename": "Account", "id": viewer["account"]["id"] })];
        wanted.extend(viewer["sessions"]["nodes"].as_array().expect("nodes").clone());
        let kinds: Vec<_> = wanted.iter().map(|node| text(&node["__typename"])).collect();
        assert_eq!(kinds, ["Account", "WorkspaceSession", "AccountSession"]);
        let list: Vec<_> = wanted.iter().map(|node| node["id"].clone()).collect();
        let seen = async |token: &str| {
            let found = stage.data(Some(token), NODES, json!({ "ids": list })).await;
            found["nodes"].as_array().expect("nodes").iter().map(|node| !node.is_null()).collect::<Vec<_>>()
        };
        assert_eq!(seen(&bob.token).await, [true, true, true], "one's own");
        assert_eq!(seen(&member).await, [true, false, false], "a workspace session sees its person alone");
        assert_eq!(seen(&admin).await, [false, true, false], "an admin sees the workspace's sessions");
        assert_eq!(seen(&ada.token).await, [false, false, false], "nobody else's");
    }

    /// WSP-3: keys are for admins in their own session.
    async fn a_key_is_no_node_for_a_member_nor_for_a_key(stage) {
        let ada = stage.human("Ada").await;
        let harbour = stage.found(&ada, "Harbour", "TEAM").await;
        let (admin, bob) = (stage.enter(&ada, &harbour).await, stage.human("Bob").await);
        stage.take_in(&harbour, &bob, "Member", &[]).await;
        let member = stage.enter(&bob, &harbour).await;
        let create = mutation("createApiKey", "apiKey { id } secret");
        let key = stage.done(Some(&admin), &create, json!({ "name": "ci" })).await;
        for token in [member, text(&key["secret"])] {
            let found = stage.data(Some(&token), NODE, json!({ "id": key["apiKey"]["id"] })).await;
            assert_eq!(found["node"], Value::Null);
        }
    }

    async fn what_is_no_id_is_refused_and_a_list_is_bounded(stage) {
        let ada = stage.human("Ada").await;
        for bad in ["", "x", "member_zz", "club_01h455vb4pex5vsknk084sn02q"] {
            let failed = stage.failed(Some(&ada.token), NODE, json!({ "id": bad })).await;
            assert_eq!((&failed["code"], &failed["field"]), (&json!("BAD_USER_INPUT"), &json!(["id"])), "{bad}");
        }
        let failed = stage.failed(Some(&ada.token), NODES, json!({ "ids": ["role_zz"] })).await;
        assert_eq!(failed["field"], json!(["ids", "0"]));
        let many: Vec<_> = (0..101).map(|_| rollcall::primitives::ids::RoleId::new().to_string()).collect();
        let failed = stage.failed(Some(&ada.token), NODES, json!({ "ids": many })).await;
        assert_eq!((&failed["code"], &failed["field"]), (&json!("BAD_USER_INPUT"), &json!(["ids"])));
        assert_eq!(stage.data(Some(&ada.token), NODES, json!({ "ids": [] })).await["nodes"], json!([]));
        assert_eq!(stage.failed(None, NODES, json!({ "ids": [] })).await["code"], "UNAUTHENTICATED");
    }
}
