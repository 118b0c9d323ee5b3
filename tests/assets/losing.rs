//! What is lost when its owner goes: out of everyone's reach at once, each who had it is told, and it comes back bare
//! (REM-7, WSP-2, EVT-1).

use rollcall::assets::purge_lost;
use rollcall::endings::recover_asset;
use rollcall::primitives::ids::{AssetId, WorkspaceId};
use serde_json::{Value, json};

use crate::on_both_stages;
use crate::support::app::Stage;
use crate::support::cast::{BULK, REMOVE, Seat};
use crate::support::people::mutation;
use crate::support::socket::Socket;

const ASSET: &str =
    "query($id: ID!) { workspace { asset(id: $id) { name sharedWithMemberIds sharedWithChannels } } }";
const SET: &str = "subscription { workspaceEvents { __typename \
    ... on MemberAssignmentsSet { member { id } assetIds previousAssetIds } } }";
const DELETE: &str = "mutation($input: DeleteMemberForeverInput!) { deleteMemberForever(input: $input) { deletedMemberId \
    userErrors { code message field } } }";

/// An admin, somebody with an asset, a developer of nothing else, and somebody whom it is shared with.
struct Company {
    admin: Seat,
    owner: Seat,
    developer: Seat,
    asset: String,
}

async fn company(stage: &Stage) -> Company {
    let ada = stage.person("Ada").await;
    let admin = stage.workspace(&ada, "WALLET").await;
    let (olive, dev, rita) =
        (stage.person("Olive").await, stage.person("Dev").await, stage.person("Rita").await);
    let owner = stage.join(&admin, &olive, "Workspace admin", &[]).await;
    let asset = stage.asset(&owner, "Lost").await;
    let developer = stage.join(&admin, &dev, "Workspace developer", &[&asset]).await;
    let reader = stage.join(&admin, &rita, "Workspace operator", &[]).await;
    let share = json!({ "assetId": asset, "withMemberIds": [reader.member_id], "withChannels": ["#one"] });
    stage.done(Some(&admin.token), &mutation("shareAsset", ""), share).await;
    Company { admin, owner, developer, asset }
}

fn everything_lost() -> Value {
    json!({ "everything": { "to": "LOST" } })
}

async fn revision(stage: &Stage, admin: &Seat, member: &str) -> i64 {
    let query = "query($id: ID!) { workspace { member(id: $id) { revision } } }";
    let shown = stage.data(Some(&admin.token), query, json!({ "id": member })).await;
    shown["workspace"]["member"]["revision"].as_i64().expect("a number")
}

async fn shown(stage: &Stage, seat: &Seat, asset: &str) -> Value {
    stage.data(Some(&seat.token), ASSET, json!({ "id": asset })).await["workspace"]["asset"].clone()
}

on_both_stages! {
    /// REM-7, WSP-2, EVT-1: with the loss nobody works on it nor has it shared, their revisions tell so, and whoever is left
    /// with nothing is the admins' news.
    async fn rem_7_whoever_had_what_is_lost_is_told_at_once(stage) {
        let Company { admin, owner, developer, asset } = company(stage).await;
        let before = revision(stage, &admin, &developer.member_id).await;
        let count = stage.event_types(&admin.workspace_id).await.len();
        let mut window = Socket::open(stage.elsewhere(), &developer.token).await;
        window.listen("own", SET, json!({})).await;
        let input = json!({ "memberId": owner.member_id, "assets": everything_lost() });
        stage.done(Some(&admin.token), REMOVE, input).await;
        let told = window.next("own").await["workspaceEvents"].clone();
        assert_eq!(told, json!({ "__typename": "MemberAssignmentsSet", "member": { "id": developer.member_id },
            "assetIds": [], "previousAssetIds": [asset] }));
        let types = stage.event_types(&admin.workspace_id).await;
        let expected = ["MemberAssignmentsSet", "AssetUnshared", "AssetUnshared", "AssetsReassigned", "MemberRemoved"];
        assert_eq!(types[count..], expected);
        assert_eq!(revision(stage, &admin, &developer.member_id).await, before + 1);
        for table in ["assignments", "asset_shares", "asset_channels"] {
            assert!(stage.sql(&format!("SELECT asset_id FROM {table}")).await.is_empty(), "{table}");
        }
    }

    /// REM-7: found again it is the admins' alone; nobody gets back in silence what they were told they have lost.
    async fn rem_7_what_is_found_again_comes_back_bare(stage) {
        let Company { admin, owner, developer, asset } = company(stage).await;
        let input = json!({ "memberId": owner.member_id, "assets": everything_lost() });
        stage.done(Some(&admin.token), REMOVE, input).await;
        let id = AssetId::parse(&asset).expect("an id");
        recover_asset(&stage.here().app.gate, id).await.expect("it is back");
        let bare = json!({ "name": "Lost", "sharedWithMemberIds": [], "sharedWithChannels": [] });
        assert_eq!(shown(stage, &admin, &asset).await, bare);
        assert_eq!(shown(stage, &developer, &asset).await, Value::Null);
    }

    /// REM-7, EVT-1: of several who go in one call nobody is told of what they leave, and each row is saved once.
    async fn rem_7_who_goes_in_the_same_call_is_told_nothing_but_that(stage) {
        let Company { admin, owner, developer, asset } = company(stage).await;
        let kim = stage.person("Kim").await;
        let stays = stage.join(&admin, &kim, "Workspace developer", &[&asset]).await;
        let before = [
            revision(stage, &admin, &developer.member_id).await,
            revision(stage, &admin, &stays.member_id).await,
        ];
        let count = stage.event_types(&admin.workspace_id).await.len();
        let input = json!({ "operation": "REMOVE", "memberIds": [owner.member_id, developer.member_id],
            "assets": everything_lost() });
        let done = stage.done(Some(&admin.token), BULK, input).await;
        assert_eq!(done["results"][1]["member"]["status"], "REMOVED", "{done:#}");
        let types = stage.event_types(&admin.workspace_id).await[count..].to_vec();
        let expected = ["AssetsReassigned", "MemberRemoved", "MemberRemoved", "MemberAssignmentsSet", "AssetUnshared", "AssetUnshared"];
        assert_eq!(types, expected);
        let after = [
            revision(stage, &admin, &developer.member_id).await,
            revision(stage, &admin, &stays.member_id).await,
        ];
        assert_eq!(after, before.map(|it| it + 1));
        assert!(stage.sql("SELECT asset_id FROM assignments").await.is_empty());
    }

    /// DEL-1: what was lost goes with whoever lost it and is deleted for ever; no operator brings it back.
    async fn del_1_what_was_lost_goes_with_its_last_owner(stage) {
        let Company { admin, owner, asset, .. } = company(stage).await;
        stage.asset(&owner, "Along").await;
        let each = json!({ "each": [{ "assetId": asset, "to": "LOST" }], "everything": { "to": "WORKSPACE" } });
        stage.done(Some(&admin.token), REMOVE, json!({ "memberId": owner.member_id, "assets": each })).await;
        let wish = json!({ "memberId": owner.member_id, "email": owner.person.email });
        stage.done(Some(&admin.token), DELETE, wish).await;
        let id = AssetId::parse(&asset).expect("an id");
        recover_asset(&stage.here().app.gate, id).await.expect_err("it is gone");
        assert_eq!(stage.sql("SELECT id FROM assets").await.len(), 1, "what was given to the workspace stays");
        let types = stage.event_types(&admin.workspace_id).await;
        assert_eq!(types[types.len() - 2..], ["AssetsPurged", "MemberDeletedForever"]);
    }

    /// REM-7: a workspace where the purge fails holds up none of the others.
    async fn rem_7_the_purge_goes_on_past_a_workspace_that_fails(stage) {
        let mut places = Vec::new();
        for name in ["Uno", "Due"] {
            let person = stage.person(name).await;
            let admin = stage.workspace(&person, "WALLET").await;
            let olive = stage.person(&format!("Olive {name}")).await;
            let owner = stage.join(&admin, &olive, "Workspace admin", &[]).await;
            stage.asset(&owner, name).await;
            let input = json!({ "memberId": owner.member_id, "assets": everything_lost() });
            stage.done(Some(&admin.token), REMOVE, input).await;
            places.push(admin);
        }
        stage.advance_hours(24 * 30 + 1);
        // Nothing can be appended to the first: its next number is taken.
        let first = WorkspaceId::parse(&places[0].workspace_id).expect("an id").as_uuid();
        let shift = |by: &str| format!("UPDATE streams SET seq = seq {by} WHERE id = {}", stage.id(first));
        let gate = &stage.here().app.gate;
        stage.execute(&shift("- 1")).await;
        purge_lost(gate).await.expect_err("told");
        stage.execute(&shift("+ 1")).await;
        let last = async |at: usize| stage.event_types(&places[at].workspace_id).await.pop();
        assert_eq!((last(0).await.as_deref(), last(1).await.as_deref()), (Some("MemberRemoved"), Some("AssetsPurged")));
        purge_lost(gate).await.expect("it runs");
        assert_eq!(last(0).await.as_deref(), Some("AssetsPurged"));
    }
}
