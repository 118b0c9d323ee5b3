//! What a workspace is called, and whom people turn to in it (WSP-9).

use serde_json::{Value, json};

use crate::on_both_stages;
use crate::support::app::Stage;
use crate::support::cast::{ENTER, Seat};
use crate::support::people::mutation;

const SELECTION: &str = "workspace { name contact { text email } revision } eventCursor";

async fn admin_of(stage: &Stage) -> Seat {
    let ada = stage.person("Ada").await;
    stage.workspace(&ada, "TEAM").await
}

async fn update(stage: &Stage, admin: &Seat, input: Value) -> Value {
    let payload = stage.done(Some(&admin.token), &mutation("updateWorkspace", SELECTION), input).await;
    payload["workspace"].clone()
}

on_both_stages! {
    /// WSP-9: what the admins set is the contact; unset again, the longest-serving admin stands in.
    async fn wsp_9_a_contact_is_set_and_unset_again(stage) {
        let admin = admin_of(stage).await;
        let ada = json!({ "text": "Ada", "email": "ada@example.com" });
        let desk = json!({ "contactText": "The desk", "contactEmail": "Desk@Example.com" });
        let set = update(stage, &admin, desk).await;
        assert_eq!(set["contact"], json!({ "text": "The desk", "email": "Desk@Example.com" }));
        let half = update(stage, &admin, json!({ "contactEmail": null })).await;
        assert_eq!(half["contact"], json!({ "text": "The desk", "email": null }), "what is set counts as a whole");
        let none = update(stage, &admin, json!({ "contactText": null })).await;
        assert_eq!((&none["contact"], &none["revision"]), (&ada, &json!(4)));
        let types = stage.event_types(&admin.workspace_id).await;
        assert_eq!(types.iter().filter(|it| *it == "WorkspaceUpdated").count(), 3);
        update(stage, &admin, json!({ "contactText": null })).await;
        assert_eq!(stage.event_types(&admin.workspace_id).await, types, "EVT-1: no event without a change");
    }

    /// WSP-9, BLK-3: whoever is put out is shown the contact that was set.
    async fn wsp_9_a_blocked_member_is_shown_it(stage) {
        let admin = admin_of(stage).await;
        let bob = stage.person("Bob").await;
        let member = stage.join(&admin, &bob, "Member", &[]).await;
        update(stage, &admin, json!({ "contactText": "The desk", "contactEmail": "desk@example.com" })).await;
        stage.block(&admin, &member).await;
        let refusal = stage.refused(Some(&bob.token), ENTER, json!({ "workspaceId": admin.workspace_id })).await;
        assert_eq!(refusal["contact"], json!({ "text": "The desk", "email": "desk@example.com" }));
    }

    async fn a_new_name_shows_wherever_the_workspace_is_named(stage) {
        let admin = admin_of(stage).await;
        let bob = stage.person("Bob").await;
        stage.join(&admin, &bob, "Member", &[]).await;
        let guest = stage.person("Guest").await;
        stage.invite(&admin, &guest.email, "Member", &[]).await;
        assert_eq!(update(stage, &admin, json!({ "name": "  Harbour " })).await["name"], "Harbour");
        let named = "{ viewer { memberships(first: 1) { nodes { workspaceName } } } }";
        let seen = stage.ask_at(stage.elsewhere(), Some(&bob.token), named, json!({})).await;
        assert_eq!(seen["data"]["viewer"]["memberships"]["nodes"][0]["workspaceName"], "Harbour", "{seen:#}");
        let named = "{ viewer { invitations(first: 1) { nodes { workspaceName } } } }";
        let seen = stage.data(Some(&guest.token), named, json!({})).await;
        assert_eq!(seen["viewer"]["invitations"]["nodes"][0]["workspaceName"], "Harbour");
        let mail = stage.mails(&guest.email).await.pop().expect("a mail");
        assert!(mail.contains("Harbour"), "a mail that had not left names the workspace as it is called now: {mail}");
    }

    async fn bad_input_names_each_field_and_changes_nothing(stage) {
        let admin = admin_of(stage).await;
        let input = json!({ "name": " ", "contactText": "x".repeat(201), "contactEmail": "no address" });
        let update = mutation("updateWorkspace", SELECTION);
        let data = stage.data(Some(&admin.token), &update, json!({ "input": input })).await;
        let errors = data["updateWorkspace"]["userErrors"].as_array().expect("errors").clone();
        let fields: Vec<_> = errors.iter().map(|error| error["field"][1].as_str().unwrap_or_default()).collect();
        assert_eq!(fields, ["name", "contactText", "contactEmail"]);
        let query = "{ workspace { name contact { text } revision } }";
        let seen = stage.data(Some(&admin.token), query, json!({})).await;
        assert_eq!(seen["workspace"], json!({ "name": "Ada's TEAM", "contact": { "text": "Ada" }, "revision": 1 }));
    }

    /// DEL-1: a contact may be a person, so the event holds nothing of it.
    async fn the_event_holds_no_contact(stage) {
        let admin = admin_of(stage).await;
        update(stage, &admin, json!({ "contactText": "Grace", "contactEmail": "grace@example.com" })).await;
        let rows = stage.sql("SELECT payload FROM events WHERE type = 'WorkspaceUpdated'").await;
        let payload: String = rows[0].try_get("", "payload").unwrap();
        assert!(!payload.contains('@') && !payload.contains("Grace"), "{payload}");
        assert!(payload.contains("\"contactChanged\":true"), "{payload}");
    }
}
