//! Lists of members (LIF-3, LIF-5, WSP-3): search, filters, orders, paging both ways, and what may be done with each.

use serde_json::{Value, json};

use crate::on_both_stages;
use crate::support::app::Stage;
use crate::support::cast::{Seat, text};

const LIST: &str = "query($filter: MembersFilter, $order: MemberOrder, $first: Int, $after: String, $last: Int, \
                    $before: String) { workspace { members(filter: $filter, orderBy: $order, first: $first, after: $after, \
                    last: $last, before: $before) { totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } \
                    nodes { id name email status } } } }";

async fn crowd(stage: &Stage) -> (Seat, Seat) {
    let ada = stage.person("Ada Lovelace").await;
    let admin = stage.workspace(&ada, "WALLET").await;
    let grace = stage.person("Grace Hopper").await;
    let member = stage.join(&admin, &grace, "Workspace operator", &[]).await;
    for name in ["barbara", "edsger", "tony"] {
        stage.invite(&admin, &format!("{name}@guests.example"), "Workspace operator", &[]).await;
    }
    (admin, member)
}

async fn list(stage: &Stage, seat: &Seat, variables: Value) -> Value {
    stage.data(Some(&seat.token), LIST, variables).await["workspace"]["members"].clone()
}

fn emails(page: &Value) -> Vec<String> {
    page["nodes"].as_array().unwrap().iter().map(|node| text(&node["email"])).collect()
}

on_both_stages! {
    /// Paging forwards and backwards shows everybody once, in each order.
    async fn pages_in_both_directions_show_everybody_once(stage) {
        let (admin, _) = crowd(stage).await;
        let fields = ["NAME", "EMAIL", "JOINED_AT", "LAST_ACTIVE_AT"];
        for order in fields.iter().flat_map(|field| ["ASCENDING", "DESCENDING"].map(|way| json!({ "field": field, "direction": way }))) {
            let whole = emails(&list(stage, &admin, json!({ "order": order, "first": 100 })).await);
            assert_eq!(whole.len(), 5);
            let (mut forwards, mut after) = (Vec::new(), Value::Null);
            loop {
                let page = list(stage, &admin, json!({ "order": order, "first": 2, "after": after })).await;
                forwards.extend(emails(&page));
                assert_eq!(page["totalCount"], 5);
                after = page["pageInfo"]["endCursor"].clone();
                if page["pageInfo"]["hasNextPage"] == false { break }
            }
            assert_eq!(forwards, whole, "{order}");
            let (mut backwards, mut before) = (Vec::new(), Value::Null);
            loop {
                let page = list(stage, &admin, json!({ "order": order, "last": 2, "before": before })).await;
                backwards.splice(0..0, emails(&page));
                before = page["pageInfo"]["startCursor"].clone();
                if page["pageInfo"]["hasPreviousPage"] == false { break }
            }
            assert_eq!(backwards, whole, "{order}");
        }
    }

    /// LIF-5: the other direction is the same list from its end, and a place in one is none in the other.
    async fn an_order_goes_both_ways(stage) {
        let (admin, _) = crowd(stage).await;
        for field in ["NAME", "EMAIL", "JOINED_AT", "LAST_ACTIVE_AT"] {
            let up = list(stage, &admin, json!({ "order": { "field": field } })).await;
            let order = json!({ "field": field, "direction": "DESCENDING" });
            let down = list(stage, &admin, json!({ "order": order })).await;
            let mut turned = emails(&down);
            turned.reverse();
            assert_eq!(turned, emails(&up), "{field}");
            let variables = json!({ "order": order, "after": up["pageInfo"]["startCursor"] });
            let refused = stage.failed(Some(&admin.token), LIST, variables).await;
            assert_eq!((&refused["code"], &refused["field"]), (&json!("BAD_USER_INPUT"), &json!(["after"])));
        }
        let named = emails(&list(stage, &admin, json!({ "order": { "field": "NAME" } })).await);
        assert_eq!(emails(&list(stage, &admin, json!({})).await), named, "by name, from A to Z");
    }

    /// Search finds by the beginning of the e-mail and of each word of the name, in any case.
    async fn search_finds_by_email_and_by_the_words_of_a_name(stage) {
        let (admin, member) = crowd(stage).await;
        for (search, found) in [
            ("LOVE", 1), ("ada lov", 1), ("hopper grace", 1), ("edsger@gu", 1), ("guests", 0), ("love%", 1), ("x' OR 1=1", 0), ("", 5),
        ] {
            let page = list(stage, &admin, json!({ "filter": { "search": search } })).await;
            assert_eq!(page["totalCount"], found, "{search}");
        }
        let page = list(stage, &member, json!({ "filter": { "search": "ada.lovelace@example" } })).await;
        assert_eq!(page["totalCount"], 0, "WSP-3: only admins find by address");
    }

    /// LIF-5, INV-2: filters by status compute expiry at the moment of asking.
    async fn filters_compute_the_status_at_the_moment(stage) {
        let (admin, member) = crowd(stage).await;
        stage.block(&admin, &member).await;
        let count = async |filter: Value| list(stage, &admin, json!({ "filter": filter })).await["totalCount"].clone();
        assert_eq!(count(json!({ "statuses": ["INVITATION_SENT"] })).await, 3);
        assert_eq!(count(json!({ "displayStatuses": ["INACTIVE"] })).await, 1);
        assert_eq!(count(json!({ "statuses": ["BLOCKED"], "displayStatuses": ["ACTIVE"] })).await, 0);
        stage.advance_hours(72);
        assert_eq!(count(json!({ "statuses": ["INVITATION_EXPIRED"] })).await, 3);
        assert_eq!(count(json!({ "statuses": ["INVITATION_SENT"] })).await, 0);
        let counts = "{ workspace { memberCounts { active blocked invitationSent invitationExpired } } }";
        let data = stage.data(Some(&admin.token), counts, json!({})).await;
        assert_eq!(data["workspace"]["memberCounts"],
            json!({ "active": 1, "blocked": 1, "invitationSent": 0, "invitationExpired": 3 }));
    }

    /// WSP-3: whoever is no admin sees the active members by name and role, and no address.
    async fn others_see_active_members_without_addresses(stage) {
        let (_, member) = crowd(stage).await;
        let page = list(stage, &member, json!({ "filter": { "statuses": ["INVITATION_SENT", "ACTIVE"] } })).await;
        assert_eq!(page["totalCount"], 2);
        for node in page["nodes"].as_array().unwrap() {
            assert_eq!(node["status"], "ACTIVE");
            let own = node["id"] == member.member_id.as_str();
            assert_eq!(node["email"].is_string(), own, "{node}");
        }
        let asset = rollcall::primitives::ids::AssetId::new().to_string();
        for telling in [
            json!({ "order": { "field": "EMAIL" } }),
            json!({ "order": { "field": "LAST_ACTIVE_AT" } }),
            json!({ "filter": { "assetId": asset } }),
        ] {
            assert_eq!(stage.failed(Some(&member.token), LIST, telling).await["code"], "FORBIDDEN");
        }
    }

    /// LIF-3: each member tells what may be done with it now, and why not.
    async fn each_member_tells_what_may_be_done_with_it(stage) {
        let (admin, member) = crowd(stage).await;
        let query = "query($id: ID!) { workspace { member(id: $id) { availableActions { action allowed refusal { code } } } } }";
        let actions = async |seat: &Seat, id: &str| {
            let data = stage.data(Some(&seat.token), query, json!({ "id": id })).await;
            data["workspace"]["member"]["availableActions"].clone()
        };
        let of = |actions: &Value, action: &str| {
            actions.as_array().unwrap().iter().find(|it| it["action"] == action).cloned().unwrap_or_default()
        };
        let on_member = actions(&admin, &member.member_id).await;
        assert_eq!(of(&on_member, "BLOCK")["allowed"], true);
        assert_eq!(of(&on_member, "UNBLOCK")["refusal"]["code"], "NOT_ALLOWED_IN_STATUS");
        let on_self = actions(&admin, &admin.member_id).await;
        assert_eq!(of(&on_self, "BLOCK")["refusal"]["code"], "NOT_YOURSELF");
        assert_eq!(of(&on_self, "LEAVE")["refusal"]["code"], "LAST_ADMIN");
        // The code is that of the mutation itself, with the same hand (LIF-1).
        assert_eq!(of(&on_member, "INVITE")["refusal"]["code"], "ALREADY_MEMBER");
        let (invited, _) = stage.invite(&admin, "late@example.com", "Workspace operator", &[]).await;
        assert_eq!(of(&actions(&admin, &invited).await, "INVITE")["refusal"]["code"], "ALREADY_INVITED");
        stage.block(&admin, &member).await;
        stage.remove(&admin, &member).await;
        let (again, _) = stage.invite(&admin, &member.person.email, "Workspace operator", &[]).await;
        assert_eq!(again, member.member_id);
        assert_eq!(of(&actions(&admin, &again).await, "UPDATE_INVITATION")["allowed"], true);
        let key = Seat { token: stage.api_key(&admin).await, ..admin.clone() };
        let by_key = actions(&key, &again).await;
        assert_eq!(of(&by_key, "UPDATE_INVITATION")["refusal"]["code"], "BLOCKED_REQUIRES_ADMIN");
    }

    /// LIF-3: whoever isn't an admin is told of what they may do themselves, and of nothing else.
    async fn lif_3_a_member_is_told_of_their_own_ways_alone(stage) {
        let (_, member) = crowd(stage).await;
        let query = "query($id: ID!) { workspace { member(id: $id) { availableActions { action } } } }";
        let own = stage.data(Some(&member.token), query, json!({ "id": member.member_id })).await;
        let own = own["workspace"]["member"]["availableActions"].clone();
        let named: Vec<String> = own.as_array().unwrap().iter().map(|it| text(&it["action"])).collect();
        assert_eq!(named, ["REJOIN", "LEAVE"]);
    }

    /// A cursor of another order, an event cursor, rubbish and sizes out of bounds are refused by name.
    async fn bad_places_and_sizes_are_refused_by_name(stage) {
        let (admin, _) = crowd(stage).await;
        let page = list(stage, &admin, json!({ "first": 1 })).await;
        let cursor = page["pageInfo"]["endCursor"].clone();
        let data = stage.data(Some(&admin.token), "{ workspace { eventCursor } }", json!({})).await;
        for (variables, field) in [
            (json!({ "order": { "field": "EMAIL" }, "after": cursor }), "after"),
            (json!({ "after": data["workspace"]["eventCursor"] }), "after"),
            (json!({ "before": "rubbish" }), "before"),
            (json!({ "first": 0 }), "first"),
            (json!({ "last": 101 }), "last"),
            (json!({ "first": 1, "last": 1 }), "last"),
            (json!({ "filter": { "search": "x".repeat(101) } }), "filter"),
            (json!({ "filter": { "search": "nul\u{0}" } }), "filter"),
        ] {
            let failure = stage.failed(Some(&admin.token), LIST, variables.clone()).await;
            assert_eq!((&failure["code"], &failure["field"][0]), (&json!("BAD_USER_INPUT"), &json!(field)), "{variables}");
        }
    }

    /// Each of a page's rows costs no statement of its own, and where it would, there is a bound.
    async fn nested_pages_are_bounded(stage) {
        let (admin, _) = crowd(stage).await;
        let fields: String = (0..25).map(|n| format!("a{n}: sessions(first: 1) {{ nodes {{ id }} }} ")).collect();
        let query = format!("{{ workspace {{ members(first: 100) {{ nodes {{ {fields} }} }} }} }}");
        let refused = stage.failed(Some(&admin.token), &query, json!({})).await;
        assert_eq!(refused["code"], "BAD_USER_INPUT");
        let query = "{ workspace { members(first: 100) { nodes { notes { text } refusedAttempts { attempts } \
                     sessions(first: 1) { nodes { id } } } } } }";
        stage.data(Some(&admin.token), query, json!({})).await;
    }

    /// A made-up cursor leads nowhere and breaks nothing.
    async fn a_made_up_cursor_leads_nowhere(stage) {
        use rollcall::primitives::cursor::{Key, PageCursor};
        let (admin, _) = crowd(stage).await;
        for (order, key) in [("NAME", Key::Number(1)), ("JOINED_AT", Key::Text("a".into()))] {
            let cursor = PageCursor { order: order.into(), key, id: uuid::Uuid::from_u128(1) }.encode();
            let page = list(stage, &admin, json!({ "order": { "field": order }, "after": cursor })).await;
            assert_eq!(page["nodes"], json!([]));
        }
    }
}
