//! Removing, from the outside (rules.md, "Deactivating, removing, deleting"): who goes, and what becomes of theirs.

use serde_json::{Value, json};

use crate::on_both_stages;
use crate::support::app::Stage;
use crate::support::cast::{ACCEPT, BLOCK, ENTER, INVITE, REMOVE, SET_ASSIGNMENTS, Seat, received, text};
use crate::support::socket::Socket;

const WHOAMI: &str = "{ workspace { id viewerMember { id status } } }";
const MEMBERSHIPS: &str = "{ viewer { memberships(first: 10) { totalCount nodes { status } } } }";
const ASSET: &str = "query($id: ID!) { workspace { asset(id: $id) { name owner { id } } } }";

/// An admin and another one who owns two assets, in a workspace of this kind.
async fn owner(stage: &Stage, kind: &str) -> (Seat, Seat, [String; 2]) {
    let ada = stage.person("Ada").await;
    let admin = stage.workspace(&ada, kind).await;
    let olive = stage.person("Olive").await;
    let role = if kind == "TEAM" { "Admin" } else { "Workspace admin" };
    let owner = stage.join(&admin, &olive, role, &[]).await;
    let assets = [stage.asset(&owner, "One").await, stage.asset(&owner, "Two").await];
    (admin, owner, assets)
}

async fn shown(stage: &Stage, seat: &Seat, asset: &str) -> Value {
    stage.data(Some(&seat.token), ASSET, json!({ "id": asset })).await["workspace"]["asset"].clone()
}

/// Who holds the asset, as the database has it: owner, account, lost.
async fn held(stage: &Stage, name: &str) -> (bool, bool, bool) {
    let sql = format!(
        "SELECT owner_member_id IS NOT NULL AS owned, held_by_account_id IS NOT NULL AS held, \
         lost_at IS NOT NULL AS lost FROM assets WHERE name = '{name}'"
    );
    let row = stage.sql(&sql).await.remove(0);
    let column = |name: &str| row.try_get::<bool>("", name).unwrap();
    (column("owned"), column("held"), column("lost"))
}

async fn set_policy(stage: &Stage, policy: &str) {
    stage.sql(&format!("UPDATE workspaces SET policy = '{policy}'")).await;
}

on_both_stages! {
    /// REM-1, REV-1: with the answer the person is out on every server, the workspace is off their list, and their
    /// account is theirs as before.
    async fn a_removed_member_is_out_everywhere_and_keeps_their_account(stage) {
        let (admin, owner, _) = owner(stage, "WALLET").await;
        let mut window = Socket::open(stage.elsewhere(), &owner.token).await;
        let removed = stage.remove(&admin, &owner).await["member"].clone();
        assert_eq!((&removed["status"], &removed["displayStatus"]), (&json!("REMOVED"), &json!("REMOVED")));
        assert_eq!(removed["removal"]["category"], "OFFBOARDING");
        assert_eq!(removed["removal"]["note"], "a last day");
        assert_eq!((&removed["removal"]["whileBlocked"], &removed["removal"]["reinviteAllowedAt"]), (&json!(false), &Value::Null));
        assert_eq!(window.expect_close(4401).await, "REMOVED");
        for server in &stage.servers {
            let answer = stage.ask_at(server, Some(&owner.token), WHOAMI, json!({})).await;
            let end = &answer["errors"][0]["extensions"]["sessionEnd"];
            assert_eq!((&end["cause"], &end["contact"]["email"]), (&json!("REMOVED"), &json!("ada@example.com")));
        }
        let refusal = stage.refused(Some(&owner.person.token), ENTER, json!({ "workspaceId": admin.workspace_id })).await;
        assert_eq!(refusal["code"], "NOT_FOUND");
        let data = stage.data(Some(&owner.person.token), MEMBERSHIPS, json!({})).await;
        assert_eq!(data["viewer"]["memberships"]["totalCount"], 0);
        stage.workspace(&owner.person, "TEAM").await;
        // LIF-5: the list without a filter has everyone but the removed.
        let list = stage.data(Some(&admin.token), "{ workspace { members(first: 9) { nodes { status } } } }", json!({})).await;
        assert_eq!(list["workspace"]["members"]["nodes"], json!([{ "status": "ACTIVE" }]));
    }

    /// REM-2: all to one member, asset by asset, to the workspace, with the person, or nowhere; in one call.
    async fn each_asset_goes_where_the_admin_says(stage) {
        let (admin, owner, [one, two]) = owner(stage, "WALLET").await;
        let (three, four, five) = (stage.asset(&owner, "Three").await, stage.asset(&owner, "Four").await, stage.asset(&owner, "Five").await);
        let input = json!({ "memberId": owner.member_id, "assets": {
            "everything": { "to": "MEMBER", "memberId": admin.member_id },
            "each": [
                { "assetId": two, "to": "WORKSPACE" }, { "assetId": three, "to": "PERSON" },
                { "assetId": four, "to": "LOST" }, { "assetId": five, "to": "MEMBER", "memberId": admin.member_id },
            ],
        } });
        stage.done(Some(&admin.token), REMOVE, input).await;
        for mine in [&one, &five] {
            assert_eq!(shown(stage, &admin, mine).await["owner"]["id"], admin.member_id);
        }
        assert_eq!(shown(stage, &admin, &two).await, json!({ "name": "Two", "owner": null }));
        assert_eq!(shown(stage, &admin, &three).await, Value::Null);
        assert_eq!(shown(stage, &admin, &four).await, Value::Null);
        assert_eq!(held(stage, "Three").await, (false, true, false));
        assert_eq!(held(stage, "Four").await, (false, false, true));
        let types = stage.event_types(&admin.workspace_id).await;
        // One for each destination that was named, and one for the rest.
        assert_eq!(types.iter().filter(|it| *it == "AssetsReassigned").count(), 5);
        assert_eq!(types.last().unwrap(), "MemberRemoved");
    }

    /// REM-2: what nobody decides on follows the policy: a wallet's stays with the workspace, a team's goes along.
    async fn what_is_undecided_follows_the_policy(stage) {
        for (kind, expected) in [("WALLET", (false, false, false)), ("TEAM", (false, true, false))] {
            let ada = stage.person(&format!("Ada {kind}")).await;
            let admin = stage.workspace(&ada, kind).await;
            let olive = stage.person(&format!("Olive {kind}")).await;
            let role = if kind == "TEAM" { "Admin" } else { "Workspace admin" };
            let owner = stage.join(&admin, &olive, role, &[]).await;
            stage.asset(&owner, kind).await;
            stage.remove(&admin, &owner).await;
            assert_eq!(held(stage, kind).await, expected, "{kind}");
        }
    }

    /// REM-2: where the policy says that the undecided are lost, the call is refused with the list.
    async fn where_the_undecided_would_be_lost_the_call_is_refused_with_the_list(stage) {
        let (admin, owner, [one, two]) = owner(stage, "WALLET").await;
        set_policy(stage, r#"{"undecided_assets":"LOST"}"#).await;
        let before = stage.event_types(&admin.workspace_id).await;
        let refusal = stage.refused(Some(&admin.token), REMOVE, json!({ "memberId": owner.member_id })).await;
        assert_eq!((&refusal["__typename"], &refusal["code"]), (&json!("AssetsNeedDecision"), &json!("ASSETS_NEED_DECISION")));
        assert_eq!(refusal["totalCount"], 2);
        let names: Vec<String> = refusal["assets"].as_array().unwrap().iter().map(|it| text(&it["name"])).collect();
        assert_eq!(names, ["One", "Two"]);
        let half = json!({ "memberId": owner.member_id, "assets": { "each": [{ "assetId": one, "to": "LOST" }] } });
        let refusal = stage.refused(Some(&admin.token), REMOVE, half).await;
        assert_eq!((&refusal["totalCount"], &refusal["assets"][0]["assetId"]), (&json!(1), &json!(two)));
        assert_eq!(stage.event_types(&admin.workspace_id).await, before);
        stage.data(Some(&owner.token), WHOAMI, json!({})).await;
        let all = json!({ "memberId": owner.member_id, "assets": { "everything": { "to": "LOST" } } });
        stage.done(Some(&admin.token), REMOVE, all).await;
        assert_eq!(held(stage, "One").await, (false, false, true));
    }

    /// REM-7: what is lost is out of everyone's reach at once, also of those who work on it, and purged after 30 days.
    async fn what_is_lost_is_out_of_reach_at_once_and_purged_after_thirty_days(stage) {
        let (admin, owner, [one, two]) = owner(stage, "WALLET").await;
        let dev = stage.person("Dev").await;
        let dev = stage.join(&admin, &dev, "Workspace developer", &[&one, &two]).await;
        let input = json!({ "memberId": owner.member_id, "assets": { "each": [{ "assetId": one, "to": "LOST" }] } });
        stage.done(Some(&admin.token), REMOVE, input).await;
        for seat in [&admin, &dev] {
            assert_eq!(shown(stage, seat, &one).await, Value::Null);
            let lists = "query($id: ID!) { workspace { assets(first: 9) { totalCount nodes { id } } \
                         assetByExternalId(kind: \"FLOW\", externalId: \"ext-One\") { id } viewerMember { assignments { assetId } } } \
                         node(id: $id) { id } viewer { can(permission: \"VIEW_ASSETS\", assetId: $id) } }";
            let seen = stage.data(Some(&seat.token), lists, json!({ "id": one })).await;
            let workspace = &seen["workspace"];
            assert_eq!((&workspace["assets"]["totalCount"], &workspace["assets"]["nodes"]), (&json!(1), &json!([{ "id": two }])));
            assert_eq!((&workspace["assetByExternalId"], &seen["node"]), (&Value::Null, &Value::Null));
            assert_eq!(seen["viewer"]["can"], false);
            assert!(!workspace["viewerMember"]["assignments"].to_string().contains(&one));
        }
        let assign = json!({ "memberId": dev.member_id, "assignments": [{ "assetId": one }] });
        assert_eq!(stage.refused(Some(&admin.token), SET_ASSIGNMENTS, assign).await["code"], "NOT_FOUND");
        stage.advance_hours(24 * 30 - 1);
        stage.run_jobs().await;
        assert_eq!(held(stage, "One").await, (false, false, true));
        stage.advance_hours(1);
        stage.run_jobs().await;
        assert!(stage.sql("SELECT id FROM assets WHERE name = 'One'").await.is_empty());
        assert_eq!(stage.event_types(&admin.workspace_id).await.last().unwrap(), "AssetsPurged");
        assert_eq!(stage.sql("SELECT asset_id FROM assignments").await.len(), 1);
    }

    /// REM-6: what goes with the person leaves the workspace, and stays in reach of those who work on it.
    async fn what_goes_with_the_person_stays_with_those_who_work_on_it(stage) {
        let (admin, owner, [one, two]) = owner(stage, "WALLET").await;
        let dev = stage.person("Dev").await;
        let dev = stage.join(&admin, &dev, "Workspace developer", &[&one]).await;
        let input = json!({ "memberId": owner.member_id, "assets": { "everything": { "to": "PERSON" } } });
        stage.done(Some(&admin.token), REMOVE, input).await;
        assert_eq!(shown(stage, &dev, &one).await, json!({ "name": "One", "owner": null }));
        assert_eq!(shown(stage, &admin, &one).await, Value::Null);
        assert_eq!(shown(stage, &dev, &two).await, Value::Null);
        let rows = stage.sql("SELECT id FROM assets WHERE held_by_account_id IS NOT NULL").await;
        let ids: Vec<String> = rows.iter().map(|row| row.try_get::<rollcall::primitives::ids::AssetId>("", "id").unwrap().to_string()).collect();
        assert!(ids.contains(&one) && ids.contains(&two), "it keeps its id");
        let kept = "{ viewer { assets(first: 5) { totalCount nodes { id assetId name workspaceName sharedWithCount } } } }";
        let seen = stage.data(Some(&owner.person.token), kept, json!({})).await["viewer"]["assets"].clone();
        assert_eq!(seen["totalCount"], 2);
        let first = &seen["nodes"][0];
        assert_eq!((&first["assetId"], &first["name"], &first["sharedWithCount"]), (&json!(one), &json!("One"), &json!(1)));
        assert_eq!(first["workspaceName"], "Ada's WALLET");
        // Until the person ends that.
        let stop = "mutation($input: StopSharingAssetInput!) { stopSharingAsset(input: $input) { keptAsset { sharedWithCount } \
                    userErrors { code field } } }";
        let target = json!({ "keptAssetId": first["id"] });
        let strangers = stage.refused(Some(&admin.person.token), stop, target.clone()).await;
        assert_eq!(strangers["code"], "NOT_FOUND");
        let stopped = stage.done(Some(&owner.person.token), stop, target.clone()).await;
        assert_eq!(stopped["keptAsset"]["sharedWithCount"], 0);
        assert_eq!(shown(stage, &dev, &one).await, Value::Null);
        assert_eq!(stage.event_types(&admin.workspace_id).await.last().unwrap(), "MemberAssignmentsSet");
        assert_eq!(stage.refused(Some(&owner.person.token), stop, target).await["code"], "NOT_SHARED");
        let node = stage.data(Some(&owner.person.token), "query($id: ID!) { node(id: $id) { __typename } }", json!({ "id": first["id"] })).await;
        assert_eq!(node["node"]["__typename"], "KeptAsset");
    }

    /// REM-2 and bad input: a decision that can't be is refused by its place, and nothing is changed.
    async fn a_decision_that_can_not_be_is_refused_by_its_place(stage) {
        let (admin, owner, [one, two]) = owner(stage, "WALLET").await;
        let mine = stage.asset(&admin, "Mine").await;
        let resting = stage.person("Rosa").await;
        let resting = stage.join(&admin, &resting, "Workspace operator", &[]).await;
        stage.deactivate(&admin, &resting).await;
        let eve = stage.person("Eve").await;
        let elsewhere = stage.workspace(&eve, "WALLET").await;
        let theirs = stage.asset(&elsewhere, "Theirs").await;
        let before = stage.event_types(&admin.workspace_id).await;
        let each = |asset: &str, to: &str, member: Option<&str>| json!({ "each": [{ "assetId": asset, "to": to, "memberId": member }] });
        let everything = |to: &str, member: Option<&str>| json!({ "everything": { "to": to, "memberId": member } });
        let cases = [
            (json!({ "each": [{ "assetId": one, "to": "LOST" }, { "assetId": one, "to": "PERSON" }] }), "INVALID_INPUT", "each.1.assetId"),
            (each(&mine, "WORKSPACE", None), "INVALID_INPUT", "each.0.assetId"),
            (each(&theirs, "WORKSPACE", None), "NOT_FOUND", "each.0.assetId"),
            (each(&one, "MEMBER", None), "INVALID_INPUT", "each.0.memberId"),
            (each(&one, "LOST", Some(&admin.member_id)), "INVALID_INPUT", "each.0.memberId"),
            (each(&one, "MEMBER", Some(&resting.member_id)), "INVALID_INPUT", "each.0.memberId"),
            (each(&one, "MEMBER", Some(&owner.member_id)), "INVALID_INPUT", "each.0.memberId"),
            (everything("MEMBER", Some(&elsewhere.member_id)), "NOT_FOUND", "everything.memberId"),
            (everything("MEMBER", Some(&owner.member_id)), "INVALID_INPUT", "everything.memberId"),
            (everything("MEMBER", None), "INVALID_INPUT", "everything.memberId"),
            (json!({ "each": vec![json!({ "assetId": two, "to": "LOST" }); 501] }), "INVALID_INPUT", "each"),
        ];
        for (assets, code, field) in cases {
            let input = json!({ "memberId": owner.member_id, "assets": assets });
            let refusal = stage.refused(Some(&admin.token), REMOVE, input.clone()).await;
            let path: Vec<&str> = ["input", "assets"].into_iter().chain(field.split('.')).collect();
            assert_eq!((&refusal["code"], &refusal["field"]), (&json!(code), &json!(path)), "{input}");
        }
        let wrong = json!({ "input": { "memberId": owner.member_id, "assets": each(&owner.member_id, "LOST", None) } });
        assert_eq!(stage.failed(Some(&admin.token), REMOVE, wrong).await["code"], "BAD_USER_INPUT");
        assert_eq!(stage.event_types(&admin.workspace_id).await, before);
        assert_eq!(shown(stage, &admin, &one).await["owner"]["id"], owner.member_id);
    }

    /// WSP-6, WSP-7, WSP-8, LIF-2: nobody removes themselves, an invited one, somebody who is gone, or a stranger.
    async fn who_can_not_be_removed(stage) {
        let (admin, owner, _) = owner(stage, "WALLET").await;
        let key = stage.api_key(&admin).await;
        for token in [&admin.token, &key] {
            assert_eq!(stage.refused(Some(token), REMOVE, json!({ "memberId": admin.member_id })).await["code"], "NOT_YOURSELF");
        }
        let (invited, _) = stage.invite(&admin, "late@example.com", "Workspace operator", &[]).await;
        let refusal = stage.refused(Some(&admin.token), REMOVE, json!({ "memberId": invited })).await;
        assert_eq!((&refusal["code"], &refusal["status"]), (&json!("NOT_ALLOWED_IN_STATUS"), &json!("INVITATION_SENT")));
        stage.done(Some(&key), REMOVE, json!({ "memberId": owner.member_id })).await;
        let refusal = stage.refused(Some(&admin.token), REMOVE, json!({ "memberId": owner.member_id })).await;
        assert_eq!((&refusal["code"], &refusal["status"]), (&json!("NOT_ALLOWED_IN_STATUS"), &json!("REMOVED")));
        let unknown = rollcall::primitives::ids::MemberId::new().to_string();
        assert_eq!(stage.refused(Some(&admin.token), REMOVE, json!({ "memberId": unknown })).await["code"], "NOT_FOUND");
    }

    /// BLK-8: removing and inviting again is no way round a block: not for a key, not in bulk, until active again.
    async fn removing_a_blocked_member_leaves_the_mark_until_they_are_active_again(stage) {
        let (admin, owner, _) = owner(stage, "WALLET").await;
        let key = stage.api_key(&admin).await;
        stage.block(&admin, &owner).await;
        let input = json!({ "memberId": owner.member_id });
        let removed = stage.done(Some(&key), REMOVE, input.clone()).await;
        assert_eq!(removed["member"]["removal"]["whileBlocked"], true);
        let query = "query($id: ID!) { workspace { member(id: $id) { block { at } } } }";
        let shown = stage.data(Some(&admin.token), query, json!({ "id": owner.member_id })).await;
        assert_eq!(shown["workspace"]["member"]["block"], Value::Null);
        let list = json!({ "list": owner.person.email });
        let row = stage.done(Some(&key), INVITE, list).await["results"][0].clone();
        assert_eq!(row["userErrors"][0]["code"], "BLOCKED_REQUIRES_ADMIN");
        let two = json!({ "list": format!("{}, other@example.com", owner.person.email) });
        let rows = stage.done(Some(&admin.token), INVITE, two).await["results"].clone();
        assert_eq!(rows[0]["userErrors"][0]["code"], "BLOCKED_REQUIRES_ADMIN");
        assert_eq!(rows[1]["userErrors"], json!([]));
        let (_, invitation) = stage.invite(&admin, &owner.person.email, "Workspace operator", &[]).await;
        stage.done(Some(&owner.person.token), ACCEPT, json!({ "invitationId": received(&invitation) })).await;
        stage.remove(&admin, &owner).await;
        let row = stage.done(Some(&key), INVITE, json!({ "list": owner.person.email })).await["results"][0].clone();
        assert_eq!(row["userErrors"], json!([]), "they have been active since: {row}");
    }

    /// API-2: a key works again after its maker was reactivated, and never again after they were removed and came back.
    async fn a_key_does_not_survive_the_removal_of_its_maker(stage) {
        let (admin, owner, _) = owner(stage, "WALLET").await;
        let key = stage.api_key(&owner).await;
        let keys = "{ workspace { apiKeys(first: 5) { nodes { status } } } }";
        let status = async |seat: &Seat| {
            stage.data(Some(&seat.token), keys, json!({})).await["workspace"]["apiKeys"]["nodes"][0]["status"].clone()
        };
        assert_eq!(status(&admin).await, "WORKING");
        stage.deactivate(&admin, &owner).await;
        assert_eq!(status(&admin).await, "PAUSED");
        stage.reactivate(&admin, &owner).await;
        stage.data(Some(&key), "{ workspace { id } }", json!({})).await;
        stage.remove(&admin, &owner).await;
        assert_eq!(status(&admin).await, "STOPPED");
        let (_, invitation) = stage.invite(&admin, &owner.person.email, "Workspace admin", &[]).await;
        assert_eq!(status(&admin).await, "STOPPED");
        stage.done(Some(&owner.person.token), ACCEPT, json!({ "invitationId": received(&invitation) })).await;
        let back = stage.take_seat(&owner.person, &admin.workspace_id).await;
        assert_eq!(back.member_id, owner.member_id, "one row and one id");
        assert_eq!(status(&admin).await, "STOPPED");
        for server in &stage.servers {
            let refused = stage.ask_at(server, Some(&key), BLOCK, json!({ "input": { "memberId": admin.member_id } })).await;
            assert_eq!(refused["errors"][0]["extensions"]["code"], "UNAUTHENTICATED", "{refused:#}");
        }
        let fresh = stage.api_key(&back).await;
        stage.data(Some(&fresh), "{ workspace { id } }", json!({})).await;
    }
}
