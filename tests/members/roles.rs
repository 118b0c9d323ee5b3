//! Roles and assignments of members (WSP-2, WSP-6, WSP-7, API-3).

use serde_json::json;

use crate::on_both_stages;
use crate::support::app::Stage;
use crate::support::cast::{BULK, INVITE, SET_ASSIGNMENTS, SET_ROLE, Seat, UPDATE_SEAT_PLAN};

async fn admin_and_operator(stage: &Stage) -> (Seat, Seat) {
    let ada = stage.person("Ada").await;
    let admin = stage.workspace(&ada, "WALLET").await;
    let grace = stage.person("Grace").await;
    let member = stage.join(&admin, &grace, "Workspace operator", &[]).await;
    (admin, member)
}

on_both_stages! {
    /// WSP-2: a role for assigned assets needs one; a role for all takes none, and drops those that stood.
    async fn a_role_for_assigned_assets_needs_one_and_a_role_for_all_drops_them(stage) {
        let (admin, member) = admin_and_operator(stage).await;
        let developer = stage.role(&admin, "Workspace developer").await;
        let reviewer = stage.role(&admin, "Workspace reviewer").await;
        let token = Some(admin.token.as_str());
        let id = &member.member_id;
        let refusal = stage.refused(token, SET_ROLE, json!({ "memberId": id, "roleId": developer })).await;
        assert_eq!(refusal["code"], "ASSETS_REQUIRED");
        let asset = stage.asset(&admin, "Pay").await;
        let assignments = json!([{ "assetId": asset, "role": "EDITOR" }]);
        let input = json!({ "memberId": id, "roleId": developer, "assignments": assignments });
        let set = stage.done(token, SET_ROLE, input).await;
        assert_eq!(set["member"]["assignments"], json!([{ "assetId": asset, "role": "EDITOR" }]));
        let input = json!({ "memberId": id, "roleId": reviewer, "assignments": assignments });
        assert_eq!(stage.refused(token, SET_ROLE, input).await["code"], "ASSETS_NOT_ALLOWED");
        let set = stage.done(token, SET_ROLE, json!({ "memberId": id, "roleId": reviewer })).await;
        assert_eq!(set["member"]["assignments"], json!([]));
        let input = json!({ "memberId": id, "assignments": assignments });
        assert_eq!(stage.refused(token, SET_ASSIGNMENTS, input).await["code"], "ASSETS_NOT_ALLOWED");
    }

    /// WSP-2: the assignments of such a role can be replaced and never emptied; unknown and doubled assets are named.
    async fn assignments_are_replaced_and_never_emptied(stage) {
        let (admin, _) = admin_and_operator(stage).await;
        let (one, two) = (stage.asset(&admin, "One").await, stage.asset(&admin, "Two").await);
        let linus = stage.person("Linus").await;
        let member = stage.join(&admin, &linus, "Workspace developer", &[&one]).await;
        let token = Some(admin.token.as_str());
        let id = &member.member_id;
        let set = stage.done(token, SET_ASSIGNMENTS, json!({ "memberId": id, "assignments": [{ "assetId": two }] })).await;
        assert_eq!(set["member"]["assignments"], json!([{ "assetId": two, "role": null }]));
        let empty = json!({ "memberId": id, "assignments": [] });
        assert_eq!(stage.refused(token, SET_ASSIGNMENTS, empty).await["code"], "ASSETS_REQUIRED");
        let eve = stage.person("Eve").await;
        let elsewhere = stage.workspace(&eve, "WALLET").await;
        let foreign = stage.asset(&elsewhere, "Theirs").await;
        let input = json!({ "memberId": id, "assignments": [{ "assetId": one }, { "assetId": foreign }] });
        let refusal = stage.refused(token, SET_ASSIGNMENTS, input).await;
        assert_eq!((&refusal["code"], &refusal["field"]), (&json!("NOT_FOUND"), &json!(["input", "assignments", "1", "assetId"])));
        let twice = json!({ "memberId": id, "assignments": [{ "assetId": one }, { "assetId": one }] });
        assert_eq!(stage.refused(token, SET_ASSIGNMENTS, twice).await["code"], "INVALID_INPUT");
    }

    /// EVT-1: what somebody has already is given to them again in silence; one by one, in bulk, and of the seat plan.
    async fn evt_1_what_is_so_already_is_no_change(stage) {
        let (admin, _) = admin_and_operator(stage).await;
        let (one, two) = (stage.asset(&admin, "One").await, stage.asset(&admin, "Two").await);
        let linus = stage.person("Linus").await;
        let member = stage.join(&admin, &linus, "Workspace developer", &[&one, &two]).await;
        let developer = stage.role(&admin, "Workspace developer").await;
        let token = Some(admin.token.as_str());
        let plan = json!({ "limit": 9, "price": { "amount": 100, "currency": "EUR", "period": "MONTH" } });
        stage.done(token, UPDATE_SEAT_PLAN, plan.clone()).await;
        let query = "query($id: ID!) { workspace { member(id: $id) { revision } } }";
        let revision = async || stage.data(token, query, json!({ "id": member.member_id })).await;
        let before = (stage.event_types(&admin.workspace_id).await, revision().await);
        let same = json!([{ "assetId": two }, { "assetId": one }]);
        let id = &member.member_id;
        stage.done(token, SET_ROLE, json!({ "memberId": id, "roleId": developer })).await;
        stage.done(token, SET_ROLE, json!({ "memberId": id, "roleId": developer, "assignments": same })).await;
        let set = stage.done(token, SET_ASSIGNMENTS, json!({ "memberId": id, "assignments": same })).await;
        assert_eq!(set["member"]["assignments"].as_array().map(Vec::len), Some(2));
        let many = json!({ "operation": "SET_ASSIGNMENTS", "memberIds": [id], "assignments": same });
        let many = stage.done(token, BULK, many).await;
        assert_eq!(many["results"][0]["userErrors"], json!([]), "{many:#}");
        assert_eq!(stage.done(token, UPDATE_SEAT_PLAN, plan).await["plan"]["revision"], 1);
        assert_eq!((stage.event_types(&admin.workspace_id).await, revision().await), before);
        let other = json!([{ "assetId": two, "role": "EDITOR" }, { "assetId": one }]);
        stage.done(token, SET_ASSIGNMENTS, json!({ "memberId": id, "assignments": other })).await;
        assert_ne!(revision().await, before.1, "another role on an asset is a change");
    }

    /// WSP-6, WSP-7: nobody demotes themselves, and the last admin is not demoted by anybody.
    async fn the_last_admin_is_not_demoted(stage) {
        let (admin, member) = admin_and_operator(stage).await;
        let operator = stage.role(&admin, "Workspace operator").await;
        let own = json!({ "memberId": admin.member_id, "roleId": operator });
        assert_eq!(stage.refused(Some(&admin.token), SET_ROLE, own.clone()).await["code"], "NOT_YOURSELF");
        let key = stage.api_key(&admin).await;
        let refusal = stage.refused(Some(&key), SET_ROLE, own).await;
        assert_eq!(refusal["code"], "NOT_YOURSELF");
        let admin_role = stage.role(&admin, "Workspace admin").await;
        let promote = json!({ "memberId": member.member_id, "roleId": admin_role });
        assert_eq!(stage.refused(Some(&key), SET_ROLE, promote.clone()).await["code"], "ADMIN_ROLE_BY_KEY", "API-3");
        stage.done(Some(&admin.token), SET_ROLE, promote).await;
        let demote = json!({ "memberId": admin.member_id, "roleId": operator });
        stage.done(Some(&member.token), SET_ROLE, demote).await;
        let refusal = stage.failed(Some(&admin.token), SET_ROLE,
            json!({ "input": { "memberId": member.member_id, "roleId": operator } })).await;
        assert_eq!(refusal["code"], "FORBIDDEN", "REV-1: a demoted admin is one no more, at once");
    }

    /// WSP-4: an admin names the role that invitations give by default: not the admin role, not one for assigned assets.
    async fn an_admin_names_the_default_role(stage) {
        let (admin, member) = admin_and_operator(stage).await;
        let set = "mutation($input: SetDefaultRoleInput!) { setDefaultRole(input: $input) { role { name isDefault } \
                   userErrors { code field } } }";
        for (role, code) in [
            ("Workspace admin", "ROLE_NOT_DEFAULTABLE"),
            ("Workspace developer", "ROLE_NOT_DEFAULTABLE"),
            ("Workspace operator", "ROLE_NOT_DEFAULTABLE"),
        ] {
            let role = stage.role(&admin, role).await;
            let refusal = stage.refused(Some(&admin.token), set, json!({ "roleId": role })).await;
            assert_eq!((&refusal["code"], &refusal["field"]), (&json!(code), &json!(["input", "roleId"])));
        }
        let reviewer = stage.role(&admin, "Workspace reviewer").await;
        let done = stage.done(Some(&admin.token), set, json!({ "roleId": reviewer })).await;
        assert_eq!(done["role"], json!({ "name": "Workspace reviewer", "isDefault": true }));
        stage.done(Some(&admin.token), INVITE, json!({ "list": "new@example.com" })).await;
        let query = "{ workspace { memberByEmail(email: \"new@example.com\") { role { name } } } }";
        let found = stage.data(Some(&admin.token), query, json!({})).await;
        assert_eq!(found["workspace"]["memberByEmail"]["role"]["name"], "Workspace reviewer");
        let refused = stage.failed(Some(&member.token), set, json!({ "input": { "roleId": reviewer } })).await;
        assert_eq!(refused["code"], "FORBIDDEN");
    }

    /// BLK-5: role and assignments of a blocked member stay as they are.
    async fn a_blocked_members_role_can_not_be_changed(stage) {
        let (admin, member) = admin_and_operator(stage).await;
        let reviewer = stage.role(&admin, "Workspace reviewer").await;
        stage.block(&admin, &member).await;
        let input = json!({ "memberId": member.member_id, "roleId": reviewer });
        let refusal = stage.refused(Some(&admin.token), SET_ROLE, input).await;
        assert_eq!(refusal["code"], "NOT_ALLOWED_IN_STATUS");
    }

    /// WSP-8: a role of another workspace is unknown.
    async fn a_role_of_another_workspace_is_unknown(stage) {
        let (admin, member) = admin_and_operator(stage).await;
        let eve = stage.person("Eve").await;
        let elsewhere = stage.workspace(&eve, "WALLET").await;
        let foreign = stage.role(&elsewhere, "Workspace reviewer").await;
        let input = json!({ "memberId": member.member_id, "roleId": foreign });
        let refusal = stage.refused(Some(&admin.token), SET_ROLE, input).await;
        assert_eq!((&refusal["code"], &refusal["field"]), (&json!("NOT_FOUND"), &json!(["input", "roleId"])));
    }
}
