//! A role that goes, against everything that gives it: one order or the other, and nobody is ever without a role.

use serde_json::{Value, json};

use super::custom::{admin_of, delete, role, update};
use crate::on_both_stages;
use crate::support::app::Stage;
use crate::support::cast::{ACCEPT, INVITE, REGISTER_ASSET, SET_ROLE, Seat, received};

/// How often a race is run.
const ROUNDS: usize = 6;

/// What came of a mutation: `ok`, or the code of what went wrong.
fn said(answer: &Value) -> String {
    let data = answer["data"].as_object().and_then(|data| data.values().next()).cloned().unwrap_or_default();
    let row = data["results"][0]["userErrors"][0]["code"].as_str();
    let whole = data["userErrors"][0]["code"].as_str();
    let top = answer["errors"][0]["extensions"]["code"].as_str();
    top.or(whole).or(row).unwrap_or("ok").to_owned()
}

/// Deletes the role on one server while the other mutation runs on another; what both said.
async fn against(
    stage: &Stage,
    admin: &Seat,
    (own, successor): (&str, Option<&str>),
    (token, query, input): (&str, &str, Value),
) -> (String, String) {
    let (query_of_delete, variables) =
        (delete(), json!({ "input": { "roleId": own, "successorId": successor } }));
    let deleted = stage.ask_at(stage.here(), Some(&admin.token), &query_of_delete, variables);
    let other = stage.ask_at(stage.elsewhere(), Some(token), query, json!({ "input": input }));
    let (deleted, other) = tokio::join!(deleted, other);
    (said(&deleted), said(&other))
}

/// Members and open invitations that hold a role that isn't there.
async fn astray(stage: &Stage) -> usize {
    let sql = "SELECT i.id FROM invitations i WHERE i.ended_at IS NULL AND NOT EXISTS \
               (SELECT 1 FROM roles r WHERE r.workspace_id = i.workspace_id AND r.id = i.role_id)";
    stage.sql(sql).await.len()
}

on_both_stages! {
    /// WSP-5, REV-3: without a successor, either the invitation is there first and the role stays, or the role is gone.
    async fn a_deletion_against_an_invitation(stage) {
        let admin = admin_of(stage, "TEAM").await;
        for round in 0..ROUNDS {
            let own = role(stage, &admin, &format!("Role{round}"), &[]).await;
            let members = json!([{ "email": format!("guest{round}@example.com"), "roleId": own }]);
            let invite = (admin.token.as_str(), INVITE, json!({ "members": members }));
            match against(stage, &admin, (&own, None), invite).await {
                (deleted, invited) if deleted == "ok" => assert_eq!(invited, "NOT_FOUND"),
                (deleted, invited) => assert_eq!((deleted.as_str(), invited.as_str()), ("ROLE_HELD", "ok")),
            }
            assert_eq!(astray(stage).await, 0);
        }
    }

    /// WSP-5, REV-3: with one, whoever was given the role in that moment has it or its successor.
    async fn a_deletion_against_giving_the_role(stage) {
        let admin = admin_of(stage, "TEAM").await;
        let (bob, successor) = (stage.person("Bob").await, stage.role(&admin, "Member").await);
        let member = stage.join(&admin, &bob, "Member", &[]).await;
        for round in 0..ROUNDS {
            let own = role(stage, &admin, &format!("Role{round}"), &[]).await;
            let give = json!({ "memberId": member.member_id, "roleId": own });
            let (deleted, given) =
                against(stage, &admin, (&own, Some(&successor)), (&admin.token, SET_ROLE, give)).await;
            assert_eq!(deleted, "ok");
            assert!(["ok", "NOT_FOUND"].contains(&given.as_str()), "{given}");
            let query = "{ workspace { viewerMember { role { name } } } }";
            let own = stage.data(Some(&member.token), query, json!({})).await;
            assert_eq!(own["workspace"]["viewerMember"]["role"]["name"], "Member");
        }
    }

    /// WSP-5, INV-7: an acceptance gives what was promised or what took its place, whichever was first.
    async fn a_deletion_against_an_acceptance(stage) {
        let admin = admin_of(stage, "TEAM").await;
        let successor = stage.role(&admin, "Member").await;
        for round in 0..ROUNDS {
            let own = role(stage, &admin, &format!("Role{round}"), &[]).await;
            let guest = stage.person(&format!("Guest{round}")).await;
            let (_, invitation) = stage.invite(&admin, &guest.email, &format!("Role{round}"), &[]).await;
            let accept = (guest.token.as_str(), ACCEPT, json!({ "invitationId": received(&invitation) }));
            let both = against(stage, &admin, (&own, Some(&successor)), accept).await;
            assert_eq!(both, ("ok".to_owned(), "ok".to_owned()));
            let seat = stage.take_seat(&guest, &admin.workspace_id).await;
            let query = "{ workspace { viewerMember { role { name } } } }";
            let own = stage.data(Some(&seat.token), query, json!({})).await;
            assert_eq!(own["workspace"]["viewerMember"]["role"]["name"], "Member");
        }
    }

    /// REV-1, REV-3: a permission taken away against making use of it: what is written stands before it in the log.
    async fn a_role_edit_against_what_it_permits(stage) {
        let admin = admin_of(stage, "TEAM").await;
        let own = role(stage, &admin, "Editor", &["MANAGE_ASSETS"]).await;
        let bob = stage.person("Bob").await;
        let member = stage.join(&admin, &bob, "Editor", &[]).await;
        for round in 0..ROUNDS {
            let give = json!({ "roleId": own, "permissions": ["MANAGE_ASSETS"] });
            stage.done(Some(&admin.token), &update(), give).await;
            let asset = json!({ "kind": "FLOW", "name": "F", "externalId": format!("f{round}") });
            let (take, nothing) = (update(), json!({ "input": { "roleId": own, "permissions": [] } }));
            let take = stage.ask_at(stage.here(), Some(&admin.token), &take, nothing);
            let variables = json!({ "input": asset });
            let register = stage.ask_at(stage.elsewhere(), Some(&member.token), REGISTER_ASSET, variables);
            let (taken, registered) = tokio::join!(take, register);
            assert_eq!(said(&taken), "ok");
            let types = stage.event_types(&admin.workspace_id).await;
            let last = |kind: &str| types.iter().rposition(|it| it == kind);
            match said(&registered).as_str() {
                "ok" => assert!(last("AssetRegistered") < last("RoleUpdated"), "{types:?}"),
                code => assert_eq!(code, "FORBIDDEN"),
            }
            let late = json!({ "input": { "kind": "FLOW", "name": "F", "externalId": format!("late{round}") } });
            for server in &stage.servers {
                let late = stage.ask_at(server, Some(&member.token), REGISTER_ASSET, late.clone()).await;
                assert_eq!(said(&late), "FORBIDDEN", "no request after the answer has the old rights");
            }
        }
    }
}
