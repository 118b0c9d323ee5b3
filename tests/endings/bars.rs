//! BLK-8 outlives a deletion for ever: whoever was removed while blocked is still invited by an admin directly alone.

use serde_json::{Value, json};

use super::delete_member::DELETE;
use crate::on_both_stages;
use crate::support::app::Stage;
use crate::support::cast::{ACCEPT, INVITE, Seat, received, text};
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
