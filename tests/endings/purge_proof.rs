//! The purge proof: after a deletion for ever nothing in the workspace tells who the person was (DEL-1).

use rollcall::primitives::ids::AssetId;
use serde_json::json;

use super::delete_member::DELETE;
use super::marks::{found_in_files, found_in_rows};
use crate::answers::keys::{code, keyed};
use crate::on_both_stages;
use crate::support::app::Stage;
use crate::support::cast::{BLOCK, CREATE_API_KEY, DEACTIVATE, INVITE, Person, REMOVE, Seat, UNBLOCK};
use crate::support::people::mutation;

/// In every text that a person could be known by, and in nothing else.
const MARKS: [&str; 4] = ["zerlinda", "quixwort", "xanthippe", "jabberwock"];

/// Somebody who has left all that can be left: two names, two addresses, assets, shares, notes, keys, attempts, messages.
async fn somebody(stage: &Stage, admin: &Seat) -> Person {
    let name = "Zerlinda Quixwort";
    stage
        .done(Some(&admin.token), INVITE, json!({ "list": "Zerlinda Early <zerlinda.quixwort@example.com>" }))
        .await;
    let early = "{ workspace { members(first: 9) { nodes { invitation { id } } } } }";
    let list = stage.data(Some(&admin.token), early, json!({})).await;
    let members = list["workspace"]["members"]["nodes"].as_array().expect("members").clone();
    let open = members.iter().find(|it| it["invitation"]["id"].is_string()).expect("the invitation");
    let withdraw = mutation("withdrawInvitation", "");
    stage.run_jobs().await;
    stage.done(Some(&admin.token), &withdraw, json!({ "invitationId": open["invitation"]["id"] })).await;

    let person = stage.person(name).await;
    let seat = stage.join(admin, &person, "Workspace admin", &[]).await;
    let asset = stage.asset(&seat, "Diary of Zerlinda").await;
    stage.asset(&seat, "Zerlinda's own").await;
    let dev = stage.person("Dev").await;
    stage.join(admin, &dev, "Workspace developer", &[&asset]).await;
    stage.done(Some(&seat.token), CREATE_API_KEY, json!({ "name": "Quixwort sync" })).await;
    let (by_them, _) = stage.invite(&seat, "guest@example.com", "Workspace operator", &[]).await;
    stage.run_jobs().await;
    assert!(!by_them.is_empty());

    let change = mutation("changeEmail", "");
    let new = json!({ "email": "xanthippe@example.com", "password": crate::support::cast::PASSWORD });
    stage.done(Some(&person.token), &change, new).await;
    let link = stage.mailed_token("xanthippe@example.com").await;
    let proof = json!({ "token": link, "password": crate::support::cast::PASSWORD });
    stage.done(Some(&person.token), &mutation("verifyEmail", ""), proof).await;
    stage.run_jobs().await;

    let id = &seat.member_id;
    let token = Some(admin.token.as_str());
    let key = stage.api_key(admin).await;
    stage.done(token, BLOCK, json!({ "memberId": id, "note": "jabberwock the first" })).await;
    stage.refused(Some(&key), UNBLOCK, json!({ "memberId": id })).await;
    let says = json!({ "workspaceId": admin.workspace_id, "message": "It is me, jabberwock" });
    stage.done(Some(&person.token), &mutation("contactAdmins", ""), says).await;
    stage.run_jobs().await;
    stage.done(token, UNBLOCK, json!({ "memberId": id, "note": "jabberwock the second" })).await;
    stage.done(token, DEACTIVATE, json!({ "memberId": id, "note": "jabberwock the third" })).await;
    Person { email: "xanthippe@example.com".into(), ..person }
}

async fn member_of(stage: &Stage, admin: &Seat, email: &str) -> String {
    let query = "query($email: String!) { workspace { memberByEmail(email: $email) { id } } }";
    let found = stage.data(Some(&admin.token), query, json!({ "email": email })).await;
    crate::support::cast::text(&found["workspace"]["memberByEmail"]["id"])
}

/// Letters about what people do with their own accounts are theirs, and tell no workspace of anybody.
fn is_the_accounts(place: &str) -> bool {
    ["accounts.", "email_links.", "mailbox of accounts.", "outbox of accounts."]
        .iter()
        .any(|own| place.starts_with(own))
}

on_both_stages! {
    /// DEL-1, DEL-2: with an account that lives on, the account's own tables alone know the person.
    async fn of_somebody_deleted_for_ever_the_account_alone_is_left(stage) {
        let ada = stage.person("Ada").await;
        let admin = stage.workspace(&ada, "WALLET").await;
        let person = somebody(stage, &admin).await;
        let there = found_in_rows(stage, &MARKS).await;
        for table in [
            "members.name", "members.name_key", "members.email_key", "member_addresses.email_key", "member_words.word",
            "member_notes.note", "contact_requests.message", "assets.name", "api_keys.name", "invitations.email_key",
            "mailbox.body", "members.departure_note",
        ] {
            assert!(there.iter().any(|it| it.starts_with(table)), "{table} holds a mark before: {there:#?}");
        }
        let member = member_of(stage, &admin, &person.email).await;
        let before = stage.event_types(&admin.workspace_id).await;
        stage.done(Some(&admin.token), DELETE, json!({ "memberId": member, "email": person.email })).await;
        let left = found_in_rows(stage, &MARKS).await;
        let strange: Vec<&String> = left.iter().filter(|place| !is_the_accounts(place)).collect();
        assert!(strange.is_empty(), "{strange:#?}");
        assert!(left.iter().any(|place| place.starts_with("accounts.name")), "the account is the person's");
        // The log keeps every event that it had, without a gap, and can be read.
        let after = stage.event_types(&admin.workspace_id).await;
        assert_eq!(after[..before.len()], before[..]);
        assert_eq!(after.last().expect("an event"), "MemberDeletedForever");
    }

    /// DEL-1, LIF-6: nor do answers that others were given in their account's session, which may name whom to turn to.
    async fn answers_to_others_forget_whom_they_named_as_the_contact(stage) {
        let person = stage.person("Zerlinda Quixwort").await;
        let first = stage.workspace(&Person { name: "Plain".into(), ..person.clone() }, "WALLET").await;
        let (ada, bob) = (stage.person("Ada").await, stage.person("Bob").await);
        let admin = stage.join(&first, &ada, "Workspace admin", &[]).await;
        let member = stage.join(&first, &bob, "Workspace operator", &[]).await;
        stage.execute(r#"UPDATE workspaces SET policy = '{"rejoin_deactivated":true}'"#).await;
        stage.deactivate(&admin, &member).await;
        let rejoin = mutation("rejoinWorkspace", "membership { contact { text email } }");
        let input = json!({ "input": { "workspaceId": first.workspace_id } });
        let call = async || keyed(stage, stage.here(), (Some(&bob.token), "one"), (&rejoin, input.clone())).await;
        let (_, answer) = call().await;
        let contact = &answer["data"]["rejoinWorkspace"]["membership"]["contact"];
        assert_eq!(contact["email"], person.email, "{answer:#}");
        assert_eq!(call().await.1, answer);
        stage.deactivate(&admin, &first).await;
        let wish = json!({ "memberId": first.member_id, "email": person.email });
        stage.done(Some(&admin.token), DELETE, wish).await;
        let (status, lost) = call().await;
        assert_eq!((status, code(&lost)), (409, "ANSWER_LOST"));
        let left = found_in_rows(stage, &MARKS).await;
        let strange: Vec<&String> = left.iter().filter(|place| !is_the_accounts(place)).collect();
        assert!(strange.is_empty(), "{strange:#?}");
    }

    /// DEL-1: without an account nothing is left anywhere: in no row, and on SQLite in no byte of its files.
    async fn of_somebody_without_an_account_nothing_is_left_in_any_row_or_byte(stage) {
        let ada = stage.person("Ada").await;
        let admin = stage.workspace(&ada, "WALLET").await;
        let person = somebody(stage, &admin).await;
        let member = member_of(stage, &admin, &person.email).await;
        // What went with the person is theirs, and what was lost goes with them; what they leave to the workspace would be
        // its own.
        let diary = stage.sql("SELECT id FROM assets WHERE name = 'Diary of Zerlinda'").await;
        let diary = diary[0].try_get::<AssetId>("", "id").expect("an id").to_string();
        let along = json!({ "everything": { "to": "PERSON" }, "each": [{ "assetId": diary, "to": "LOST" }] });
        let input = json!({ "memberId": member, "note": "jabberwock the last", "assets": along });
        stage.done(Some(&admin.token), REMOVE, input).await;
        let person = stage.sign_in_as(&person.name, &person.email).await;
        let delete = mutation("deleteAccount", "");
        stage.done(Some(&person.token), &delete, json!({ "password": crate::support::cast::PASSWORD })).await;
        stage.run_jobs().await;
        assert!(!found_in_rows(stage, &MARKS).await.is_empty(), "the workspace still knows who was removed");
        stage.done(Some(&admin.token), DELETE, json!({ "memberId": member, "email": person.email })).await;
        assert_eq!(found_in_rows(stage, &MARKS).await, Vec::<String>::new());
        stage.run_jobs().await;
        assert_eq!(found_in_files(stage, &MARKS), Vec::<String>::new());
    }
}
