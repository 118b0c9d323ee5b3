//! Deactivating and reactivating, from the outside (rules.md, "Deactivating, removing, deleting").

use serde_json::{Value, json};

use crate::on_both_stages;
use crate::support::app::Stage;
use crate::support::cast::{BLOCK, DEACTIVATE, ENTER, REACTIVATE, SET_ROLE, Seat, UNBLOCK, text};
use crate::support::socket::Socket;

const WHOAMI: &str = "{ workspace { id viewerMember { id status } } }";
const MEMBERSHIPS: &str =
    "{ viewer { memberships(first: 10) { nodes { status displayStatus workspaceId } } } }";

/// An admin and a developer who works on an asset, in a wallet workspace.
async fn pair(stage: &Stage) -> (Seat, Seat, String) {
    let ada = stage.person("Ada").await;
    let admin = stage.workspace(&ada, "WALLET").await;
    let asset = stage.asset(&admin, "Pay").await;
    let grace = stage.person("Grace").await;
    let member = stage.join(&admin, &grace, "Workspace developer", &[&asset]).await;
    (admin, member, asset)
}

async fn end_at_each_server(stage: &Stage, token: &str) -> Vec<Value> {
    let mut ends = Vec::new();
    for server in &stage.servers {
        let answer = stage.ask_at(server, Some(token), WHOAMI, json!({})).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAUTHENTICATED", "{answer:#}");
        ends.push(answer["errors"][0]["extensions"]["sessionEnd"].clone());
    }
    ends
}

on_both_stages! {
    /// DEA-1, REV-1: with the answer each request of the member is refused, on every server, with cause and contact;
    /// data, role and assignments stay, and the workspace stays among the memberships, marked.
    async fn a_deactivated_member_is_out_everywhere_and_keeps_everything(stage) {
        let (admin, member, asset) = pair(stage).await;
        let second = stage.take_seat_at(stage.elsewhere(), &member.person, &admin.workspace_id).await;
        let shown = stage.deactivate(&admin, &member).await["member"].clone();
        assert_eq!((&shown["status"], &shown["displayStatus"]), (&json!("DEACTIVATED"), &json!("INACTIVE")));
        assert_eq!(shown["deactivation"]["category"], "LEAVE_OR_PAUSE");
        assert_eq!(shown["deactivation"]["note"], "a year abroad");
        assert_eq!(shown["deactivation"]["by"]["id"], admin.member_id);
        assert_eq!(shown["role"]["name"], "Workspace developer");
        assert_eq!(shown["assignments"], json!([{ "assetId": asset, "role": null }]));
        for token in [&member.token, &second.token] {
            for end in end_at_each_server(stage, token).await {
                assert_eq!(end["cause"], "DEACTIVATED");
                assert_eq!(end["contact"]["email"], "ada@example.com");
            }
        }
        let data = stage.data(Some(&member.person.token), MEMBERSHIPS, json!({})).await;
        let membership = json!({ "status": "DEACTIVATED", "displayStatus": "INACTIVE", "workspaceId": admin.workspace_id });
        assert_eq!(data["viewer"]["memberships"]["nodes"], json!([membership]));
    }

    /// DEA-1: what the member owns stays reachable for those who work on it.
    async fn what_a_deactivated_member_owns_stays_with_those_who_work_on_it(stage) {
        let (admin, member, _) = pair(stage).await;
        let owner = stage.person("Olive").await;
        let owner = stage.join(&admin, &owner, "Workspace admin", &[]).await;
        let owned = stage.asset(&owner, "Shared").await;
        let assign = json!({ "memberId": member.member_id, "assignments": [{ "assetId": owned }] });
        stage.done(Some(&admin.token), crate::support::cast::SET_ASSIGNMENTS, assign).await;
        stage.deactivate(&admin, &owner).await;
        let query = "query($id: ID!) { workspace { asset(id: $id) { name } } }";
        let seen = stage.data(Some(&member.token), query, json!({ "id": owned })).await;
        assert_eq!(seen["workspace"]["asset"]["name"], "Shared");
        let kept = "query($id: ID!) { workspace { asset(id: $id) { owner { id } } } }";
        let seen = stage.data(Some(&admin.token), kept, json!({ "id": owned })).await;
        assert_eq!(seen["workspace"]["asset"]["owner"]["id"], owner.member_id);
    }

    /// DEA-1, REV-4: an open window hears why and is closed.
    async fn an_open_window_hears_why_and_is_closed(stage) {
        let (admin, member, _) = pair(stage).await;
        let mut window = Socket::open(stage.elsewhere(), &member.token).await;
        stage.deactivate(&admin, &member).await;
        assert_eq!(window.expect_close(4401).await, "DEACTIVATED");
    }

    /// DEA-2: entering says that the membership is deactivated, and names the contact.
    async fn entering_says_that_the_membership_is_deactivated(stage) {
        let (admin, member, _) = pair(stage).await;
        stage.deactivate(&admin, &member).await;
        let input = json!({ "workspaceId": admin.workspace_id });
        let refusal = stage.refused(Some(&member.person.token), ENTER, input).await;
        assert_eq!(refusal["__typename"], "MembershipDeactivated");
        assert_eq!(refusal["code"], "MEMBERSHIP_DEACTIVATED");
        assert_eq!(refusal["contact"]["email"], "ada@example.com");
    }

    /// DEA-3: reactivating gives back role, assignments and what is owned; old sessions stay dead, credentials work.
    async fn reactivating_gives_everything_back_but_old_sessions(stage) {
        let (admin, member, asset) = pair(stage).await;
        stage.deactivate(&admin, &member).await;
        let shown = stage.reactivate(&admin, &member).await["member"].clone();
        assert_eq!(shown["status"], "ACTIVE");
        assert_eq!(shown["deactivation"], Value::Null);
        assert_eq!(shown["role"]["name"], "Workspace developer");
        assert_eq!(shown["assignments"], json!([{ "assetId": asset, "role": null }]));
        for end in end_at_each_server(stage, &member.token).await {
            assert_eq!(end["cause"], "DEACTIVATED");
        }
        let again = stage.take_seat_at(stage.elsewhere(), &member.person, &admin.workspace_id).await;
        assert_eq!(again.member_id, member.member_id);
        let types = stage.event_types(&admin.workspace_id).await;
        assert_eq!(types[types.len() - 2..], ["MemberDeactivated", "MemberReactivated"]);
    }

    /// LIF-4, DEL-1: the note is for admins alone and in no event.
    async fn the_reason_is_for_admins_alone(stage) {
        let (admin, member, _) = pair(stage).await;
        let watcher = stage.person("Watcher").await;
        let watcher = stage.join(&admin, &watcher, "Workspace reviewer", &[]).await;
        stage.deactivate(&admin, &member).await;
        let query = "query($id: ID!) { workspace { member(id: $id) { deactivation { note } notes { action text } } } }";
        let id = json!({ "id": member.member_id });
        let to_admin = stage.data(Some(&admin.token), query, id.clone()).await;
        let notes = json!([{ "action": "DEACTIVATE", "text": "a year abroad" }]);
        assert_eq!(to_admin["workspace"]["member"]["notes"], notes);
        // Whoever isn't active is not in others' sight (WSP-3).
        let to_other = stage.data(Some(&watcher.token), query, id).await;
        assert_eq!(to_other["workspace"]["member"], Value::Null);
        let events = stage.sql("SELECT payload FROM events").await;
        assert!(!events.iter().any(|row| row.try_get::<String>("", "payload").unwrap().contains("abroad")));
    }

    /// Automation deactivates and reactivates (section 4), and a key acts as long as its maker is in: API-2.
    async fn a_key_deactivates_and_reactivates_and_stops_while_its_maker_rests(stage) {
        let (admin, member, _) = pair(stage).await;
        let other = stage.person("Olga").await;
        let other = stage.join(&admin, &other, "Workspace admin", &[]).await;
        let key = stage.api_key(&other).await;
        let target = json!({ "memberId": member.member_id });
        stage.done(Some(&key), DEACTIVATE, target.clone()).await;
        stage.done(Some(&key), REACTIVATE, target.clone()).await;
        stage.deactivate(&admin, &other).await;
        for end in end_at_each_server(stage, &key).await {
            assert_eq!(end["cause"], "DEACTIVATED");
        }
        stage.reactivate(&admin, &other).await;
        stage.done(Some(&key), DEACTIVATE, target).await;
    }

    /// The policy of a team lets a deactivated member be blocked; what lies under the block stays, with its reason.
    async fn a_block_over_a_deactivation_gives_it_back(stage) {
        let ada = stage.person("Ada").await;
        let admin = stage.workspace(&ada, "TEAM").await;
        let bob = stage.person("Bob").await;
        let member = stage.join(&admin, &bob, "Member", &[]).await;
        stage.deactivate(&admin, &member).await;
        let key = stage.api_key(&admin).await;
        stage.block(&admin, &member).await;
        // BLK-7: to a block, reactivating is a way round, for a key and on record, and no way for anybody.
        let refusal = stage.refused(Some(&key), REACTIVATE, json!({ "memberId": member.member_id })).await;
        assert_eq!(refusal["__typename"], "BlockedRequiresAdmin");
        let refusal = stage.refused(Some(&admin.token), REACTIVATE, json!({ "memberId": member.member_id })).await;
        assert_eq!(refusal["code"], "NOT_ALLOWED_IN_STATUS");
        let unblocked = stage.done(Some(&admin.token), UNBLOCK, json!({ "memberId": member.member_id })).await;
        assert_eq!(unblocked["member"]["status"], "DEACTIVATED");
        let query = "query($id: ID!) { workspace { member(id: $id) { deactivation { note } refusedAttempts { action } } } }";
        let shown = stage.data(Some(&admin.token), query, json!({ "id": member.member_id })).await;
        assert_eq!(shown["workspace"]["member"]["deactivation"]["note"], "a year abroad");
        assert_eq!(shown["workspace"]["member"]["refusedAttempts"], json!([{ "action": "REACTIVATE" }]));
    }

    /// An unblock into rest leaves a deactivation that names who and when.
    async fn unblocking_into_rest_is_a_deactivation_by_that_admin(stage) {
        let (admin, member, _) = pair(stage).await;
        stage.block(&admin, &member).await;
        let input = json!({ "memberId": member.member_id, "intoDeactivated": true });
        stage.done(Some(&admin.token), UNBLOCK, input).await;
        let query = "query($id: ID!) { workspace { member(id: $id) { status deactivation { by { id } category } } } }";
        let shown = stage.data(Some(&admin.token), query, json!({ "id": member.member_id })).await;
        let deactivation = json!({ "by": { "id": admin.member_id }, "category": null });
        assert_eq!(shown["workspace"]["member"], json!({ "status": "DEACTIVATED", "deactivation": deactivation }));
        stage.reactivate(&admin, &member).await;
    }

    /// WSP-6, WSP-7: nobody deactivates themselves, by session or key, and the last admin stays.
    async fn nobody_deactivates_themselves(stage) {
        let (admin, ..) = pair(stage).await;
        let key = stage.api_key(&admin).await;
        let before = stage.event_types(&admin.workspace_id).await;
        for token in [&admin.token, &key] {
            let refusal = stage.refused(Some(token), DEACTIVATE, json!({ "memberId": admin.member_id })).await;
            assert_eq!(refusal["code"], "NOT_YOURSELF");
        }
        assert_eq!(stage.event_types(&admin.workspace_id).await, before);
    }

    /// LIF-2: once it took effect, the same again is an ordinary refusal that names what is possible instead.
    async fn the_same_again_is_refused_with_the_way_out(stage) {
        let (admin, member, _) = pair(stage).await;
        let target = json!({ "memberId": member.member_id });
        let refusal = stage.refused(Some(&admin.token), REACTIVATE, target.clone()).await;
        assert_eq!((&refusal["status"], &refusal["field"]), (&json!("ACTIVE"), &json!(["input", "memberId"])));
        stage.deactivate(&admin, &member).await;
        let refusal = stage.refused(Some(&admin.token), DEACTIVATE, target.clone()).await;
        assert_eq!(refusal["status"], "DEACTIVATED");
        let allowed = refusal["allowedActions"].as_array().unwrap().clone();
        assert!(allowed.contains(&json!("REACTIVATE")) && !allowed.contains(&json!("BLOCK")), "{allowed:?}");
        // The policy of a wallet has no block over a rest.
        let refusal = stage.refused(Some(&admin.token), BLOCK, target).await;
        assert_eq!(refusal["code"], "NOT_ALLOWED_IN_STATUS");
    }

    /// WSP-8 and bad input: nothing of it changes anything, and another workspace's member is unknown.
    async fn bad_input_changes_nothing(stage) {
        let (admin, member, asset) = pair(stage).await;
        let (invited, invitation) = stage.invite(&admin, "late@example.com", "Workspace operator", &[]).await;
        let eve = stage.person("Eve").await;
        let elsewhere = stage.workspace(&eve, "WALLET").await;
        let before = stage.event_types(&admin.workspace_id).await;
        for mutation in [DEACTIVATE, REACTIVATE] {
            let refusal = stage.refused(Some(&admin.token), mutation, json!({ "memberId": invited })).await;
            assert_eq!(refusal["code"], "NOT_ALLOWED_IN_STATUS");
            let unknown = rollcall::primitives::ids::MemberId::new().to_string();
            let of_none = stage.refused(Some(&admin.token), mutation, json!({ "memberId": unknown })).await;
            let of_other = json!({ "memberId": elsewhere.member_id });
            assert_eq!(stage.refused(Some(&admin.token), mutation, of_other).await, of_none);
            assert_eq!(of_none["code"], "NOT_FOUND");
            for wrong in [json!({ "memberId": invitation }), json!({ "memberId": "42" }), json!({}), json!({ "memberId": asset })] {
                let failure = stage.failed(Some(&admin.token), mutation, json!({ "input": wrong })).await;
                assert_eq!(failure["code"], "BAD_USER_INPUT");
            }
            let not_admin = json!({ "input": { "memberId": admin.member_id } });
            assert_eq!(stage.failed(Some(&member.token), mutation, not_admin).await["code"], "FORBIDDEN");
        }
        let long = json!({ "memberId": member.member_id, "note": "x".repeat(2001) });
        let refusal = stage.refused(Some(&admin.token), DEACTIVATE, long).await;
        assert_eq!((&refusal["code"], &refusal["field"]), (&json!("INVALID_INPUT"), &json!(["input", "note"])));
        assert_eq!(stage.event_types(&admin.workspace_id).await, before);
    }

    /// A deactivated member's role may be changed, and holds when they are back.
    async fn the_role_of_a_resting_member_may_be_changed(stage) {
        let (admin, member, _) = pair(stage).await;
        stage.deactivate(&admin, &member).await;
        let role = stage.role(&admin, "Workspace reviewer").await;
        stage.done(Some(&admin.token), SET_ROLE, json!({ "memberId": member.member_id, "roleId": role })).await;
        let back = stage.reactivate(&admin, &member).await;
        assert_eq!(text(&back["member"]["role"]["name"]), "Workspace reviewer");
    }
}
