//! Writing to the admins (WSP-9), from the outside.

use serde_json::{Value, json};

use crate::on_both_stages;
use crate::support::app::Stage;
use crate::support::cast::Seat;

const CONTACT: &str = "mutation($input: ContactAdminsInput!) { contactAdmins(input: $input) { sent eventCursor \
     userErrors { code message field } } }";
const REQUESTS: &str =
    "query($id: ID!) { workspace { member(id: $id) { contactRequests { message createdAt } } } }";

async fn pair(stage: &Stage) -> (Seat, Seat) {
    let ada = stage.person("Ada").await;
    let admin = stage.workspace(&ada, "TEAM").await;
    let bob = stage.person("Bob").await;
    let member = stage.join(&admin, &bob, "Member", &[]).await;
    (admin, member)
}

async fn write(stage: &Stage, member: &Seat, message: &str) -> Value {
    let input = json!({ "workspaceId": member.workspace_id, "message": message });
    stage.done(Some(&member.person.token), CONTACT, input).await
}

async fn mails(stage: &Stage, to: &str) -> Vec<String> {
    stage.mails(to).await.into_iter().filter(|body| body.contains("writes:")).collect()
}

on_both_stages! {
    /// WSP-9: whoever is blocked, deactivated or removed reaches the admins, by event and by mail.
    async fn whoever_is_put_out_reaches_the_admins_by_event_and_mail(stage) {
        let (admin, member) = pair(stage).await;
        stage.deactivate(&admin, &member).await;
        assert_eq!(write(stage, &member, "I am back from my year.").await["sent"], true);
        stage.reactivate(&admin, &member).await;
        stage.block(&admin, &member).await;
        write(stage, &member, "I found the laptop.").await;
        stage.remove(&admin, &member).await;
        write(stage, &member, "May I come back?").await;
        let told = mails(stage, &admin.person.email).await;
        assert_eq!(told.len(), 3);
        assert!(told[1].contains("Bob (bob@example.com)") && told[1].contains("I found the laptop."), "{}", told[1]);
        let shown = stage.data(Some(&admin.token), REQUESTS, json!({ "id": member.member_id })).await;
        let messages: Vec<&Value> =
            shown["workspace"]["member"]["contactRequests"].as_array().unwrap().iter().map(|it| &it["message"]).collect();
        assert_eq!(messages, ["May I come back?", "I found the laptop.", "I am back from my year."]);
        let types = stage.event_types(&admin.workspace_id).await;
        assert_eq!(types.iter().filter(|it| *it == "AdminsContacted").count(), 3);
        let events = stage.sql("SELECT payload FROM events WHERE type = 'AdminsContacted'").await;
        assert!(!events.iter().any(|row| row.try_get::<String>("", "payload").unwrap().contains("laptop")), "DEL-1");
    }

    /// WSP-9: a contact that the admins have set gets the mail instead of each of them.
    async fn a_set_contact_gets_the_mail(stage) {
        let (admin, member) = pair(stage).await;
        stage.sql("UPDATE workspaces SET contact_email = 'desk@example.com'").await;
        write(stage, &member, "Hello").await;
        assert_eq!(mails(stage, "desk@example.com").await.len(), 1);
        assert_eq!(mails(stage, &admin.person.email).await.len(), 0);
    }

    /// WSP-9: where the contact is whoever writes, the other admins are written to.
    async fn wsp_9_who_is_the_contact_themself_reaches_the_admins(stage) {
        let (admin, member) = pair(stage).await;
        stage.sql(&format!("UPDATE workspaces SET contact_email = '{}'", member.person.email)).await;
        assert_eq!(write(stage, &member, "I am out, and the contact.").await["sent"], true);
        assert_eq!(mails(stage, &admin.person.email).await.len(), 1);
        assert_eq!(mails(stage, &member.person.email).await.len(), 0);
    }

    /// WSP-9: it is rate-limited, for each person by themselves.
    async fn nobody_writes_often(stage) {
        let (admin, member) = pair(stage).await;
        for number in 0..5 {
            write(stage, &member, &format!("number {number}")).await;
        }
        let input = json!({ "workspaceId": admin.workspace_id, "message": "once more" });
        let before = stage.event_types(&admin.workspace_id).await;
        let refusal = stage.refused(Some(&member.person.token), CONTACT, input.clone()).await;
        assert_eq!(refusal["code"], "RATE_LIMITED");
        assert_eq!(stage.event_types(&admin.workspace_id).await, before);
        stage.done(Some(&admin.person.token), CONTACT, input.clone()).await;
        stage.advance_hours(24);
        let again = stage.sign_in_as("Bob", &member.person.email).await;
        stage.done(Some(&again.token), CONTACT, input).await;
    }

    /// WSP-8 and bad input: strangers hear what a workspace that doesn't exist would say, and a blank text is none.
    async fn strangers_and_blank_texts_are_refused(stage) {
        let (admin, member) = pair(stage).await;
        let eve = stage.person("Eve").await;
        let unknown = rollcall::primitives::ids::WorkspaceId::new().to_string();
        let of_none = stage.refused(Some(&eve.token), CONTACT, json!({ "workspaceId": unknown, "message": "x" })).await;
        assert_eq!(of_none["code"], "NOT_FOUND");
        let of_other = json!({ "workspaceId": admin.workspace_id, "message": "x" });
        assert_eq!(stage.refused(Some(&eve.token), CONTACT, of_other).await, of_none);
        for message in ["", " \n ", "a\u{0}b", &"x".repeat(2001)] {
            let input = json!({ "workspaceId": admin.workspace_id, "message": message });
            let refusal = stage.refused(Some(&member.person.token), CONTACT, input).await;
            assert_eq!((&refusal["code"], &refusal["field"]), (&json!("INVALID_INPUT"), &json!(["input", "message"])));
        }
        let shown = stage.data(Some(&member.token), REQUESTS, json!({ "id": member.member_id })).await;
        assert_eq!(shown["workspace"]["member"]["contactRequests"], json!([]), "for admins");
    }
}
