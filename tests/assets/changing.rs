//! Assets that are renamed, shared, given away and put away (AST-1, AST-2, WSP-2).

use rollcall::primitives::ids::{AssetId, MemberId};
use serde_json::{Value, json};

use crate::on_both_stages;
use crate::support::app::Stage;
use crate::support::cast::{ACCEPT, ENTER, INVITE, Seat, received, text};
use crate::support::people::mutation;

const ASSET: &str =
    "asset { id name owner { id } archivedAt sharedWithMemberIds sharedWithChannels revision }";

fn share() -> String {
    mutation("shareAsset", ASSET)
}

fn reassign() -> String {
    mutation("reassignAssets", "assets { id owner { id } revision }")
}

pub fn archive() -> String {
    mutation("archiveAsset", &format!("{ASSET} emptiedMemberCount"))
}

/// A wallet's admin, and a developer who works on the first of two assets.
struct House {
    admin: Seat,
    developer: Seat,
    mine: String,
    other: String,
}

async fn house(stage: &Stage) -> House {
    let ada = stage.person("Ada").await;
    let admin = stage.workspace(&ada, "WALLET").await;
    let (mine, other) = (stage.asset(&admin, "Mine").await, stage.asset(&admin, "Other").await);
    let dev = stage.person("Dev").await;
    let developer = stage.join(&admin, &dev, "Workspace developer", &[&mine]).await;
    House { admin, developer, mine, other }
}

async fn seen(stage: &Stage, token: &str, arguments: &str) -> Vec<String> {
    let query = format!("{{ workspace {{ assets({arguments}) {{ totalCount nodes {{ name }} }} }} }}");
    let answer = stage.ask_at(stage.elsewhere(), Some(token), &query, json!({})).await;
    let assets = answer["data"]["workspace"]["assets"].clone();
    let names: Vec<_> = assets["nodes"].as_array().unwrap_or_else(|| panic!("{answer:#}")).clone();
    assert_eq!(assets["totalCount"], json!(names.len()));
    names.iter().map(|it| text(&it["name"])).collect()
}

async fn can(stage: &Stage, token: &str, permission: &str, asset: &str) -> bool {
    let query =
        "query($permission: String!, $id: ID) { viewer { can(permission: $permission, assetId: $id) } }";
    let variables = json!({ "permission": permission, "id": asset });
    let answer = stage.ask_at(stage.elsewhere(), Some(token), query, variables).await;
    answer["data"]["viewer"]["can"].as_bool().unwrap_or_else(|| panic!("{answer:#}"))
}

on_both_stages! {
    async fn ast_1_an_asset_is_renamed(stage) {
        let House { admin, mine, .. } = house(stage).await;
        let update = mutation("updateAsset", ASSET);
        let done = stage.done(Some(&admin.token), &update, json!({ "assetId": mine, "name": " Zeta " })).await;
        assert_eq!((&done["asset"]["name"], &done["asset"]["revision"]), (&json!("Zeta"), &json!(2)));
        stage.done(Some(&admin.token), &update, json!({ "assetId": mine, "name": "Zeta" })).await;
        assert_eq!(seen(stage, &admin.token, "first: 5").await, ["Other", "Zeta"], "its place in the list follows");
        let types = stage.event_types(&admin.workspace_id).await;
        assert_eq!(types.iter().filter(|it| *it == "AssetUpdated").count(), 1, "EVT-1: no event without a change");
        let blank = stage.refused(Some(&admin.token), &update, json!({ "assetId": mine, "name": " " })).await;
        assert_eq!((&blank["code"], &blank["field"]), (&json!("INVALID_INPUT"), &json!(["input", "name"])));
    }

    /// AST-2: what is shared with a member they see, whatever their role, until it is taken back.
    async fn ast_2_a_shared_asset_is_in_reach_until_it_is_taken_back(stage) {
        let House { admin, developer, other, .. } = house(stage).await;
        assert_eq!(seen(stage, &developer.token, "first: 5").await, ["Mine"]);
        let input = json!({ "assetId": other, "withMemberIds": [developer.member_id], "withChannels": ["#design"] });
        let done = stage.done(Some(&admin.token), &share(), input.clone()).await;
        assert_eq!(done["asset"]["sharedWithMemberIds"], json!([developer.member_id]));
        assert_eq!((&done["asset"]["sharedWithChannels"], &done["asset"]["revision"]), (&json!(["#design"]), &json!(2)));
        assert_eq!(stage.done(Some(&admin.token), &share(), input).await["asset"]["revision"], 2, "so already");
        assert_eq!(seen(stage, &developer.token, "first: 5").await, ["Mine", "Other"]);
        assert!(can(stage, &developer.token, "VIEW_ASSETS", &other).await);
        let query = "query($id: ID!) { workspace { asset(id: $id) { sharedWithMemberIds sharedWithChannels } } }";
        let shown = stage.data(Some(&developer.token), query, json!({ "id": other })).await;
        let nothing = json!({ "sharedWithMemberIds": [], "sharedWithChannels": [] });
        assert_eq!(shown["workspace"]["asset"], nothing, "with whom else is for who manages it and its owner");
        let back = json!({
            "assetId": other, "backFromMemberIds": [developer.member_id, admin.member_id], "backFromChannels": ["#design"],
        });
        let done = stage.done(Some(&admin.token), &share(), back).await;
        assert_eq!((&done["asset"]["sharedWithMemberIds"], &done["asset"]["sharedWithChannels"]), (&json!([]), &json!([])));
        assert_eq!(seen(stage, &developer.token, "first: 5").await, ["Mine"]);
        assert!(!can(stage, &developer.token, "VIEW_ASSETS", &other).await);
        let types = stage.event_types(&admin.workspace_id).await;
        let count = |kind: &str| types.iter().filter(|it| *it == kind).count();
        assert_eq!((count("AssetShared"), count("AssetUnshared")), (2, 2));
    }

    /// WSP-8: bad input names its field and changes nothing; other workspaces' ids are unknown ids.
    async fn wsp_8_what_can_not_be_shared_or_given(stage) {
        let House { admin, developer, mine, other } = house(stage).await;
        let eve = stage.person("Eve").await;
        let theirs = stage.workspace(&eve, "WALLET").await;
        let foreign = stage.asset(&theirs, "Foreign").await;
        stage.block(&admin, &developer).await;
        let types = stage.event_types(&admin.workspace_id).await;
        let token = Some(admin.token.as_str());
        let (blocked, stranger) = (&developer.member_id, &theirs.member_id);
        for (input, code, field) in [
            (json!({ "assetId": foreign }), "NOT_FOUND", json!(["input", "assetId"])),
            (json!({ "assetId": AssetId::new().to_string() }), "NOT_FOUND", json!(["input", "assetId"])),
            (json!({ "withMemberIds": [admin.member_id, stranger] }), "NOT_FOUND", json!(["input", "withMemberIds", "1"])),
            (json!({ "backFromMemberIds": [stranger] }), "NOT_FOUND", json!(["input", "backFromMemberIds", "0"])),
            (json!({ "withMemberIds": [blocked] }), "INVALID_INPUT", json!(["input", "withMemberIds", "0"])),
            (json!({ "withChannels": ["#a", " "] }), "INVALID_INPUT", json!(["input", "withChannels", "1"])),
            (json!({ "withChannels": vec!["#a"; 101] }), "INVALID_INPUT", json!(["input", "withChannels"])),
            (json!({ "withChannels": ["#a"], "backFromChannels": ["#a"] }), "INVALID_INPUT", json!(["input", "withChannels", "0"])),
        ] {
            let mut whole = json!({ "assetId": mine });
            whole.as_object_mut().unwrap().extend(input.as_object().unwrap().clone());
            let error = stage.refused(token, &share(), whole).await;
            assert_eq!((&error["code"], &error["field"]), (&json!(code), &field));
        }
        for (assets, to, code, field) in [
            (json!([]), &admin.member_id, "INVALID_INPUT", json!(["input", "assetIds"])),
            (json!([mine, foreign]), &admin.member_id, "NOT_FOUND", json!(["input", "assetIds", "1"])),
            (json!([mine, mine]), &admin.member_id, "INVALID_INPUT", json!(["input", "assetIds", "1"])),
            (json!([mine]), blocked, "INVALID_INPUT", json!(["input", "toMemberId"])),
            (json!([mine]), &MemberId::new().to_string(), "NOT_FOUND", json!(["input", "toMemberId"])),
            (json!([mine]), stranger, "NOT_FOUND", json!(["input", "toMemberId"])),
        ] {
            let error = stage.refused(token, &reassign(), json!({ "assetIds": assets, "toMemberId": to })).await;
            assert_eq!((&error["code"], &error["field"]), (&json!(code), &field));
        }
        for query in [archive(), mutation("updateAsset", ASSET)] {
            let name = if query.contains("updateAsset") { json!({ "assetId": foreign, "name": "X" }) } else { json!({ "assetId": foreign }) };
            assert_eq!(stage.refused(token, &query, name).await["code"], "NOT_FOUND");
        }
        assert_eq!(stage.event_types(&admin.workspace_id).await, types);
        assert_eq!(seen(stage, &admin.token, "first: 5").await, ["Mine", "Other"]);
        assert!(can(stage, &admin.token, "MANAGE_ASSETS", &other).await);
    }

    async fn ast_1_many_assets_change_hands_at_once(stage) {
        let House { admin, developer, mine, other } = house(stage).await;
        let input = json!({ "assetIds": [mine, other], "toMemberId": developer.member_id });
        let done = stage.done(Some(&admin.token), &reassign(), input.clone()).await;
        let owners: Vec<_> = done["assets"].as_array().unwrap().iter().map(|it| &it["owner"]["id"]).collect();
        assert_eq!(owners, [&json!(developer.member_id), &json!(developer.member_id)]);
        stage.done(Some(&admin.token), &reassign(), input).await;
        let owned = format!("ownerId: \"{}\"", developer.member_id);
        assert_eq!(seen(stage, &admin.token, &owned).await, ["Mine", "Other"]);
        assert_eq!(seen(stage, &developer.token, &owned).await, ["Mine"], "AST-2: owning gives no sight");
        assert!(seen(stage, &admin.token, "unowned: true").await.is_empty());
        let away = json!({ "assetIds": [other], "toMemberId": null });
        stage.done(Some(&admin.token), &reassign(), away).await;
        assert_eq!(seen(stage, &admin.token, "unowned: true").await, ["Other"]);
        let types = stage.event_types(&admin.workspace_id).await;
        assert_eq!(types.iter().filter(|it| *it == "AssetsReassigned").count(), 2, "EVT-1: no event without a change");
        let operator = stage.person("Op").await;
        let operator = stage.join(&admin, &operator, "Workspace operator", &[]).await;
        stage.block(&admin, &developer).await;
        assert!(seen(stage, &operator.token, &owned).await.is_empty(), "WSP-3: they don't see who is blocked");
        assert_eq!(seen(stage, &admin.token, &owned).await, ["Mine"]);
    }

    /// WSP-2: archiving takes the assignments with it; whoever is left with none sees nothing, and admins are told.
    async fn wsp_2_archiving_empties_assignments_and_admins_are_told(stage) {
        let House { admin, developer, mine, other } = house(stage).await;
        let input = json!({ "assetId": mine, "withMemberIds": [developer.member_id], "withChannels": ["#design"] });
        stage.done(Some(&admin.token), &share(), input).await;
        let done = stage.done(Some(&admin.token), &archive(), json!({ "assetId": mine })).await;
        assert_eq!(done["emptiedMemberCount"], 1);
        let asset = &done["asset"];
        assert_eq!((&asset["sharedWithMemberIds"], &asset["sharedWithChannels"]), (&json!([]), &json!([])));
        assert!(asset["archivedAt"].is_string());
        assert!(seen(stage, &developer.token, "first: 5").await.is_empty());
        assert!(!can(stage, &developer.token, "VIEW_ASSETS", &mine).await);
        let types = stage.event_types(&admin.workspace_id).await;
        let last: Vec<_> = types[types.len() - 4..].iter().map(String::as_str).collect();
        assert_eq!(last, ["MemberAssignmentsSet", "AssetUnshared", "AssetUnshared", "AssetArchived"]);
        let sql = "SELECT payload, audience FROM events WHERE type = 'MemberAssignmentsSet' ORDER BY seq";
        let told = stage.sql(sql).await.pop().expect("an event");
        let payload: Value = serde_json::from_str(&told.try_get::<String>("", "payload").unwrap()).unwrap();
        assert_eq!((&payload["assets"], &payload["member"]["status"]), (&json!([]), &json!("ACTIVE")));
        assert_eq!(told.try_get::<String>("", "audience").unwrap(), "ADMINS_AND_SUBJECT");
        assert_eq!(seen(stage, &admin.token, "first: 5").await, ["Other"]);
        assert_eq!(seen(stage, &admin.token, "archived: true").await, ["Mine"]);
        assert!(can(stage, &admin.token, "VIEW_ASSETS", &mine).await);
        for permission in ["MANAGE_ASSETS", "app:report.publish"] {
            assert!(!can(stage, &admin.token, permission, &mine).await, "{permission}");
            assert!(can(stage, &admin.token, permission, &other).await, "{permission}");
        }
        let found = "{ workspace { assetByExternalId(kind: \"FLOW\", externalId: \"ext-Mine\") { archivedAt } } }";
        let found = stage.data(Some(&admin.token), found, json!({})).await;
        assert!(found["workspace"]["assetByExternalId"]["archivedAt"].is_string());
        for (query, input) in [
            (archive(), json!({ "assetId": mine })),
            (share(), json!({ "assetId": mine })),
            (mutation("updateAsset", ASSET), json!({ "assetId": mine, "name": "X" })),
            (reassign(), json!({ "assetIds": [mine], "toMemberId": null })),
        ] {
            assert_eq!(stage.refused(Some(&admin.token), &query, input).await["code"], "ASSET_ARCHIVED");
        }
        stage.take_seat(&developer.person, &admin.workspace_id).await;
    }

    /// INV-7: an invitation that promised it can't be accepted, and no new one promises it.
    async fn inv_7_an_archived_asset_is_no_promise(stage) {
        let House { admin, other, .. } = house(stage).await;
        let guest = stage.person("Guest").await;
        let (_, invitation) = stage.invite(&admin, &guest.email, "Workspace developer", &[&other]).await;
        stage.done(Some(&admin.token), &archive(), json!({ "assetId": other })).await;
        let accept = json!({ "invitationId": received(&invitation) });
        assert_eq!(stage.refused(Some(&guest.token), ACCEPT, accept).await["code"], "INVITATION_NOT_VALID");
        let developer = stage.role(&admin, "Workspace developer").await;
        let members = json!([{ "email": "new@example.com", "roleId": developer, "assetIds": [other] }]);
        let invited = stage.done(Some(&admin.token), INVITE, json!({ "members": members })).await;
        assert_eq!(invited["results"][0]["userErrors"][0]["code"], "NOT_FOUND");
    }

    /// WSP-3, WSP-5: owning gives no right to manage; the permission does, on what the member sees.
    async fn wsp_3_the_permission_manages_what_its_holder_sees(stage) {
        let House { admin, developer, mine, other } = house(stage).await;
        let input = json!({ "assetIds": [mine], "toMemberId": developer.member_id });
        stage.done(Some(&admin.token), &reassign(), input).await;
        let rename = mutation("updateAsset", ASSET);
        let input = json!({ "input": { "assetId": mine, "name": "New" } });
        assert_eq!(stage.failed(Some(&developer.token), &rename, input).await["code"], "FORBIDDEN");
        let role = json!({ "name": "Keeper", "assetScope": "ASSIGNED", "permissions": ["MANAGE_ASSETS"] });
        stage.done(Some(&admin.token), &mutation("createRole", "role { id }"), role).await;
        let keeper = stage.role(&admin, "Keeper").await;
        let input = json!({ "memberId": developer.member_id, "roleId": keeper });
        stage.done(Some(&admin.token), crate::support::cast::SET_ROLE, input).await;
        stage.done(Some(&developer.token), &rename, json!({ "assetId": mine, "name": "New" })).await;
        let refused = stage.refused(Some(&developer.token), &rename, json!({ "assetId": other, "name": "New" })).await;
        assert_eq!(refused["code"], "NOT_FOUND");
        assert!(can(stage, &developer.token, "MANAGE_ASSETS", &mine).await);
        assert!(!can(stage, &developer.token, "MANAGE_ASSETS", &other).await);
        let key = stage.api_key(&admin).await;
        stage.done(Some(&key), &rename, json!({ "assetId": other, "name": "By the host" })).await;
    }

    /// REM-6: what went with a person stays with whom it was shared until the person ends it, and is not the
    /// workspace's to manage.
    async fn rem_6_what_went_with_a_person_stays_with_whom_it_was_shared(stage) {
        let House { admin, developer, other, .. } = house(stage).await;
        let rosa = stage.person("Rosa").await;
        let owner = stage.join(&admin, &rosa, "Workspace operator", &[]).await;
        let input = json!({ "assetIds": [other], "toMemberId": owner.member_id });
        stage.done(Some(&admin.token), &reassign(), input).await;
        let input = json!({ "assetId": other, "withMemberIds": [developer.member_id, admin.member_id] });
        stage.done(Some(&admin.token), &share(), input).await;
        let remove = mutation("removeMember", "");
        let input = json!({ "memberId": owner.member_id, "assets": { "everything": { "to": "PERSON" } } });
        stage.done(Some(&admin.token), &remove, input).await;
        for token in [&developer.token, &admin.token] {
            assert!(seen(stage, token, "first: 5").await.contains(&"Other".to_owned()));
            assert!(!can(stage, token, "MANAGE_ASSETS", &other).await);
        }
        let error = stage.refused(Some(&admin.token), &archive(), json!({ "assetId": other })).await;
        assert_eq!(error["code"], "NOT_FOUND");
        let kept = "{ viewer { assets(first: 1) { nodes { id sharedWithCount } } } }";
        let kept = stage.data(Some(&rosa.token), kept, json!({})).await["viewer"]["assets"]["nodes"][0].clone();
        assert_eq!(kept["sharedWithCount"], 2);
        let stop = mutation("stopSharingAsset", "keptAsset { sharedWithCount }");
        let stopped = stage.done(Some(&rosa.token), &stop, json!({ "keptAssetId": kept["id"] })).await;
        assert_eq!(stopped["keptAsset"]["sharedWithCount"], 0);
        for token in [&developer.token, &admin.token] {
            assert!(!seen(stage, token, "first: 5").await.contains(&"Other".to_owned()));
        }
    }

    /// DEA-1: what a member shared stays reachable while they rest; what was shared with a blocked one shows again after.
    async fn dea_1_shares_outlast_a_rest_and_a_block(stage) {
        let House { admin, developer, other, .. } = house(stage).await;
        let input = json!({ "assetId": other, "withMemberIds": [developer.member_id] });
        stage.done(Some(&admin.token), &share(), input).await;
        stage.block(&admin, &developer).await;
        stage.unblock(&admin, &developer).await;
        let entered = stage.done(
            Some(&developer.person.token), ENTER, json!({ "workspaceId": admin.workspace_id }),
        ).await;
        assert_eq!(seen(stage, &text(&entered["token"]), "first: 5").await, ["Mine", "Other"]);
    }
}
