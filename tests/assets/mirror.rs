//! A client that keeps by the events alone who has which asset shared, while members and assets go (AST-1, DEL-1, EVT-1).

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::on_both_stages;
use crate::support::app::Stage;
use crate::support::cast::{REMOVE, Seat, text};
use crate::support::people::mutation;
use crate::support::socket::Socket;

const EVENTS: &str = "subscription { workspaceEvents { __typename \
    ... on AssetShared { assetId memberId channelCount } ... on AssetUnshared { assetId memberId channelCount } } }";
const DELETE: &str = "mutation($input: DeleteMemberForeverInput!) { deleteMemberForever(input: $input) { deletedMemberId \
    userErrors { code message field } } }";

/// Asset and member.
type Shares = BTreeSet<(String, String)>;

async fn window(stage: &Stage, token: &str) -> Socket {
    let mut window = Socket::open(stage.elsewhere(), token).await;
    window.listen("log", EVENTS, json!({})).await;
    window
}

/// Takes events in until one of this type.
async fn follow(window: &mut Socket, shares: &mut Shares, last: &str) -> Vec<String> {
    let mut types = Vec::new();
    loop {
        let event = window.next("log").await["workspaceEvents"].clone();
        types.push(text(&event["__typename"]));
        let share = || (text(&event["assetId"]), text(&event["memberId"]));
        match event["__typename"].as_str() {
            Some("AssetShared") if event["memberId"].is_string() => drop(shares.insert(share())),
            Some("AssetUnshared") if event["memberId"].is_string() => {
                assert!(shares.remove(&share()), "it was shared: {event}");
            }
            _ => {}
        }
        if event["__typename"] == last {
            return types;
        }
    }
}

async fn share(stage: &Stage, admin: &Seat, asset: &str, input: Value) {
    let mut input = input;
    input["assetId"] = asset.into();
    stage.done(Some(&admin.token), &mutation("shareAsset", ""), input).await;
}

on_both_stages! {
    /// DEL-1, EVT-1: with a member who is deleted for ever goes what was shared with them, and what of theirs was shared with
    /// others; each is told, in the log and to whoever had it.
    async fn del_1_shares_kept_by_the_events_are_right_after_a_member_was_deleted(stage) {
        let ada = stage.person("Ada").await;
        let admin = stage.workspace(&ada, "WALLET").await;
        let (rosa, dev) = (stage.person("Rosa").await, stage.person("Dev").await);
        let former = stage.join(&admin, &rosa, "Workspace admin", &[]).await;
        let other = stage.join(&admin, &dev, "Workspace operator", &[]).await;
        let mut log = window(stage, &admin.token).await;
        let mut own = window(stage, &other.token).await;
        let (stays, goes) = (stage.asset(&admin, "Stays").await, stage.asset(&former, "Goes").await);
        share(stage, &admin, &stays, json!({ "withMemberIds": [former.member_id, other.member_id] })).await;
        share(stage, &admin, &goes, json!({ "withMemberIds": [other.member_id], "withChannels": ["#one"] })).await;
        stage.deactivate(&admin, &former).await;
        let wish = json!({ "memberId": former.member_id, "email": rosa.email });
        stage.done(Some(&admin.token), DELETE, wish).await;

        let mut shares = Shares::new();
        let types = follow(&mut log, &mut shares, "MemberDeletedForever").await;
        assert_eq!(shares, [(stays.clone(), other.member_id.clone())].into());
        assert_eq!(types.iter().filter(|it| *it == "AssetUnshared").count(), 3, "channels too: {types:?}");
        let mut seen = Shares::new();
        follow(&mut own, &mut seen, "AssetUnshared").await;
        assert_eq!(seen, [(stays, other.member_id.clone())].into());
    }

    /// REM-7, EVT-1: the same when something is lost; the purge has nobody left to tell.
    async fn rem_7_what_is_lost_is_shared_with_nobody_from_that_moment_on(stage) {
        let ada = stage.person("Ada").await;
        let admin = stage.workspace(&ada, "WALLET").await;
        let (olive, dev) = (stage.person("Olive").await, stage.person("Dev").await);
        let owner = stage.join(&admin, &olive, "Workspace admin", &[]).await;
        let other = stage.join(&admin, &dev, "Workspace operator", &[]).await;
        let mut own = window(stage, &other.token).await;
        let asset = stage.asset(&owner, "Lost").await;
        share(stage, &admin, &asset, json!({ "withMemberIds": [other.member_id] })).await;
        let lost = json!({ "memberId": owner.member_id, "assets": { "everything": { "to": "LOST" } } });
        stage.done(Some(&admin.token), REMOVE, lost).await;
        let mut seen = Shares::new();
        follow(&mut own, &mut seen, "AssetUnshared").await;
        assert_eq!(seen, Shares::new());
        let before = stage.event_types(&admin.workspace_id).await.len();
        stage.advance_hours(24 * 30 + 1);
        stage.run_jobs().await;
        assert_eq!(stage.event_types(&admin.workspace_id).await[before..], ["AssetsPurged"]);
    }
}
