//! A workspace's own settings of the rules, changed by an admin (rules.md, section 2).

use serde_json::{Value, json};

use crate::on_both_stages;
use crate::support::app::Stage;
use crate::support::cast::{REJOIN, Seat};
use crate::support::people::mutation;
use crate::support::socket::Socket;

const SETTINGS: &str = "invitationTtlHours resendValidInvitation blockDeactivated rejoinDeactivated changeBlocked \
                        reinviteWaitHours undecidedAssets invitationsReserveSeats";

fn update() -> String {
    mutation("updatePolicy", &format!("workspace {{ policy {{ {SETTINGS} }} revision }} eventCursor"))
}

async fn policy(stage: &Stage, admin: &Seat) -> Value {
    let query = format!("{{ workspace {{ policy {{ {SETTINGS} }} }} }}");
    let variables = json!({});
    let answer = stage.ask_at(stage.elsewhere(), Some(&admin.token), &query, variables).await;
    answer["data"]["workspace"]["policy"].clone()
}

async fn admin_of(stage: &Stage, kind: &str) -> Seat {
    let ada = stage.person("Ada").await;
    stage.workspace(&ada, kind).await
}

fn changes(types: &[String]) -> usize {
    types.iter().filter(|it| *it == "PolicyUpdated").count()
}

on_both_stages! {
    async fn every_setting_is_changed_and_holds_on_every_server(stage) {
        let admin = admin_of(stage, "WALLET").await;
        let all = json!({
            "invitationTtlHours": 24, "resendValidInvitation": true, "blockDeactivated": true,
            "rejoinDeactivated": true, "changeBlocked": true, "reinviteWaitHours": 48,
            "undecidedAssets": "LOST", "invitationsReserveSeats": true,
        });
        let updated = stage.done(Some(&admin.token), &update(), all.clone()).await;
        assert_eq!(updated["workspace"], json!({ "policy": all, "revision": 2 }));
        assert_eq!(policy(stage, &admin).await, all);
        let one = json!({ "invitationTtlHours": 12 });
        stage.done(Some(&admin.token), &update(), one.clone()).await;
        let mut wanted = all;
        wanted["invitationTtlHours"] = json!(12);
        assert_eq!(policy(stage, &admin).await, wanted, "what is left out stays");
        stage.done(Some(&admin.token), &update(), one).await;
        assert_eq!(changes(&stage.event_types(&admin.workspace_id).await), 2, "EVT-1: no event without a change");
    }

    async fn a_setting_out_of_its_bounds_is_named_and_nothing_is_changed(stage) {
        let admin = admin_of(stage, "TEAM").await;
        let before = policy(stage, &admin).await;
        for (ttl, wait, fields) in [
            (0, 0, vec!["invitationTtlHours"]),
            (2161, -1, vec!["invitationTtlHours", "reinviteWaitHours"]),
            (1, 17_569, vec!["reinviteWaitHours"]),
        ] {
            let input = json!({ "invitationTtlHours": ttl, "reinviteWaitHours": wait, "changeBlocked": true });
            let data = stage.data(Some(&admin.token), &update(), json!({ "input": input })).await;
            let errors = data["updatePolicy"]["userErrors"].as_array().expect("errors").clone();
            let named: Vec<_> = errors.iter().map(|error| error["field"][1].as_str().unwrap_or_default()).collect();
            assert_eq!(named, fields);
            assert_eq!(errors[0]["code"], "INVALID_INPUT");
            assert_eq!(data["updatePolicy"]["workspace"], Value::Null);
        }
        assert_eq!(policy(stage, &admin).await, before);
        assert_eq!(changes(&stage.event_types(&admin.workspace_id).await), 0);
    }

    /// LIF-3: what may be done with a member follows the policy at once, on every server.
    async fn available_actions_follow_at_once(stage) {
        let admin = admin_of(stage, "WALLET").await;
        let rosa = stage.person("Rosa").await;
        let member = stage.join(&admin, &rosa, "Workspace operator", &[]).await;
        stage.deactivate(&admin, &member).await;
        let query = "query($id: ID!) { workspace { member(id: $id) { availableActions { action allowed } } } }";
        let may_block = async || {
            let variables = json!({ "id": member.member_id });
            let answer = stage.ask_at(stage.elsewhere(), Some(&admin.token), query, variables).await;
            let actions = answer["data"]["workspace"]["member"]["availableActions"].as_array().cloned();
            let actions = actions.unwrap_or_else(|| panic!("{answer:#}"));
            actions.iter().find(|it| it["action"] == "BLOCK").expect("it is listed")["allowed"].clone()
        };
        assert_eq!(may_block().await, false);
        stage.done(Some(&admin.token), &update(), json!({ "blockDeactivated": true })).await;
        assert_eq!(may_block().await, true);
        stage.block(&admin, &member).await;
    }

    /// API-3, WSP-3: an admin directly, and nothing else.
    async fn no_key_and_no_other_member_changes_it(stage) {
        let admin = admin_of(stage, "WALLET").await;
        let rosa = stage.person("Rosa").await;
        let member = stage.join(&admin, &rosa, "Workspace operator", &[]).await;
        let key = stage.api_key(&admin).await;
        for token in [&member.token, &key] {
            let input = json!({ "input": { "changeBlocked": true } });
            assert_eq!(stage.failed(Some(token), &update(), input).await["code"], "FORBIDDEN");
        }
        assert_eq!(policy(stage, &admin).await["changeBlocked"], false);
    }

    /// EVT-3, EVT-8: the event says what was and what is, and is for those who read the policy.
    async fn admins_are_told_what_was_and_what_is(stage) {
        let admin = admin_of(stage, "TEAM").await;
        let bob = stage.person("Bob").await;
        let member = stage.join(&admin, &bob, "Member", &[]).await;
        let document = "subscription { workspaceEvents { __typename ... on PolicyUpdated { revision \
            policy { reinviteWaitHours } previousPolicy { reinviteWaitHours } } ... on WorkspaceUpdated { name } } }";
        let mut own = Socket::open(stage.elsewhere(), &admin.token).await;
        let mut others = Socket::open(stage.elsewhere(), &member.token).await;
        for socket in [&mut own, &mut others] {
            socket.listen("w", document, json!({})).await;
        }
        stage.done(Some(&admin.token), &update(), json!({ "reinviteWaitHours": 0 })).await;
        let told = own.next("w").await["workspaceEvents"].clone();
        let wanted = json!({
            "__typename": "PolicyUpdated", "revision": 2,
            "policy": { "reinviteWaitHours": 0 }, "previousPolicy": { "reinviteWaitHours": 336 },
        });
        assert_eq!(told, wanted);
        stage.done(Some(&admin.token), &mutation("updateWorkspace", ""), json!({ "name": "Fence" })).await;
        assert_eq!(others.next("w").await["workspaceEvents"]["name"], "Fence", "others hear of the policy nothing");
    }

    /// REV-3: two admins who change different settings at the same moment: both hold.
    async fn two_changes_at_once_both_hold(stage) {
        let admin = admin_of(stage, "TEAM").await;
        for round in 1..=6 {
            let change = |at: usize, input: Value| {
                let (server, token, query) = (&stage.servers[at % stage.servers.len()], &admin.token, update());
                async move { stage.ask_at(server, Some(token), &query, json!({ "input": input })).await }
            };
            let (ttl, wait) = (json!({ "invitationTtlHours": round }), json!({ "reinviteWaitHours": round }));
            tokio::join!(change(0, ttl), change(1, wait));
            let after = policy(stage, &admin).await;
            assert_eq!((&after["invitationTtlHours"], &after["reinviteWaitHours"]), (&json!(round), &json!(round)));
        }
        assert_eq!(changes(&stage.event_types(&admin.workspace_id).await), 12);
    }

    /// REV-3: a setting taken back while somebody makes use of it: wholly before it, or refused.
    async fn a_setting_against_what_it_governs(stage) {
        let admin = admin_of(stage, "TEAM").await;
        for round in 0..6 {
            let person = stage.person(&format!("Rosa{round}")).await;
            let member = stage.join(&admin, &person, "Member", &[]).await;
            stage.done(Some(&admin.token), &update(), json!({ "rejoinDeactivated": true })).await;
            stage.deactivate(&admin, &member).await;
            let input = json!({ "input": { "workspaceId": admin.workspace_id } });
            let rejoin = stage.ask_at(stage.elsewhere(), Some(&person.token), REJOIN, input);
            let (forbid, off) = (update(), json!({ "input": { "rejoinDeactivated": false } }));
            let forbid = stage.ask_at(stage.here(), Some(&admin.token), &forbid, off);
            let (rejoined, forbidden) = tokio::join!(rejoin, forbid);
            assert_eq!(forbidden["data"]["updatePolicy"]["userErrors"], json!([]), "{forbidden:#}");
            let types = stage.event_types(&admin.workspace_id).await;
            let last = |kind: &str| types.iter().rposition(|it| it == kind);
            if rejoined["data"]["rejoinWorkspace"]["userErrors"] == json!([]) {
                assert!(last("MemberRejoined") < last("PolicyUpdated"), "{types:?}");
            } else {
                assert!(last("MemberRejoined") < last("MemberDeactivated"), "{rejoined:#}");
            }
        }
    }
}
