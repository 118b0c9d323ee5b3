//! Assets as a client sees them (AST-1 to AST-3, WSP-8), and bad input.

use rollcall::primitives::ids::AssetId;
use serde_json::{Value, json};

use crate::on_both_stages;
use crate::support::people::{mutation, text};

fn register() -> String {
    mutation(
        "registerAsset",
        "asset { id kind name externalId owner { id name } revision createdAt } assetEdge { cursor node { id } } eventCursor",
    )
}

fn flow(name: &str) -> Value {
    json!({ "kind": "flow", "name": name, "externalId": name })
}

const CAN: &str =
    "query($permission: String!, $asset: ID) { viewer { can(permission: $permission, assetId: $asset) } }";

on_both_stages! {
    async fn ast_1_an_asset_is_registered_and_looked_up(stage) {
        let ada = stage.human("Ada").await;
        let harbour = stage.found(&ada, "Harbour", "TEAM").await;
        let inside = stage.enter(&ada, &harbour).await;
        let registered = stage.done(Some(&inside), &register(), flow("Beta")).await;
        let asset = &registered["asset"];
        assert_eq!(asset["owner"]["name"], "Ada");
        assert_eq!(registered["assetEdge"]["node"]["id"], asset["id"]);
        stage.done(Some(&inside), &register(), flow("alpha")).await;
        let query = "query($id: ID!, $after: String) { workspace { asset(id: $id) { name } \
            assetByExternalId(kind: \"flow\", externalId: \"Beta\") { id } \
            assets(after: $after) { totalCount nodes { name owner { name } } } other: assets(kind: \"recipe\") { totalCount } } }";
        let seen = stage.data(Some(&inside), query, json!({ "id": asset["id"] })).await["workspace"].clone();
        assert_eq!(seen["asset"]["name"], "Beta");
        assert_eq!(seen["assetByExternalId"]["id"], asset["id"]);
        assert_eq!(seen["assets"]["nodes"].as_array().map(Vec::len), Some(2));
        assert_eq!((&seen["assets"]["totalCount"], &seen["other"]["totalCount"]), (&json!(2), &json!(0)));
        let variables = json!({ "id": asset["id"], "after": registered["assetEdge"]["cursor"] });
        let after = stage.data(Some(&inside), query, variables).await["workspace"]["assets"].clone();
        assert_eq!(after["nodes"], json!([]), "the edge's cursor is its place in the list");
    }

    async fn ast_1_bad_input_names_each_field_and_changes_nothing(stage) {
        let (ada, eve) = (stage.human("Ada").await, stage.human("Eve").await);
        let harbour = stage.found(&ada, "Harbour", "TEAM").await;
        let theirs = stage.found(&eve, "Theirs", "TEAM").await;
        let inside = stage.enter(&ada, &harbour).await;
        let empty = json!({ "input": { "kind": " ", "name": "", "externalId": "x".repeat(201) } });
        let payload = stage.data(Some(&inside), &register(), empty).await["registerAsset"].clone();
        let fields: Vec<_> = payload["userErrors"].as_array().expect("errors").iter().map(|error| &error["field"]).collect();
        assert_eq!(fields, [&json!(["input", "kind"]), &json!(["input", "name"]), &json!(["input", "externalId"])]);
        assert_eq!((&payload["asset"], &payload["eventCursor"]), (&Value::Null, &Value::Null));

        let foreign = stage.enter(&eve, &theirs).await;
        let own = stage.data(Some(&foreign), "{ workspace { members { nodes { id } } roles { nodes { id } } } }", json!({})).await;
        let with = |owner: &Value| json!({ "kind": "flow", "name": "A", "externalId": "a", "ownerMemberId": owner });
        let stranger = &own["workspace"]["members"]["nodes"][0]["id"];
        let error = stage.refused(Some(&inside), &register(), with(stranger)).await;
        assert_eq!((&error["code"], &error["field"]), (&json!("NOT_FOUND"), &json!(["input", "ownerMemberId"])));
        let role = &own["workspace"]["roles"]["nodes"][0]["id"];
        let failed = stage.failed(Some(&inside), &register(), json!({ "input": with(role) })).await;
        assert_eq!((&failed["code"], &failed["field"]), (&json!("BAD_USER_INPUT"), &json!(["input", "ownerMemberId"])));
        assert!(stage.sql("SELECT id FROM assets").await.is_empty());

        stage.done(Some(&inside), &register(), flow("Beta")).await;
        let error = stage.refused(Some(&inside), &register(), flow("Beta")).await;
        assert_eq!((&error["code"], &error["field"]), (&json!("ALREADY_EXISTS"), &json!(["input", "externalId"])));
        assert_eq!(stage.sql("SELECT id FROM assets").await.len(), 1);
    }

    /// AST-3 and AST-2: the answer follows the assignments at this moment.
    async fn ast_3_the_host_asks_in_one_call_what_the_caller_may_do(stage) {
        let (ada, dev) = (stage.human("Ada").await, stage.human("Dev").await);
        let harbour = stage.found(&ada, "Harbour", "WALLET").await;
        let admin = stage.enter(&ada, &harbour).await;
        let mine = text(&stage.done(Some(&admin), &register(), flow("mine")).await["asset"]["id"]);
        let other = text(&stage.done(Some(&admin), &register(), flow("other")).await["asset"]["id"]);
        let assigned = AssetId::parse(&mine).expect("an id");
        stage.take_in(&harbour, &dev, "Workspace developer", &[assigned]).await;
        let inside = stage.enter(&dev, &harbour).await;
        let can = async |permission: &str, asset: Option<&str>| {
            let variables = json!({ "permission": permission, "asset": asset });
            let answer = stage.ask_at(stage.elsewhere(), Some(&inside), CAN, variables).await;
            answer["data"]["viewer"]["can"].as_bool().unwrap_or_else(|| panic!("{answer}"))
        };
        assert!(can("VIEW_ASSETS", Some(&mine)).await);
        assert!(!can("VIEW_ASSETS", Some(&other)).await);
        assert!(!can("BLOCK_MEMBERS", None).await);
        let members = stage.data(Some(&inside), "{ workspace { viewerMember { id } assets { nodes { name } } } }", json!({})).await;
        assert_eq!(members["workspace"]["assets"]["nodes"], json!([{ "name": "mine" }]));
        let input = json!({ "memberId": members["workspace"]["viewerMember"]["id"], "assignments": [{ "assetId": other }] });
        stage.done(Some(&admin), &mutation("setMemberAssignments", ""), input).await;
        assert!(!can("VIEW_ASSETS", Some(&mine)).await);
        assert!(can("VIEW_ASSETS", Some(&other)).await);
        let failed = stage.failed(Some(&dev.token), CAN, json!({ "permission": "VIEW_ASSETS" })).await;
        assert_eq!(failed["code"], "FORBIDDEN");
        let failed = stage.failed(Some(&inside), CAN, json!({ "permission": "VIEW_ASSETS", "asset": "x" })).await;
        assert_eq!(failed["field"], json!(["assetId"]));
    }

    /// AST-1, AST-2: whoever owns an asset outside their scope finds it wherever their list shows it, with whom it is shared;
    /// to work on it is another matter.
    async fn ast_1_an_owner_sees_what_is_theirs_outside_their_scope(stage) {
        let (ada, dev) = (stage.human("Ada").await, stage.human("Dev").await);
        let harbour = stage.found(&ada, "Harbour", "WALLET").await;
        let admin = stage.enter(&ada, &harbour).await;
        let mine = text(&stage.done(Some(&admin), &register(), flow("mine")).await["asset"]["id"]);
        let other = text(&stage.done(Some(&admin), &register(), flow("other")).await["asset"]["id"]);
        stage.take_in(&harbour, &dev, "Workspace developer", &[AssetId::parse(&mine).expect("an id")]).await;
        let inside = stage.enter(&dev, &harbour).await;
        let own = stage.data(Some(&inside), "{ workspace { viewerMember { id } } }", json!({})).await;
        let member = text(&own["workspace"]["viewerMember"]["id"]);
        let seen = "query($id: ID!) { node(id: $id) { id } workspace { asset(id: $id) { holder owner { id } sharedWithChannels } } }";
        let hidden = stage.data(Some(&inside), seen, json!({ "id": other })).await;
        assert_eq!(hidden, json!({ "node": null, "workspace": { "asset": null } }));
        let give = json!({ "assetIds": [other], "toMemberId": member });
        stage.done(Some(&admin), &mutation("reassignAssets", ""), give).await;
        let share = json!({ "assetId": other, "withChannels": ["#sea"] });
        stage.done(Some(&admin), &mutation("shareAsset", ""), share).await;
        let listed = "{ workspace { viewerMember { ownedAssets(first: 5) { nodes { id sharedWithChannels } } } } }";
        let listed = stage.data(Some(&inside), listed, json!({})).await["workspace"]["viewerMember"].clone();
        assert_eq!(listed["ownedAssets"]["nodes"], json!([{ "id": other, "sharedWithChannels": ["#sea"] }]));
        let found = stage.data(Some(&inside), seen, json!({ "id": other })).await;
        assert_eq!(found["node"]["id"], other.as_str());
        let expected = json!({ "holder": "MEMBER", "owner": { "id": member }, "sharedWithChannels": ["#sea"] });
        assert_eq!(found["workspace"]["asset"], expected);
        let can = json!({ "permission": "VIEW_ASSETS", "asset": other });
        assert_eq!(stage.data(Some(&inside), CAN, can).await["viewer"]["can"], false);
        let scope = stage.data(Some(&inside), "{ workspace { assets { nodes { id } } } }", json!({})).await;
        assert_eq!(scope["workspace"]["assets"]["nodes"], json!([{ "id": mine }]));
    }

    /// AST-1: an asset without an owner says who holds it instead.
    async fn ast_1_an_asset_says_who_holds_it(stage) {
        let ada = stage.human("Ada").await;
        let harbour = stage.found(&ada, "Harbour", "TEAM").await;
        let inside = stage.enter(&ada, &harbour).await;
        let asset = text(&stage.done(Some(&inside), &register(), flow("Beta")).await["asset"]["id"]);
        let holder = async || {
            let query = "query($id: ID!) { workspace { asset(id: $id) { holder owner { name } } } }";
            stage.data(Some(&inside), query, json!({ "id": asset })).await["workspace"]["asset"].clone()
        };
        assert_eq!(holder().await, json!({ "holder": "MEMBER", "owner": { "name": "Ada" } }));
        let give = json!({ "assetIds": [asset], "toMemberId": null });
        stage.done(Some(&inside), &mutation("reassignAssets", ""), give).await;
        assert_eq!(holder().await, json!({ "holder": "WORKSPACE", "owner": null }));
    }

    async fn wsp_3_a_member_registers_nothing(stage) {
        let (ada, bob) = (stage.human("Ada").await, stage.human("Bob").await);
        let harbour = stage.found(&ada, "Harbour", "TEAM").await;
        stage.take_in(&harbour, &bob, "Member", &[]).await;
        let inside = stage.enter(&bob, &harbour).await;
        for (token, code) in [(Some(inside.as_str()), "FORBIDDEN"), (Some(ada.token.as_str()), "FORBIDDEN"), (None, "UNAUTHENTICATED")] {
            let failed = stage.failed(token, &register(), json!({ "input": flow("Beta") })).await;
            assert_eq!(failed["code"], code);
        }
        assert!(stage.sql("SELECT id FROM assets").await.is_empty());
    }
}
