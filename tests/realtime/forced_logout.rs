//! Who is put out hears why, at once, on whatever server, and nothing after it (BLK-2, REV-4, SES-3, SES-4, API-2).

use serde_json::json;

use super::company::{Company, SESSION_EVENTS, VIEWER_EVENTS, WORKSPACE_EVENTS};
use crate::on_both_stages;
use crate::support::people::mutation;
use crate::support::socket::{Heard, Socket};

on_both_stages! {
    async fn blk_2_the_open_window_of_a_blocked_member_hears_why_and_is_closed(stage) {
        let company = Company::found(stage).await;
        let cursor = company.cursor().await;
        let mut window = company.window(stage.elsewhere(), &company.member, &cursor).await;

        company.block(&company.member).await;

        let ended = window.next("session").await;
        assert_eq!(ended["sessionEvents"]["__typename"], "SessionEnded");
        assert_eq!(ended["sessionEvents"]["cause"], "BLOCKED");
        assert!(ended["sessionEvents"]["message"].as_str().is_some_and(|text| text.contains("blocked")));
        assert_eq!(ended["sessionEvents"]["contact"]["email"], "ada@example.com");
        let mut completed = [window.message().await, window.message().await];
        completed.sort_by_key(|message| message["id"].to_string());
        let wanted = ["session", "workspace"].map(|id| json!({ "type": "complete", "id": id }));
        assert_eq!(completed, wanted);
        assert_eq!(window.expect_close(4401).await, "BLOCKED");
    }

    /// A window that listens to nothing still learns the cause: from the close frame.
    async fn blk_2_a_silent_window_hears_why_as_well(stage) {
        let company = Company::found(stage).await;
        let mut window = Socket::open(stage.elsewhere(), &company.member.token).await;
        company.block(&company.member).await;
        assert_eq!(window.expect_close(4401).await, "BLOCKED");
    }

    async fn blk_4_other_windows_stay_and_the_person_hears_of_it(stage) {
        let company = Company::found(stage).await;
        let other = stage.found(&company.member.human, "Garden", "TEAM").await;
        let elsewhere = stage.enter(&company.member.human, &other).await;
        let mut garden = Socket::open(stage.elsewhere(), &elsewhere).await;
        let mut person = Socket::open(stage.elsewhere(), &company.member.human.token).await;
        let mut admin = Socket::open(stage.elsewhere(), &company.admin.token).await;
        let viewer = "{ viewer { eventCursor } }";
        let place = stage.data(Some(&company.member.human.token), viewer, json!({})).await;
        let after = json!({ "after": place["viewer"]["eventCursor"] });
        person.subscribe("person", VIEWER_EVENTS, after).await;

        company.block(&company.member).await;

        let told = person.next("person").await["viewerEvents"].clone();
        assert_eq!(told["__typename"], "ViewerMembershipBlocked");
        let membership =
            json!({ "workspaceId": company.workspace, "memberId": company.member.id, "status": "BLOCKED" });
        assert_eq!(told["membership"], membership);
        assert_eq!(told["actor"]["kind"], "UNDISCLOSED", "which admin it was is for admins");
        garden.subscribe("q", "{ workspace { name } }", json!({})).await;
        assert_eq!(garden.next("q").await["workspace"]["name"], "Garden");
        admin.subscribe("q", "{ workspace { name } }", json!({})).await;
        assert_eq!(admin.next("q").await["workspace"]["name"], "Engine");
    }

    /// REV-4: the blocked member's socket never shows the block itself, nor what came after it.
    async fn rev_4_nothing_after_the_block_is_written(stage) {
        let company = Company::found(stage).await;
        company.set_role(&company.member, "Admin").await;
        let cursor = company.cursor().await;
        let mut window = company.window(stage.elsewhere(), &company.member, &cursor).await;
        let mut admin = Socket::open(stage.elsewhere(), &company.admin.token).await;
        admin.subscribe("all", WORKSPACE_EVENTS, json!({ "after": cursor })).await;
        company.register_asset("before").await;
        company.block(&company.member).await;
        company.register_asset("after").await;

        let kinds = |events: &[serde_json::Value]| -> Vec<String> {
            events.iter().map(|event| event["workspaceEvents"]["__typename"].to_string()).collect()
        };
        let mut seen = Vec::new();
        for _ in 0..3 {
            seen.push(admin.next("all").await);
        }
        assert_eq!(kinds(&seen), ["\"AssetRegistered\"", "\"MemberBlocked\"", "\"AssetRegistered\""]);
        let (messages, end) = window.until_closed().await;
        assert_eq!(end, Heard::Closed { code: 4401, reason: "BLOCKED".into() });
        let shown = messages.iter().filter(|message| message["id"] == "workspace" && message["type"] == "next");
        let shown: Vec<_> = shown.map(|message| message["payload"]["data"].clone()).collect();
        // What waited when the end came is discarded; what is shown is of before it.
        assert!(shown.is_empty() || shown == seen[..1], "{shown:?}");
    }

    async fn blk_3_whoever_is_blocked_is_not_let_in_and_hears_why(stage) {
        let company = Company::found(stage).await;
        company.block(&company.member).await;
        let mut window = Socket::connect(stage.elsewhere()).await;
        window.init(&company.member.token).await;
        assert_eq!(window.expect_close(4401).await, "BLOCKED");
    }

    /// BLK-6: old sessions stay dead; a new one is let in.
    async fn blk_6_after_the_unblocking_old_windows_stay_out_and_new_ones_come_in(stage) {
        let company = Company::found(stage).await;
        company.block(&company.member).await;
        company.unblock(&company.member).await;
        let mut old = Socket::connect(stage.elsewhere()).await;
        old.init(&company.member.token).await;
        old.expect_close(4401).await;
        let token = stage.enter(&company.member.human, &company.workspace).await;
        Socket::open(stage.elsewhere(), &token).await;
    }

    /// SES-3: a workspace session ends with the account session that it hangs on.
    async fn ses_3_signing_out_closes_the_persons_windows_of_both_kinds(stage) {
        let company = Company::found(stage).await;
        let mut person = Socket::open(stage.elsewhere(), &company.member.human.token).await;
        let mut inside = Socket::open(stage.elsewhere(), &company.member.token).await;
        inside.listen("session", SESSION_EVENTS, json!({})).await;
        stage.done(Some(&company.member.human.token), &mutation("signOut", ""), json!({})).await;
        assert_eq!(person.expect_close(4401).await, "SIGNED_OUT");
        assert_eq!(inside.next("session").await["sessionEvents"]["cause"], "SIGNED_OUT");
        inside.expect_complete("session").await;
        assert_eq!(inside.expect_close(4401).await, "SIGNED_OUT");
    }

    async fn ses_3_an_admin_ends_a_members_windows(stage) {
        let company = Company::found(stage).await;
        let mut window = Socket::open(stage.elsewhere(), &company.member.token).await;
        let input = json!({ "memberId": company.member.id });
        stage.done(Some(&company.admin.token), &mutation("endMemberSessions", ""), input).await;
        assert_eq!(window.expect_close(4401).await, "ENDED");
    }

    /// SES-4: connected clients are told, and an open socket is not use.
    async fn ses_4_a_window_whose_session_comes_of_age_is_closed(stage) {
        let company = Company::found(stage).await;
        let mut window = Socket::open(stage.elsewhere(), &company.member.token).await;
        window.listen("session", SESSION_EVENTS, json!({})).await;
        stage.advance_hours(24 * 8);
        assert_eq!(window.next("session").await["sessionEvents"]["cause"], "EXPIRED");
        window.expect_complete("session").await;
        assert_eq!(window.expect_close(4401).await, "EXPIRED");
    }

    /// SES-4: a session that was used elsewhere in the meantime lives on, and so does its socket.
    async fn ses_4_a_window_whose_session_is_used_elsewhere_stays(stage) {
        let company = Company::found(stage).await;
        let mut window = Socket::open(stage.elsewhere(), &company.member.token).await;
        for _ in 0..3 {
            stage.advance_hours(24 * 4);
            stage.data(Some(&company.member.token), "{ workspace { id } }", json!({})).await;
            stage.run_jobs().await;
        }
        window.subscribe("q", "{ workspace { name } }", json!({})).await;
        assert_eq!(window.next("q").await["workspace"]["name"], "Engine");
    }

    /// SES-3, API-2: whose sessions are ended may sign in again; their keys work on, and so do the sockets of these.
    async fn api_2_a_keys_socket_outlives_the_end_of_its_makers_sessions(stage) {
        let company = Company::found(stage).await;
        let (key, _) = company.api_key().await;
        let mut automation = Socket::open(stage.elsewhere(), &key).await;
        automation.listen("w", WORKSPACE_EVENTS, json!({})).await;
        let mut window = Socket::open(stage.elsewhere(), &company.admin.token).await;
        let input = json!({ "memberId": company.admin.id });
        let ended =
            stage.done(Some(&company.admin.token), &mutation("endMemberSessions", "eventCursor"), input).await;
        assert_eq!(window.expect_close(4401).await, "ENDED");
        let told = automation.next("w").await;
        assert_eq!(told["workspaceEvents"]["eventCursor"], ended["eventCursor"]);
        automation.fence().await;
    }

    /// delivery.md: an older server in a rolling deploy obeys a type that it doesn't know, by asking the database.
    async fn an_effect_of_a_later_release_puts_out_whom_the_database_says(stage) {
        let company = Company::found(stage).await;
        let cursor = company.cursor().await;
        let mut admin = Socket::open(stage.elsewhere(), &company.admin.token).await;
        admin.subscribe("all", WORKSPACE_EVENTS, json!({ "after": cursor })).await;
        let mut window = Socket::open(stage.elsewhere(), &company.member.token).await;
        let end = format!(
            "UPDATE workspace_sessions SET ended_at = 1, end_cause = 'REMOVED' WHERE member_id IN \
             (SELECT id FROM members WHERE email = '{}')",
            company.member.human.email
        );
        stage.sql(&end).await;
        company.write_of_tomorrow().await;
        assert_eq!(window.expect_close(4401).await, "REMOVED");
        let shown = admin.next("all").await["workspaceEvents"].clone();
        assert_eq!(shown["__typename"], "OtherEvent");
    }

    async fn api_2_a_revoked_keys_socket_is_closed(stage) {
        let company = Company::found(stage).await;
        let (token, id) = company.api_key().await;
        let mut automation = Socket::open(stage.elsewhere(), &token).await;
        let revoke = mutation("revokeApiKey", "");
        stage.done(Some(&company.admin.token), &revoke, json!({ "apiKeyId": id })).await;
        assert_eq!(automation.expect_close(4401).await, "KEY_REVOKED");
    }

    /// API-2: a key works only while its maker is an active admin.
    async fn api_2_a_keys_socket_is_closed_with_its_makers_rights(stage) {
        let company = Company::found(stage).await;
        let (token, _) = company.api_key().await;
        let mut automation = Socket::open(stage.elsewhere(), &token).await;
        company.set_role(&company.member, "Admin").await;
        let second = Company { stage, workspace: company.workspace.clone(), admin: company.member, member: company.admin };
        second.set_role(&second.member, "Member").await;
        assert_eq!(automation.expect_close(4401).await, "KEY_REVOKED");
    }
}
