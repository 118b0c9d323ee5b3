//! Coming back after a removal: the wait, the explicit way round it, and what was kept (REM-4), from the outside.

use serde_json::{Value, json};

use crate::on_both_stages;
use crate::support::app::Stage;
use crate::support::cast::{INVITE, REMOVE, SET_ASSIGNMENTS, Seat, received, text};
use crate::support::people::mutation;

const ACCEPT_BRINGING: &str = "mutation($input: AcceptInvitationInput!) { acceptInvitation(input: $input) { membership { role { name } } \
     broughtAssetIds userErrors { code message field } } }";
const RECEIVED: &str = "{ viewer { invitations(first: 5) { nodes { id keptAssetCount roleName } } } }";
const KEPT: &str = "query($id: ID!) { workspace { member(id: $id) { status role { name } assignments { assetId role } removal { reinviteAllowedAt } } } }";
const WAIT: &str = r#"{"reinvite_wait_hours":336,"undecided_assets":"PERSON"}"#;

/// An admin, and a developer with a role of the host's on an asset, in a wallet workspace with a wait of 14 days.
async fn pair(stage: &Stage) -> (Seat, Seat, String) {
    let ada = stage.person("Ada").await;
    let admin = stage.workspace(&ada, "WALLET").await;
    let asset = stage.asset(&admin, "Pay").await;
    let grace = stage.person("Grace").await;
    let member = stage.join(&admin, &grace, "Workspace developer", &[&asset]).await;
    let input =
        json!({ "memberId": member.member_id, "assignments": [{ "assetId": asset, "role": "maintainer" }] });
    stage.done(Some(&admin.token), SET_ASSIGNMENTS, input).await;
    stage.sql(&format!("UPDATE workspaces SET policy = '{WAIT}'")).await;
    (admin, member, asset)
}

async fn invited(stage: &Stage, token: &str, input: Value) -> Value {
    stage.done(Some(token), INVITE, input).await["results"][0].clone()
}

async fn accept(stage: &Stage, person: &str, invitation: &Value, bring: bool) -> Value {
    let input = json!({ "invitationId": received(&text(&invitation["id"])), "bringAssets": bring });
    stage.done(Some(person), ACCEPT_BRINGING, input).await
}

async fn shown(stage: &Stage, admin: &Seat, member: &Seat) -> Value {
    stage.data(Some(&admin.token), KEPT, json!({ "id": member.member_id })).await["workspace"]["member"]
        .clone()
}

on_both_stages! {
    /// REM-4: within the wait inviting is refused with the date, for everybody; at its end it isn't.
    async fn within_the_wait_inviting_is_refused_with_the_date(stage) {
        let (admin, member, _) = pair(stage).await;
        let key = stage.api_key(&admin).await;
        stage.remove(&admin, &member).await;
        let until = shown(stage, &admin, &member).await["removal"]["reinviteAllowedAt"].clone();
        assert_eq!(until, "2026-03-15T12:00:00.000000Z");
        let query = INVITE.replace("userErrors { code message field } } userErrors", "userErrors { code message field ... on ReinviteTooEarly { allowedAt } } } userErrors");
        for token in [&admin.token, &key] {
            let row = stage.done(Some(token), &query, json!({ "list": member.person.email })).await["results"][0].clone();
            assert_eq!((&row["userErrors"][0]["code"], &row["userErrors"][0]["allowedAt"]), (&json!("REINVITE_TOO_EARLY"), &until));
        }
        stage.advance_hours(336);
        let admin = stage.sign_in_as("Ada", &admin.person.email).await;
        let admin = stage.take_seat(&admin, &member.workspace_id).await;
        let row = invited(stage, &admin.token, json!({ "list": member.person.email })).await;
        assert_eq!(row["userErrors"], json!([]));
    }

    /// REM-4: after the wait the person gets role and assignments back as they were, where the invitation names none.
    async fn after_the_wait_role_and_assignments_come_back(stage) {
        let (admin, member, asset) = pair(stage).await;
        stage.sql(r#"UPDATE workspaces SET policy = '{"reinvite_wait_hours":0}'"#).await;
        stage.remove(&admin, &member).await;
        let row = invited(stage, &admin.token, json!({ "list": member.person.email })).await;
        assert_eq!(row["member"]["id"], member.member_id, "one row and one id");
        let accepted = accept(stage, &member.person.token, &row["invitation"], false).await;
        assert_eq!(accepted["membership"]["role"]["name"], "Workspace developer");
        let back = shown(stage, &admin, &member).await;
        assert_eq!(back["assignments"], json!([{ "assetId": asset, "role": "maintainer" }]));
        assert_eq!((&back["status"], &back["removal"]), (&json!("ACTIVE"), &Value::Null));
    }

    /// REM-4, WSP-4: the admin role comes back to nobody unasked.
    async fn the_admin_role_does_not_come_back_unasked(stage) {
        let (admin, _, _) = pair(stage).await;
        stage.sql(r#"UPDATE workspaces SET policy = '{}'"#).await;
        let olga = stage.person("Olga").await;
        let other = stage.join(&admin, &olga, "Workspace admin", &[]).await;
        stage.remove(&admin, &other).await;
        let row = invited(stage, &admin.token, json!({ "list": olga.email })).await;
        let accepted = accept(stage, &olga.token, &row["invitation"], false).await;
        assert_eq!(accepted["membership"]["role"]["name"], "Workspace operator");
    }

    /// REM-4: an admin may invite at once by giving up what was kept; in their own session, one person in a call.
    async fn giving_up_what_was_kept_is_for_an_admins_own_hand(stage) {
        let (admin, member, _) = pair(stage).await;
        let key = stage.api_key(&admin).await;
        stage.remove(&admin, &member).await;
        let row = json!({ "email": member.person.email, "giveUpKeptData": true });
        let refused = invited(stage, &key, json!({ "members": [row] })).await;
        assert_eq!(refused["userErrors"][0]["field"], json!(["input", "members", "0", "giveUpKeptData"]));
        let both = json!({ "members": [row, { "email": "other@example.com" }] });
        let results = stage.done(Some(&admin.token), INVITE, both).await["results"].clone();
        assert_eq!(results[0]["userErrors"][0]["code"], "INVALID_INPUT");
        assert_eq!(results[1]["userErrors"], json!([]));
        let row = invited(stage, &admin.token, json!({ "members": [row] })).await;
        assert_eq!(row["userErrors"], json!([]));
        let accepted = accept(stage, &member.person.token, &row["invitation"], true).await;
        assert_eq!(accepted["membership"]["role"]["name"], "Workspace operator", "the default, as for anybody");
        assert_eq!(shown(stage, &admin, &member).await["assignments"], json!([]));
    }

    /// REM-4, INV-3: withdrawn, the invitation has given up nothing: the wait and what was kept are as before.
    async fn a_withdrawn_invitation_has_given_up_nothing(stage) {
        let (admin, member, asset) = pair(stage).await;
        stage.remove(&admin, &member).await;
        let before = shown(stage, &admin, &member).await;
        let give_up = json!({ "members": [{ "email": member.person.email, "giveUpKeptData": true }] });
        let row = invited(stage, &admin.token, give_up).await;
        let withdraw = "mutation($input: WithdrawInvitationInput!) { withdrawInvitation(input: $input) { userErrors { code } } }";
        stage.done(Some(&admin.token), withdraw, json!({ "invitationId": row["invitation"]["id"] })).await;
        assert_eq!(shown(stage, &admin, &member).await, before);
        assert_eq!(before["assignments"], json!([{ "assetId": asset, "role": "maintainer" }]));
        let row = invited(stage, &admin.token, json!({ "list": member.person.email })).await;
        assert_eq!(row["userErrors"][0]["code"], "REINVITE_TOO_EARLY");
    }

    /// REM-4, INV-1: assets that are named alone go with the role that is kept, which is what the refusal asks for where the
    /// kept ones are gone.
    async fn rem_4_assets_that_are_named_go_with_the_kept_role(stage) {
        let (admin, member, asset) = pair(stage).await;
        let other = stage.asset(&admin, "Sign").await;
        stage.remove(&admin, &member).await;
        stage.sql("UPDATE members SET reinvite_allowed_at = NULL").await;
        stage.done(Some(&admin.token), &mutation("archiveAsset", ""), json!({ "assetId": asset })).await;
        let row = invited(stage, &admin.token, json!({ "list": member.person.email })).await;
        assert_eq!(row["userErrors"][0]["code"], "ASSETS_REQUIRED");
        let named = json!({ "members": [{ "email": member.person.email, "assetIds": [other] }] });
        let row = invited(stage, &admin.token, named).await;
        assert_eq!(row["userErrors"], json!([]), "{row}");
        accept(stage, &member.person.token, &row["invitation"], false).await;
        let back = shown(stage, &admin, &member).await;
        assert_eq!(back["role"]["name"], "Workspace developer");
        assert_eq!(back["assignments"], json!([{ "assetId": other, "role": null }]));
    }

    /// REM-4, REM-6: what went with the person comes back as theirs if they agree, stays with them if they don't.
    async fn what_went_with_the_person_comes_back_if_they_agree(stage) {
        for agrees in [true, false] {
            let ada = stage.person(&format!("Ada {agrees}")).await;
            let admin = stage.workspace(&ada, "TEAM").await;
            let olga = stage.person(&format!("Olga {agrees}")).await;
            let owner = stage.join(&admin, &olga, "Admin", &[]).await;
            let asset = stage.asset(&owner, &format!("Plan {agrees}")).await;
            let along = json!({ "memberId": owner.member_id, "assets": { "everything": { "to": "PERSON" } } });
            stage.done(Some(&admin.token), REMOVE, along).await;
            stage.sql("UPDATE members SET reinvite_allowed_at = NULL").await;
            let row = invited(stage, &admin.token, json!({ "list": olga.email })).await;
            let seen = stage.data(Some(&olga.token), RECEIVED, json!({})).await;
            assert_eq!(seen["viewer"]["invitations"]["nodes"][0]["keptAssetCount"], 1);
            let accepted = accept(stage, &olga.token, &row["invitation"], agrees).await;
            let query = "query($id: ID!) { workspace { asset(id: $id) { owner { id } } } }";
            let found = stage.data(Some(&admin.token), query, json!({ "id": asset })).await["workspace"]["asset"].clone();
            if agrees {
                assert_eq!(accepted["broughtAssetIds"], json!([asset]));
                assert_eq!(found["owner"]["id"], owner.member_id);
                assert_eq!(stage.event_types(&admin.workspace_id).await.last().unwrap(), "AssetsReassigned");
            } else {
                assert_eq!((&accepted["broughtAssetIds"], &found), (&json!([]), &Value::Null));
            }
        }
    }

    /// REM-4: what an admin gave up doesn't come back, though the person agrees.
    async fn what_was_given_up_does_not_come_back(stage) {
        let (admin, _, _) = pair(stage).await;
        let olga = stage.person("Olga").await;
        let owner = stage.join(&admin, &olga, "Workspace admin", &[]).await;
        let asset = stage.asset(&owner, "Plan").await;
        stage.remove(&admin, &owner).await;
        let give_up = json!({ "members": [{ "email": olga.email, "giveUpKeptData": true }] });
        let row = invited(stage, &admin.token, give_up).await;
        let seen = stage.data(Some(&olga.token), RECEIVED, json!({})).await;
        assert_eq!(seen["viewer"]["invitations"]["nodes"][0]["keptAssetCount"], 0);
        let accepted = accept(stage, &olga.token, &row["invitation"], true).await;
        assert_eq!(accepted["broughtAssetIds"], json!([]));
        let query = "query($id: ID!) { workspace { asset(id: $id) { name } } }";
        let found = stage.data(Some(&admin.token), query, json!({ "id": asset })).await;
        assert_eq!(found["workspace"]["asset"], Value::Null);
    }
}
