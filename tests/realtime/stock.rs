//! The package that frontends really use, `graphql-ws` on Node, as the window of somebody who is blocked.

use std::time::Duration;

use serde_json::json;

use crate::on_both_stages;
use crate::support::app::Stage;
use crate::support::cast::{SET_ROLE, Seat};
use crate::support::stock_client::StockClient;

const FATE: &str =
    "subscription { sessionEvents { __typename ... on SessionEnded { cause message contact { email } } } }";

/// Changes the member's rights until the window hears of it: from then on its subscription is open.
async fn hear_of_rights(stage: &Stage, admin: &Seat, member: &Seat, window: &mut StockClient) {
    for role in ["Workspace reviewer", "Workspace operator"].iter().cycle().take(40) {
        let input = json!({ "memberId": member.member_id, "roleId": stage.role(admin, role).await });
        stage.done(Some(&admin.token), SET_ROLE, input).await;
        let heard = tokio::time::timeout(Duration::from_millis(500), window.next_of("message")).await;
        if let Ok(heard) = heard {
            assert_eq!(heard["payload"]["data"]["sessionEvents"]["__typename"], "SessionRightsChanged");
            return;
        }
    }
    panic!("the window never heard of its rights");
}

on_both_stages! {
    /// BLK-2: the stock client's window gets the forced logout with cause and contact, on the other server, is closed
    /// with 4401, and stays away.
    async fn the_stock_client_of_a_blocked_member_stops_for_good(stage) {
        let ada = stage.person("Ada").await;
        let admin = stage.workspace(&ada, "WALLET").await;
        let mallory = stage.person("Mallory").await;
        let member = stage.join(&admin, &mallory, "Workspace operator", &[]).await;
        let url = format!("ws://{}/graphql", stage.elsewhere().address);
        let Some(mut window) = StockClient::start(&url, &member.token, FATE, &["--retry-wait-ms=1"]) else { return };
        window.next_of("connected").await;
        hear_of_rights(stage, &admin, &member, &mut window).await;
        stage.block(&admin, &member).await;
        let rest = window.until_end().await;
        let mut told = rest.iter().filter(|line| line["type"] == "message").map(|it| &it["payload"]["data"]["sessionEvents"]);
        let ended = told.clone().find(|it| it["__typename"] == "SessionEnded").expect("the forced logout");
        assert_eq!(told.next_back(), Some(ended), "REV-4: nothing after it");
        assert_eq!((&ended["cause"], &ended["contact"]["email"]), (&json!("BLOCKED"), &json!("ada@example.com")));
        assert!(rest.contains(&json!({ "type": "closed", "code": 4401, "reason": "BLOCKED" })), "{rest:?}");
        let stopped = rest.last().expect("it says that it stopped");
        assert_eq!((&stopped["type"], &stopped["code"]), (&json!("stopped"), &json!(4401)));
    }
}
