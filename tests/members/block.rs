//! Blocking and unblocking, from the outside (rules.md, "Blocking").

use serde_json::{Value, json};

use crate::on_both_stages;
use crate::support::app::Stage;
use crate::support::cast::{ACCEPT, BLOCK, ENTER, INVITE, Seat, UNBLOCK, received, text};

const WHOAMI: &str = "{ workspace { id viewerMember { id status } } }";
const MEMBERSHIPS: &str = "{ viewer { memberships(first: 10) { nodes { status displayStatus workspaceId workspaceName contact { email } } } } }";

/// An admin and an operator of a wallet workspace.
async fn pair(stage: &Stage) -> (Seat, Seat) {
    let ada = stage.person("Ada").await;
    let admin = stage.workspace(&ada, "WALLET").await;
    let mallory = stage.person("Mallory").await;
    let member = stage.join(&admin, &mallory, "Workspace operator", &[]).await;
    (admin, member)
}

async fn refusal_at_each_server(stage: &Stage, seat: &Seat) -> Vec<Value> {
    let mut refusals = Vec::new();
    for server in &stage.servers {
        let answer = stage.ask_at(server, Some(&seat.token), WHOAMI, json!({})).await;
        refusals.push(answer["errors"][0]["extensions"].clone());
    }
    refusals
}

on_both_stages! {
    /// BLK-2, REV-1: with the block's answer each request of the member is refused, on every server, with the cause
    /// and the contact.
    async fn a_blocked_member_is_refused_everywhere_with_the_cause(stage) {
        let (admin, member) = pair(stage).await;
        stage.data(Some(&member.token), WHOAMI, json!({})).await;
        let blocked = stage.block(&admin, &member).await;
        assert_eq!(blocked["member"]["status"], "BLOCKED");
        assert_eq!(blocked["member"]["displayStatus"], "INACTIVE");
        assert_eq!(blocked["member"]["block"]["category"], "SECURITY_CONCERN");
        for refusal in refusal_at_each_server(stage, &member).await {
            assert_eq!(refusal["code"], "UNAUTHENTICATED");
            assert_eq!(refusal["retryable"], false);
            assert_eq!(refusal["sessionEnd"]["cause"], "BLOCKED");
            assert_eq!(refusal["sessionEnd"]["contact"]["email"], "ada@example.com");
        }
    }

    /// BLK-3: a blocked member can't enter; the refusal says why and who to turn to.
    async fn a_blocked_member_can_not_enter(stage) {
        let (admin, member) = pair(stage).await;
        stage.block(&admin, &member).await;
        let input = json!({ "workspaceId": admin.workspace_id });
        let refusal = stage.refused(Some(&member.person.token), ENTER, input).await;
        assert_eq!(refusal["__typename"], "MembershipBlocked");
        assert_eq!(refusal["code"], "MEMBERSHIP_BLOCKED");
        assert_eq!(refusal["contact"]["email"], "ada@example.com");
    }

    /// BLK-4: the workspace stays among the memberships, marked; other workspaces are untouched.
    async fn the_workspace_stays_listed_as_blocked_and_others_are_untouched(stage) {
        let (admin, member) = pair(stage).await;
        let own = stage.workspace(&member.person, "TEAM").await;
        stage.block(&admin, &member).await;
        let data = stage.data(Some(&own.token), MEMBERSHIPS, json!({})).await;
        let mut found: Vec<(String, String)> = data["viewer"]["memberships"]["nodes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| (text(&it["workspaceId"]), text(&it["status"])))
            .collect();
        found.sort();
        let mut expected =
            vec![(admin.workspace_id.clone(), "BLOCKED".into()), (own.workspace_id.clone(), "ACTIVE".into())];
        expected.sort();
        assert_eq!(found, expected);
        stage.data(Some(&own.token), WHOAMI, json!({})).await;
    }

    /// BLK-1, BLK-6: the block changes neither role nor assignments; unblocking gives all back at once, with the
    /// account session that the person has; old workspace sessions stay dead.
    async fn unblocking_gives_everything_back_but_old_sessions(stage) {
        let ada = stage.person("Ada").await;
        let admin = stage.workspace(&ada, "WALLET").await;
        let asset = stage.asset(&admin, "Pay").await;
        let grace = stage.person("Grace").await;
        let member = stage.join(&admin, &grace, "Workspace developer", &[&asset]).await;
        let blocked = stage.block(&admin, &member).await;
        assert_eq!(blocked["member"]["assignments"], json!([{ "assetId": asset, "role": null }]));
        let unblocked = stage.unblock(&admin, &member).await;
        assert_eq!(unblocked["member"]["status"], "ACTIVE");
        assert_eq!(unblocked["member"]["role"]["name"], "Workspace developer");
        assert_eq!(unblocked["member"]["assignments"], json!([{ "assetId": asset, "role": null }]));
        for refusal in refusal_at_each_server(stage, &member).await {
            assert_eq!(refusal["sessionEnd"]["cause"], "BLOCKED");
        }
        let again = stage.take_seat_at(stage.elsewhere(), &member.person, &admin.workspace_id).await;
        assert_eq!(again.member_id, member.member_id);
    }

    /// BLK-7, BLK-10, API-1: a key blocks, fails to unblock, and the attempts are on record: one event an hour.
    async fn a_key_blocks_but_never_unblocks_and_its_attempts_are_on_record(stage) {
        let (admin, member) = pair(stage).await;
        let key = stage.api_key(&admin).await;
        stage.done(Some(&key), BLOCK, json!({ "memberId": member.member_id })).await;
        for _ in 0..3 {
            let refusal = stage.refused(Some(&key), UNBLOCK, json!({ "memberId": member.member_id })).await;
            assert_eq!(refusal["__typename"], "BlockedRequiresAdmin");
            assert!(refusal["blockedAt"].is_string());
        }
        let query = "query($id: ID!) { workspace { member(id: $id) { status refusedAttempts { actor { kind } origin \
                     action attempts } } } }";
        let data = stage.data(Some(&admin.token), query, json!({ "id": member.member_id })).await;
        let shown = &data["workspace"]["member"];
        assert_eq!(shown["status"], "BLOCKED");
        let attempt = json!({
            "actor": { "kind": "API_KEY" }, "origin": "AUTOMATION", "action": "UNBLOCK", "attempts": 3,
        });
        assert_eq!(shown["refusedAttempts"], json!([attempt]));
        let count = |types: &[String]| types.iter().filter(|it| *it == "RefusedAttemptRecorded").count();
        assert_eq!(count(&stage.event_types(&admin.workspace_id).await), 1);
        stage.advance_hours(1);
        stage.refused(Some(&key), UNBLOCK, json!({ "memberId": member.member_id })).await;
        assert_eq!(count(&stage.event_types(&admin.workspace_id).await), 2);
    }

    /// BLK-7: an invitation is no way round a block, and the try is on record.
    async fn an_invitation_is_no_way_round_a_block(stage) {
        let (admin, member) = pair(stage).await;
        stage.block(&admin, &member).await;
        let input = json!({ "list": member.person.email });
        let invited = stage.done(Some(&admin.token), INVITE, input).await;
        assert_eq!(invited["results"][0]["userErrors"][0]["code"], "BLOCKED_REQUIRES_ADMIN");
        assert!(stage.event_types(&admin.workspace_id).await.contains(&"RefusedAttemptRecorded".to_owned()));
    }

    /// WSP-6, WSP-7: the last admin stays, and nobody blocks themselves.
    async fn nobody_blocks_themselves(stage) {
        let (admin, _) = pair(stage).await;
        let before = stage.event_types(&admin.workspace_id).await;
        let refusal = stage.refused(Some(&admin.token), BLOCK, json!({ "memberId": admin.member_id })).await;
        assert_eq!(refusal["code"], "NOT_YOURSELF");
        let key = stage.api_key(&admin).await;
        let refusal = stage.refused(Some(&key), BLOCK, json!({ "memberId": admin.member_id })).await;
        assert_eq!(refusal["code"], "NOT_YOURSELF");
        assert_eq!(stage.event_types(&admin.workspace_id).await.len(), before.len() + 1, "the key alone");
    }

    /// LIF-2: blocking twice is an ordinary refusal that names what is possible instead.
    async fn blocking_twice_is_refused_with_the_way_out(stage) {
        let (admin, member) = pair(stage).await;
        stage.block(&admin, &member).await;
        let refusal = stage.refused(Some(&admin.token), BLOCK, json!({ "memberId": member.member_id })).await;
        assert_eq!(refusal["__typename"], "NotAllowedInStatus");
        assert_eq!(refusal["status"], "BLOCKED");
        assert!(refusal["allowedActions"].as_array().unwrap().contains(&json!("UNBLOCK")));
        assert_eq!(refusal["field"], json!(["input", "memberId"]));
    }

    /// BLK-9 and SES-2: a blocked member's other sessions, made on another server, are dead as well.
    async fn every_session_of_the_member_ends_at_once(stage) {
        let (admin, member) = pair(stage).await;
        let second = stage.take_seat_at(stage.elsewhere(), &member.person, &admin.workspace_id).await;
        stage.block(&admin, &member).await;
        for seat in [&member, &second] {
            for refusal in refusal_at_each_server(stage, seat).await {
                assert_eq!(refusal["sessionEnd"]["cause"], "BLOCKED");
            }
        }
    }

    /// API-2: a key stops while its maker is blocked, and works again after.
    async fn a_key_stops_with_its_maker_and_works_again_after(stage) {
        let (admin, member) = pair(stage).await;
        let other = stage.person("Grace").await;
        let other = stage.join(&admin, &other, "Workspace admin", &[]).await;
        let key = stage.api_key(&other).await;
        stage.data(Some(&key), "{ workspace { id } }", json!({})).await;
        stage.block(&admin, &other).await;
        let refusal = stage.failed(Some(&key), BLOCK, json!({ "input": { "memberId": member.member_id } })).await;
        assert_eq!(refusal["code"], "UNAUTHENTICATED");
        stage.unblock(&admin, &other).await;
        stage.data(Some(&key), "{ workspace { id } }", json!({})).await;
    }

    /// WSP-8: an id of another workspace's member answers exactly as one that doesn't exist.
    async fn a_member_of_another_workspace_is_unknown(stage) {
        let (admin, _) = pair(stage).await;
        let eve = stage.person("Eve").await;
        let elsewhere = stage.workspace(&eve, "WALLET").await;
        let unknown = rollcall::primitives::ids::MemberId::new().to_string();
        let of_other = stage.refused(Some(&admin.token), BLOCK, json!({ "memberId": elsewhere.member_id })).await;
        let of_none = stage.refused(Some(&admin.token), BLOCK, json!({ "memberId": unknown })).await;
        assert_eq!(of_other, of_none);
        assert_eq!(of_other["code"], "NOT_FOUND");
        stage.data(Some(&elsewhere.token), WHOAMI, json!({})).await;
    }

    /// BLK-9, INV-6: declined or not, a member who is blocked and unblocked keeps one id and one row.
    async fn a_member_keeps_one_id(stage) {
        let (admin, member) = pair(stage).await;
        stage.block(&admin, &member).await;
        stage.unblock(&admin, &member).await;
        let rows = stage.sql("SELECT COUNT(*) AS it FROM members WHERE account_id IS NOT NULL").await;
        assert_eq!(rows[0].try_get::<i64>("", "it").unwrap(), 2);
        let again = stage.take_seat(&member.person, &admin.workspace_id).await;
        assert_eq!(again.member_id, member.member_id);
    }

    /// A member who was invited and not yet accepted can't be blocked, and a note that is too long changes nothing.
    async fn bad_input_changes_nothing(stage) {
        let (admin, member) = pair(stage).await;
        let (invited, invitation) = stage.invite(&admin, "late@example.com", "Workspace operator", &[]).await;
        let before = stage.event_types(&admin.workspace_id).await;
        let refusal = stage.refused(Some(&admin.token), BLOCK, json!({ "memberId": invited })).await;
        assert_eq!(refusal["code"], "NOT_ALLOWED_IN_STATUS");
        let long = json!({ "memberId": member.member_id, "note": "x".repeat(2001) });
        let refusal = stage.refused(Some(&admin.token), BLOCK, long).await;
        assert_eq!((&refusal["code"], &refusal["field"]), (&json!("INVALID_INPUT"), &json!(["input", "note"])));
        let wrong_kind = json!({ "input": { "memberId": invitation } });
        let failure = stage.failed(Some(&admin.token), BLOCK, wrong_kind).await;
        assert_eq!(failure["code"], "BAD_USER_INPUT");
        assert_eq!(failure["field"], json!(["input", "memberId"]));
        let rubbish = json!({ "input": { "memberId": "42" } });
        assert_eq!(stage.failed(Some(&admin.token), BLOCK, rubbish).await["code"], "BAD_USER_INPUT");
        let missing = json!({ "input": {} });
        assert_eq!(stage.failed(Some(&admin.token), BLOCK, missing).await["code"], "BAD_USER_INPUT");
        assert_eq!(stage.event_types(&admin.workspace_id).await, before);
        stage.refused(Some(&member.person.token), ACCEPT, json!({ "invitationId": received(&invitation) })).await;
    }
}
