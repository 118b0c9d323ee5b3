//! Blocks against everything that happens at the same time on sockets (REV-1, REV-4).

use serde_json::json;

use super::company::{Company, Insider, SESSION_EVENTS, WORKSPACE_EVENTS, seq};
use crate::on_both_stages;
use crate::support::people::text;
use crate::support::socket::{Heard, Socket};

on_both_stages! {
    /// Block against connecting: whoever is let in after the answer to the block is nobody.
    async fn rev_1_a_block_against_connecting(stage) {
        let company = Company::found(stage).await;
        for round in 0..8 {
            let victim = company.hire(&format!("Victim{round}")).await;
            let connecting = async {
                let mut socket = Socket::connect(stage.elsewhere()).await;
                socket.init(&victim.token).await;
                socket.until_closed().await
            };
            let ((messages, end), _) = tokio::join!(connecting, company.block(&victim));
            // Let in or not, it ends in the forced logout.
            assert!(messages.is_empty() || messages == [json!({ "type": "connection_ack" })], "{messages:?}");
            assert_eq!(end, Heard::Closed { code: 4401, reason: "BLOCKED".into() });
        }
    }

    /// Block against subscribing, while other things happen: nothing from the block on is shown.
    async fn rev_4_a_block_against_subscribing(stage) {
        let company = Company::found(stage).await;
        for round in 0..8 {
            let victim = company.hire(&format!("Target{round}")).await;
            let cursor = company.cursor().await;
            let mut socket = Socket::open(stage.elsewhere(), &victim.token).await;
            let subscribing = async {
                socket.subscribe("session", SESSION_EVENTS, json!({})).await;
                for id in 0..4 {
                    socket.subscribe(&id.to_string(), WORKSPACE_EVENTS, json!({ "after": cursor })).await;
                }
                socket.until_closed().await
            };
            let noise = async {
                let other = company.hire(&format!("Noise{round}")).await;
                company.set_role(&other, "Admin").await;
            };
            let ((messages, end), blocked, ()) = tokio::join!(subscribing, company.block(&victim), noise);
            assert_eq!(end, Heard::Closed { code: 4401, reason: "BLOCKED".into() });
            let block = seq(&blocked["eventCursor"]);
            for message in &messages {
                let cursor = &message["payload"]["data"]["workspaceEvents"]["eventCursor"];
                assert!(cursor.is_null() || seq(cursor) < block, "{message} is not of before {block}");
            }
        }
    }

    /// Block against a request on the victim's own socket: it is answered as before the block, or not at all.
    async fn rev_3_a_block_against_a_mutation_on_the_victims_socket(stage) {
        let company = Company::found(stage).await;
        for round in 0..8 {
            let victim = company.hire(&format!("Admin{round}")).await;
            company.set_role(&victim, "Admin").await;
            let target = company.hire(&format!("Bystander{round}")).await;
            let mut socket = Socket::open(stage.elsewhere(), &victim.token).await;
            let striking = async {
                let document = "mutation($input: BlockMemberInput!) { blockMember(input: $input) { eventCursor \
                                userErrors { code } } }";
                socket.subscribe("m", document, json!({ "input": { "memberId": target.id } })).await;
                socket.until_closed().await
            };
            let (_, blocked) = tokio::join!(striking, company.block(&victim));
            assert_order(&company, (&victim, seq(&blocked["eventCursor"])), &target).await;
        }
    }
}

/// Nothing by the blocked actor has a number after their block.
async fn assert_order(company: &Company<'_>, (victim, block): (&Insider, i64), target: &Insider) {
    let mut admin = Socket::open(company.stage.here(), &company.admin.token).await;
    let cursor = company.cursor().await;
    let start = {
        use rollcall::primitives::cursor::EventCursor;
        EventCursor { seq: 0, ..EventCursor::parse(&cursor).expect("a cursor") }.encode()
    };
    let document = "subscription($after: EventCursor) { workspaceEvents(after: $after) { __typename eventCursor \
                    actor { id } ... on MemberBlocked { member { id } } } }";
    admin.subscribe("all", document, json!({ "after": start })).await;
    loop {
        let event = admin.next("all").await["workspaceEvents"].clone();
        if event["actor"]["id"] == victim.id {
            assert!(seq(&event["eventCursor"]) < block, "{event} is of after the block");
            assert_eq!(text(&event["member"]["id"]), target.id);
        }
        if event["eventCursor"] == cursor {
            return;
        }
    }
}
