//! Leaving, and coming back from rest by oneself, from the outside (rules.md, section 4).

use serde_json::{Value, json};

use crate::on_both_stages;
use crate::support::app::Stage;
use crate::support::cast::{ENTER, LEAVE, REJOIN, Seat};
use crate::support::socket::Socket;

const WHOAMI: &str = "{ workspace { id viewerMember { id status } } }";

async fn pair(stage: &Stage) -> (Seat, Seat) {
    let ada = stage.person("Ada").await;
    let admin = stage.workspace(&ada, "TEAM").await;
    let bob = stage.person("Bob").await;
    let member = stage.join(&admin, &bob, "Member", &[]).await;
    (admin, member)
}

async fn let_rejoin(stage: &Stage) {
    stage.sql(r#"UPDATE workspaces SET policy = '{"rejoin_deactivated":true}'"#).await;
}

on_both_stages! {
    /// REM-1, REM-2: whoever leaves is out with the answer, without a wait, and what they own stays with the workspace.
    async fn whoever_leaves_is_out_without_a_wait_and_what_they_own_stays(stage) {
        let (admin, member) = pair(stage).await;
        let grown = json!({ "memberId": member.member_id, "roleId": stage.role(&admin, "Admin").await });
        stage.done(Some(&admin.token), crate::support::cast::SET_ROLE, grown).await;
        let asset = stage.asset(&member, "Plan").await;
        let mut window = Socket::open(stage.elsewhere(), &member.token).await;
        let left = stage.done(Some(&member.token), LEAVE, json!({ "clientMutationId": "x" })).await;
        assert_eq!(left["leftMembershipId"], member.member_id.replace("member_", "membership_"));
        assert_eq!(left["clientMutationId"], "x");
        assert_eq!(window.expect_close(4401).await, "REMOVED");
        for server in &stage.servers {
            let answer = stage.ask_at(server, Some(&member.token), WHOAMI, json!({})).await;
            assert_eq!(answer["errors"][0]["extensions"]["sessionEnd"]["cause"], "REMOVED");
        }
        let query = "query($id: ID!, $asset: ID!) { workspace { member(id: $id) { status removal { by { kind id } reinviteAllowedAt } } \
                     asset(id: $asset) { owner { id } } } }";
        let shown = stage.data(Some(&admin.token), query, json!({ "id": member.member_id, "asset": asset })).await;
        let removal = json!({ "by": { "kind": "MEMBER", "id": member.member_id }, "reinviteAllowedAt": null });
        assert_eq!(shown["workspace"]["member"], json!({ "status": "REMOVED", "removal": removal }));
        assert_eq!(shown["workspace"]["asset"]["owner"], Value::Null);
        // A team has a wait of 14 days, for who was removed.
        stage.invite(&admin, &member.person.email, "Member", &[]).await;
    }

    /// WSP-6: the last admin can't leave.
    async fn the_last_admin_can_not_leave(stage) {
        let (admin, member) = pair(stage).await;
        let before = stage.event_types(&admin.workspace_id).await;
        let refusal = stage.refused(Some(&admin.token), LEAVE, json!({})).await;
        assert_eq!((&refusal["__typename"], &refusal["code"]), (&json!("LastAdmin"), &json!("LAST_ADMIN")));
        assert_eq!(refusal["field"], Value::Null);
        assert_eq!(stage.event_types(&admin.workspace_id).await, before);
        stage.done(Some(&member.token), LEAVE, json!({})).await;
    }

    /// A key is no person that could leave.
    async fn a_key_does_not_leave(stage) {
        let (admin, _) = pair(stage).await;
        let key = stage.api_key(&admin).await;
        assert_eq!(stage.failed(Some(&key), LEAVE, json!({ "input": {} })).await["code"], "FORBIDDEN");
        let account = stage.failed(Some(&admin.person.token), LEAVE, json!({ "input": {} })).await;
        assert_eq!(account["code"], "FORBIDDEN");
    }

    /// DEA-2: a deactivated member comes back by themselves where the policy lets them, and there alone.
    async fn a_deactivated_member_rejoins_where_the_policy_lets_them(stage) {
        let (admin, member) = pair(stage).await;
        let input = json!({ "workspaceId": admin.workspace_id });
        let refusal = stage.refused(Some(&member.person.token), REJOIN, input.clone()).await;
        assert_eq!((&refusal["code"], &refusal["status"]), (&json!("NOT_ALLOWED_IN_STATUS"), &json!("ACTIVE")));
        stage.deactivate(&admin, &member).await;
        let refusal = stage.refused(Some(&member.person.token), REJOIN, input.clone()).await;
        assert_eq!((&refusal["status"], &refusal["field"]), (&json!("DEACTIVATED"), &json!(["input", "workspaceId"])));
        let_rejoin(stage).await;
        let back = stage.done(Some(&member.person.token), REJOIN, input).await;
        assert_eq!(back["membership"]["status"], "ACTIVE");
        let again = stage.take_seat(&member.person, &admin.workspace_id).await;
        assert_eq!(again.member_id, member.member_id);
        let old = stage.failed(Some(&member.token), WHOAMI, json!({})).await;
        assert_eq!(old["sessionEnd"]["cause"], "DEACTIVATED");
        assert_eq!(stage.event_types(&admin.workspace_id).await.last().unwrap(), "MemberRejoined");
    }

    /// BLK-7, BLK-10: a rejoin is no way round a block, and the try is on record.
    async fn a_rejoin_is_no_way_round_a_block(stage) {
        let (admin, member) = pair(stage).await;
        let_rejoin(stage).await;
        stage.deactivate(&admin, &member).await;
        stage.sql(r#"UPDATE workspaces SET policy = '{"rejoin_deactivated":true,"block_deactivated":true}'"#).await;
        stage.block(&admin, &member).await;
        let input = json!({ "workspaceId": admin.workspace_id });
        for _ in 0..2 {
            let refusal = stage.refused(Some(&member.person.token), REJOIN, input.clone()).await;
            assert_eq!(refusal["__typename"], "BlockedRequiresAdmin");
        }
        let query = "query($id: ID!) { workspace { member(id: $id) { status refusedAttempts { actor { kind } origin action attempts } } } }";
        let shown = stage.data(Some(&admin.token), query, json!({ "id": member.member_id })).await;
        let attempt = json!({ "actor": { "kind": "ACCOUNT" }, "origin": "STANDARD_FLOW", "action": "REJOIN", "attempts": 2 });
        assert_eq!(shown["workspace"]["member"], json!({ "status": "BLOCKED", "refusedAttempts": [attempt] }));
    }

    /// WSP-8: who isn't in, was removed, or names what doesn't exist hears the same.
    async fn to_strangers_a_workspace_does_not_exist(stage) {
        let (admin, member) = pair(stage).await;
        let_rejoin(stage).await;
        stage.remove(&admin, &member).await;
        let eve = stage.person("Eve").await;
        let unknown = rollcall::primitives::ids::WorkspaceId::new().to_string();
        let of_none = stage.refused(Some(&eve.token), REJOIN, json!({ "workspaceId": unknown })).await;
        assert_eq!(of_none["code"], "NOT_FOUND");
        for token in [&eve.token, &member.person.token] {
            let refusal = stage.refused(Some(token), REJOIN, json!({ "workspaceId": admin.workspace_id })).await;
            assert_eq!(refusal, of_none);
        }
        let wrong = json!({ "input": { "workspaceId": admin.member_id } });
        assert_eq!(stage.failed(Some(&eve.token), REJOIN, wrong).await["code"], "BAD_USER_INPUT");
        let entered = stage.refused(Some(&eve.token), ENTER, json!({ "workspaceId": admin.workspace_id })).await;
        assert_eq!(entered["code"], "NOT_FOUND");
    }
}
