//! BLK-8 outlives a deletion for ever: whoever was removed while blocked is still invited by an admin directly alone.

use serde_json::{Value, json};

use super::delete_member::DELETE;
use crate::on_both_stages;
use crate::support::app::Stage;
use crate::support::cast::{ACCEPT, INVITE, PASSWORD, Seat, received, text};
use crate::support::people::mutation;

/// Somebody who was blocked, removed by that, and deleted for ever.
async fn deleted_while_marked(stage: &Stage) -> (Seat, Seat) {
    let ada = stage.person("Ada").await;
    let admin = stage.workspace(&ada, "WALLET").await;
    let mallory = stage.person("Mallory").await;
    let seat = stage.join(&admin, &mallory, "Workspace operator", &[]).await;
    stage.block(&admin, &seat).await;
    stage.remove(&admin, &seat).await;
    delete(stage, &admin, &seat.member_id, &mallory.email).await;
    (admin, seat)
}

async fn delete(stage: &Stage, admin: &Seat, member: &str, email: &str) {
    stage.done(Some(&admin.token), DELETE, json!({ "memberId": member, "email": email })).await;
}

async fn row(stage: &Stage, token: &str, list: &str) -> Value {
    stage.done(Some(token), INVITE, json!({ "list": list })).await["results"][0].clone()
}

on_both_stages! {
    /// BLK-8, DEL-1: not by a key, not in bulk; by an admin directly; and resent likewise.
    async fn blk_8_the_mark_outlives_a_deletion_for_ever(stage) {
        let (admin, mallory) = deleted_while_marked(stage).await;
        let email = &mallory.person.email;
        let key = stage.api_key(&admin).await;
        assert_eq!(row(stage, &key, email).await["userErrors"][0]["code"], "BLOCKED_REQUIRES_ADMIN");
        let two = format!("{email}, other@example.com");
        assert_eq!(row(stage, &admin.token, &two).await["userErrors"][0]["code"], "BLOCKED_REQUIRES_ADMIN");
        let invited = row(stage, &admin.token, email).await;
        assert_eq!(invited["userErrors"], json!([]), "{invited}");
        let resend = mutation("resendInvitation", "");
        let target = json!({ "invitationId": invited["invitation"]["id"] });
        stage.advance_hours(80);
        let ada = stage.sign_in_as("Ada", &admin.person.email).await;
        let admin = stage.take_seat(&ada, &admin.workspace_id).await;
        assert_eq!(stage.refused(Some(&key), &resend, target.clone()).await["code"], "BLOCKED_REQUIRES_ADMIN");
        // Withdrawn, they are nobody again, and the mark is still theirs.
        stage.done(Some(&admin.token), &mutation("withdrawInvitation", ""), target).await;
        assert_eq!(row(stage, &key, email).await["userErrors"][0]["code"], "BLOCKED_REQUIRES_ADMIN");
    }

    /// BLK-10, DEL-1: attempts on who was deleted for ever are on record, one event an hour for each who tries, with a count;
    /// it says who tried, and not whom.
    async fn blk_10_attempts_on_somebody_deleted_are_on_record_and_name_nobody(stage) {
        let (admin, mallory) = deleted_while_marked(stage).await;
        let email = &mallory.person.email;
        let key = stage.api_key(&admin).await;
        let before = stage.event_types(&admin.workspace_id).await.len();
        for _ in 0..3 {
            row(stage, &key, email).await;
        }
        row(stage, &admin.token, &format!("{email}, {email}, other@example.com")).await;
        let types = stage.event_types(&admin.workspace_id).await;
        assert_eq!(types[before..], ["BarredAttemptRecorded", "MemberInvited", "BarredAttemptRecorded"]);
        let query = "{ workspace { barredAttempts { actor { kind } origin action attempts } } }";
        let shown = stage.data(Some(&admin.token), query, json!({})).await["workspace"]["barredAttempts"].clone();
        let attempt = |kind: &str, origin: &str, attempts: u8| {
            json!({ "actor": { "kind": kind }, "origin": origin, "action": "INVITE", "attempts": attempts })
        };
        let mut shown = shown.as_array().expect("attempts").clone();
        shown.sort_by_key(|it| it["attempts"].as_i64());
        assert_eq!(shown, [attempt("MEMBER", "BULK", 1), attempt("API_KEY", "AUTOMATION", 3)]);
        let told = stage.sql("SELECT payload FROM events WHERE type = 'BarredAttemptRecorded'").await;
        let payload: String = told[0].try_get("", "payload").expect("text");
        assert!(!payload.contains("mallory"), "{payload}");
        let bob = stage.person("Bob").await;
        let bob = stage.join(&admin, &bob, "Workspace operator", &[]).await;
        assert_eq!(stage.failed(Some(&bob.token), query, json!({})).await["code"], "FORBIDDEN");
    }

    /// BLK-8: until they have been active again; then they are invited, and deleted, like anybody.
    async fn blk_8_the_mark_of_a_deleted_member_ends_when_they_have_been_active_again(stage) {
        let (admin, mallory) = deleted_while_marked(stage).await;
        let person = stage.sign_in_as("Mallory", &mallory.person.email).await;
        let invited = row(stage, &admin.token, &person.email).await;
        let id = received(&text(&invited["invitation"]["id"]));
        stage.done(Some(&person.token), ACCEPT, json!({ "invitationId": id })).await;
        let seat = stage.take_seat(&person, &admin.workspace_id).await;
        stage.remove(&admin, &seat).await;
        delete(stage, &admin, &seat.member_id, &person.email).await;
        let key = stage.api_key(&admin).await;
        assert_eq!(row(stage, &key, &person.email).await["userErrors"], json!([]));
        assert!(stage.sql("SELECT 1 AS it FROM barred_addresses").await.is_empty());
    }

    /// BLK-8: it ends for every address of theirs, whichever they came back by.
    async fn blk_8_once_they_have_been_active_again_none_of_their_addresses_is_barred(stage) {
        let ada = stage.person("Ada").await;
        let admin = stage.workspace(&ada, "WALLET").await;
        let mallory = stage.person("Mallory").await;
        let seat = stage.join(&admin, &mallory, "Workspace operator", &[]).await;
        let mallory = stage.move_to(&mallory, "mallory.two@example.com").await;
        stage.block(&admin, &seat).await;
        stage.remove(&admin, &seat).await;
        delete(stage, &admin, &seat.member_id, &mallory.email).await;
        assert_eq!(stage.sql("SELECT 1 AS it FROM barred_addresses").await.len(), 2);
        let invited = row(stage, &admin.token, &mallory.email).await;
        let id = received(&text(&invited["invitation"]["id"]));
        stage.done(Some(&mallory.token), ACCEPT, json!({ "invitationId": id })).await;
        assert!(stage.sql("SELECT 1 AS it FROM barred_addresses").await.is_empty());
    }

    /// BLK-8: nor does a change of address, twice, and the end of the account lead round it, before the jobs have run or
    /// after.
    async fn blk_8_the_mark_follows_every_address_over_the_end_of_the_account(stage) {
        let ada = stage.person("Ada").await;
        let admin = stage.workspace(&ada, "WALLET").await;
        let key = stage.api_key(&admin).await;
        let mallory = stage.person("Mallory").await;
        let seat = stage.join(&admin, &mallory, "Workspace operator", &[]).await;
        stage.block(&admin, &seat).await;
        stage.remove(&admin, &seat).await;
        let mallory = stage.move_to(&mallory, "mallory.two@example.com").await;
        let mallory = stage.move_to(&mallory, "mallory.three@example.com").await;
        stage.done(Some(&mallory.token), &mutation("deleteAccount", ""), json!({ "password": PASSWORD })).await;
        let third = row(stage, &key, "mallory.three@example.com").await;
        assert_eq!(third["userErrors"][0]["code"], "BLOCKED_REQUIRES_ADMIN", "before the job");
        stage.run_jobs().await;
        for address in ["mallory@example.com", "mallory.two@example.com", "mallory.three@example.com"] {
            let refused = row(stage, &key, address).await;
            assert_eq!(refused["userErrors"][0]["code"], "BLOCKED_REQUIRES_ADMIN", "{address}");
        }
        assert!(stage.sql("SELECT 1 AS it FROM accounts WHERE ended_email_key IS NOT NULL").await.is_empty());
    }

    /// BLK-8, INV-7: an invitation that stood before the address became theirs doesn't let them in; a new one by an admin's
    /// own hand does.
    async fn blk_8_an_older_invitation_is_no_way_in_for_who_was_removed_while_blocked(stage) {
        let ada = stage.person("Ada").await;
        let admin = stage.workspace(&ada, "WALLET").await;
        let key = stage.api_key(&admin).await;
        let mallory = stage.person("Mallory").await;
        let seat = stage.join(&admin, &mallory, "Workspace operator", &[]).await;
        stage.block(&admin, &seat).await;
        stage.remove(&admin, &seat).await;
        let open = row(stage, &key, "mallory.two@example.com").await;
        assert_eq!(open["userErrors"], json!([]), "nobody knows yet whose that is");
        let mallory = stage.move_to(&mallory, "mallory.two@example.com").await;
        delete(stage, &admin, &seat.member_id, "mallory@example.com").await;
        let open = text(&open["invitation"]["id"]);
        let refusal = stage.refused(Some(&mallory.token), ACCEPT, json!({ "invitationId": received(&open) })).await;
        assert_eq!(refusal["code"], "INVITATION_NOT_VALID", "{refusal}");
        stage.done(Some(&admin.token), &mutation("withdrawInvitation", ""), json!({ "invitationId": open })).await;
        let anew = row(stage, &admin.token, &mallory.email).await;
        assert_eq!(anew["userErrors"], json!([]), "{anew}");
        let id = received(&text(&anew["invitation"]["id"]));
        stage.done(Some(&mallory.token), ACCEPT, json!({ "invitationId": id })).await;
    }

    /// BLK-8, WSP-8: the mark is the workspace's own, follows each address that they had, and tells nobody's address.
    async fn blk_8_the_mark_is_of_one_workspace_and_of_every_address(stage) {
        let (admin, mallory) = deleted_while_marked(stage).await;
        let eve = stage.person("Eve").await;
        let elsewhere = stage.workspace(&eve, "WALLET").await;
        let key = stage.api_key(&elsewhere).await;
        assert_eq!(row(stage, &key, &mallory.person.email).await["userErrors"], json!([]));
        let invited = row(stage, &admin.token, &mallory.person.email).await;
        assert_eq!(invited["userErrors"], json!([]), "{invited}");
        let hashes = stage.sql("SELECT address_hash FROM barred_addresses").await;
        assert_eq!(hashes.len(), 1);
        assert_eq!(hashes[0].try_get::<Vec<u8>>("", "address_hash").expect("bytes").len(), 32);
    }
}
