//! What subscribers are shown, and what can't be asked (EVT-4).

use serde_json::json;

use super::company::{Company, WORKSPACE_EVENTS};
use crate::on_both_stages;
use crate::support::people::mutation;
use crate::support::socket::Socket;

on_both_stages! {
    async fn an_admin_sees_a_block_with_the_member_as_it_is_now(stage) {
        let company = Company::found(stage).await;
        let mut admin = Socket::open(stage.elsewhere(), &company.admin.token).await;
        admin.subscribe("all", WORKSPACE_EVENTS, json!({ "after": company.cursor().await })).await;
        let blocked = company.block(&company.member).await;
        let shown = admin.next("all").await["workspaceEvents"].clone();
        assert_eq!(shown["__typename"], "MemberBlocked");
        assert_eq!(shown["category"], "SECURITY_CONCERN");
        // The mutation's cursor is the event's: a client knows when its own subscription has caught up.
        assert_eq!(shown["eventCursor"], blocked["eventCursor"]);
        let query = "query($id: ID!) { workspace { member(id: $id) { id status displayStatus revision } } }";
        let stored = stage.data(Some(&company.admin.token), query, json!({ "id": company.member.id })).await;
        assert_eq!(shown["member"], stored["workspace"]["member"]);
    }

    /// WSP-3, EVT-8: everybody sees the active members, and whoever is no admin sees no more than that.
    async fn others_than_admins_see_who_comes_and_goes_and_not_why(stage) {
        let company = Company::found(stage).await;
        let carol = company.hire("Carol").await;
        let mut other = Socket::open(stage.elsewhere(), &carol.token).await;
        let document = "subscription($after: EventCursor) { workspaceEvents(after: $after) { __typename actor { kind id } \
                        ... on MemberHidden { memberId } ... on MemberShown { member { id status } } } }";
        other.listen("all", document, json!({})).await;
        company.block(&company.member).await;
        let hidden = other.next("all").await["workspaceEvents"].clone();
        let nobody = json!({ "kind": "UNDISCLOSED", "id": null });
        let expected = json!({ "__typename": "MemberHidden", "actor": nobody, "memberId": company.member.id });
        assert_eq!(hidden, expected);
        company.unblock(&company.member).await;
        let shown = other.next("all").await["workspaceEvents"].clone();
        let member = json!({ "id": company.member.id, "status": "ACTIVE" });
        assert_eq!(shown, json!({ "__typename": "MemberShown", "actor": nobody, "member": member }));
    }

    async fn without_a_cursor_it_starts_now(stage) {
        let company = Company::found(stage).await;
        let mut admin = Socket::open(stage.elsewhere(), &company.admin.token).await;
        company.register_asset("before").await;
        admin.listen("all", WORKSPACE_EVENTS, json!({})).await;
        let cursor = company.register_asset("after").await;
        assert_eq!(admin.next("all").await["workspaceEvents"]["eventCursor"], cursor);
    }

    async fn subscriptions_on_one_socket_each_have_their_own_place(stage) {
        let company = Company::found(stage).await;
        let first = company.cursor().await;
        let second = company.register_asset("one").await;
        let third = company.register_asset("two").await;
        let mut admin = Socket::open(stage.elsewhere(), &company.admin.token).await;
        admin.subscribe("from the first", WORKSPACE_EVENTS, json!({ "after": first })).await;
        for cursor in [&second, &third] {
            let shown = admin.next("from the first").await;
            assert_eq!(shown["workspaceEvents"]["eventCursor"], **cursor);
        }
        admin.subscribe("from the second", WORKSPACE_EVENTS, json!({ "after": second })).await;
        assert_eq!(admin.next("from the second").await["workspaceEvents"]["eventCursor"], third);
        admin.complete("from the first").await;
        admin.fence().await;
        let fourth = company.register_asset("three").await;
        assert_eq!(admin.next("from the second").await["workspaceEvents"]["eventCursor"], fourth);
        admin.fence().await;
    }

    async fn what_an_event_does_not_carry_is_refused_by_name(stage) {
        let company = Company::found(stage).await;
        let mut admin = Socket::open(stage.elsewhere(), &company.admin.token).await;
        let document = "subscription { workspaceEvents { ... on MemberBlocked { member { id email } } } }";
        admin.subscribe("s", document, json!({})).await;
        let refused = admin.refusal("s").await;
        assert_eq!(refused[0]["extensions"]["code"], "BAD_USER_INPUT");
        assert!(refused[0]["message"].as_str().is_some_and(|text| text.starts_with("Member.email")), "{refused}");
    }

    /// delivery.md, "The journal": a cursor is never taken for a place where it isn't one.
    async fn a_cursor_of_no_place_here_is_answered_with_a_resync(stage) {
        use rollcall::primitives::cursor::EventCursor;
        let company = Company::found(stage).await;
        let here = EventCursor::parse(&company.cursor().await).expect("a cursor");
        let mut other = here;
        other.epoch.timeline += 1;
        let elsewhere = EventCursor { stream: uuid::Uuid::from_u128(7), ..here };
        let beyond = EventCursor { seq: here.seq + 100, ..here };
        let mut admin = Socket::open(stage.elsewhere(), &company.admin.token).await;
        for (id, cursor, reason) in [
            ("epoch", other, "OTHER_HISTORY"),
            ("stream", elsewhere, "OTHER_STREAM"),
            ("beyond", beyond, "BEYOND_HEAD"),
        ] {
            admin.subscribe(id, WORKSPACE_EVENTS, json!({ "after": cursor.encode() })).await;
            let shown = admin.next(id).await["workspaceEvents"].clone();
            assert_eq!((&shown["__typename"], &shown["reason"]), (&json!("Resync"), &json!(reason)));
            assert_eq!(shown["eventCursor"], here.encode(), "from here it goes on");
        }
        let cursor = company.register_asset("after").await;
        for _ in 0..3 {
            let message = admin.message().await;
            assert_eq!(message["payload"]["data"]["workspaceEvents"]["eventCursor"], cursor);
        }
    }

    async fn what_is_no_event_cursor_is_refused(stage) {
        let company = Company::found(stage).await;
        let query = "{ workspace { members(first: 1) { pageInfo { endCursor } } } }";
        let page = stage.data(Some(&company.admin.token), query, json!({})).await;
        let page = page["workspace"]["members"]["pageInfo"]["endCursor"].clone();
        let mut admin = Socket::open(stage.elsewhere(), &company.admin.token).await;
        for (id, cursor, word) in [("page", page, "page cursor"), ("rubbish", json!("x"), "not a cursor")] {
            admin.subscribe(id, WORKSPACE_EVENTS, json!({ "after": cursor })).await;
            let refused = admin.refusal(id).await;
            assert_eq!(refused[0]["extensions"]["code"], "BAD_USER_INPUT", "{refused}");
            assert!(refused[0]["message"].as_str().is_some_and(|text| text.contains(word)), "{refused}");
        }
    }

    async fn queries_and_mutations_run_on_a_socket_as_over_http(stage) {
        let company = Company::found(stage).await;
        let mut admin = Socket::open(stage.elsewhere(), &company.admin.token).await;
        admin.listen("all", WORKSPACE_EVENTS, json!({})).await;
        let block = mutation("blockMember", "eventCursor");
        admin.subscribe("m", &block, json!({ "input": { "memberId": company.member.id } })).await;
        let mut seen = Vec::new();
        for _ in 0..3 {
            let message = admin.message().await;
            seen.push((message["id"].clone(), message["type"].clone()));
        }
        seen.sort_by_key(|(id, kind)| (id.to_string(), kind.to_string()));
        let wanted = [("all", "next"), ("m", "complete"), ("m", "next")];
        assert_eq!(seen, wanted.map(|(id, kind)| (json!(id), json!(kind))));

        let mut member = Socket::open(stage.elsewhere(), &company.admin.token).await;
        member.subscribe("q", "{ workspace { nothing } }", json!({})).await;
        assert_eq!(member.refusal("q").await[0]["extensions"]["code"], "GRAPHQL_VALIDATION_FAILED");
        member.subscribe("q", "{ workspace {", json!({})).await;
        assert_eq!(member.refusal("q").await[0]["extensions"]["code"], "GRAPHQL_PARSE_FAILED");
        let forbidden = "subscription { workspaceEvents { id } sessionEvents { __typename } }";
        member.subscribe("q", forbidden, json!({})).await;
        assert_eq!(member.refusal("q").await[0]["extensions"]["code"], "GRAPHQL_VALIDATION_FAILED");
        member.subscribe("q", "subscription { everything }", json!({})).await;
        assert_eq!(member.refusal("q").await[0]["extensions"]["code"], "GRAPHQL_VALIDATION_FAILED");
    }
}
