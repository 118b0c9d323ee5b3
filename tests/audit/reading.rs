//! Reading the audit trail: who may, what each entry says, filters, pages, and what was archived (EVT-3).

use serde_json::{Value, json};

use crate::on_both_stages;
use crate::support::app::Stage;
use crate::support::cast::{BLOCK, Seat, UNBLOCK, text};
use crate::support::socket::Socket;

const LOG: &str = "query($filter: EventsFilter, $first: Int, $last: Int, $after: String, $before: String, $order: EventOrder! = OLDEST_FIRST) { \
    workspace { events(filter: $filter, first: $first, last: $last, after: $after, before: $before, orderBy: $order) { \
    totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } nodes { id type eventCursor occurredAt \
    actor { kind id } origin memberId member { id name } category refusedAction changes { what from to } \
    event { __typename id eventCursor ... on OtherEvent { type } ... on MemberBlocked { member { id name status } category } } } } } }";

async fn log(stage: &Stage, admin: &Seat, variables: Value) -> Value {
    stage.data(Some(&admin.token), LOG, variables).await["workspace"]["events"].clone()
}

fn types(page: &Value) -> Vec<String> {
    page["nodes"].as_array().expect("nodes").iter().map(|node| text(&node["type"])).collect()
}

/// An admin and a member whom a key has blocked, whom it tried to bring back, and whom the admin brought back.
async fn history(stage: &Stage) -> (Seat, Seat) {
    let (ada, bob) = (stage.person("Ada").await, stage.person("Bob").await);
    let admin = stage.workspace(&ada, "WALLET").await;
    let member = stage.join(&admin, &bob, "Workspace operator", &[]).await;
    let key = stage.api_key(&admin).await;
    stage.advance_hours(1);
    stage
        .done(
            Some(&key),
            BLOCK,
            json!({ "memberId": member.member_id, "category": "OTHER", "note": "a lost laptop" }),
        )
        .await;
    stage.refused(Some(&key), UNBLOCK, json!({ "memberId": member.member_id })).await;
    stage.advance_hours(1);
    stage.unblock(&admin, &member).await;
    (admin, member)
}

on_both_stages! {
    /// EVT-3: actor, origin, time, reason, what changed from what to what; and not what somebody wrote (DEL-1).
    async fn evt_3_an_entry_says_who_how_when_why_and_what_became_of_what(stage) {
        let (admin, member) = history(stage).await;
        let blocked = log(stage, &admin, json!({ "filter": { "types": ["MemberBlocked"] } })).await;
        assert_eq!(blocked["totalCount"], 1);
        let entry = &blocked["nodes"][0];
        assert_eq!((&entry["actor"]["kind"], &entry["origin"]), (&json!("API_KEY"), &json!("AUTOMATION")));
        assert_eq!(entry["memberId"], json!(member.member_id));
        assert_eq!(entry["member"], json!({ "id": member.member_id, "name": "Bob" }));
        assert_eq!(entry["category"], "OTHER");
        assert_eq!(entry["changes"], json!([{ "what": "status", "from": "ACTIVE", "to": "BLOCKED" }]));
        assert_eq!(entry["event"]["__typename"], "MemberBlocked");
        assert_eq!(entry["event"]["member"]["name"], "Bob");
        assert_eq!(entry["event"]["eventCursor"], entry["eventCursor"]);
        assert!(!entry.to_string().contains("laptop"), "the note stays beside the log: {entry:#}");

        let tried = log(stage, &admin, json!({ "filter": { "types": ["RefusedAttemptRecorded"] } })).await;
        assert_eq!(tried["nodes"][0]["refusedAction"], "UNBLOCK", "BLK-10: {tried:#}");
        let unblocked = log(stage, &admin, json!({ "filter": { "types": ["MemberUnblocked"] } })).await;
        let change = json!([{ "what": "status", "from": "BLOCKED", "to": "ACTIVE" }]);
        assert_eq!(unblocked["nodes"][0]["changes"], change);
        assert_eq!(unblocked["nodes"][0]["origin"], "ADMIN_DIRECT");
    }

    /// EVT-3: by type, actor, member, origin and time, each and together.
    async fn evt_3_the_log_is_filtered_by_type_actor_member_origin_and_time(stage) {
        let (admin, member) = history(stage).await;
        let all = types(&log(stage, &admin, json!({ "first": 100 })).await);
        assert_eq!(all, stage.event_types(&admin.workspace_id).await);
        let of = async |filter: Value| types(&log(stage, &admin, json!({ "first": 100, "filter": filter })).await);
        assert_eq!(
            of(json!({ "types": ["MemberUnblocked", "MemberBlocked", "MemberBlocked", "NoSuchType"] })).await,
            ["MemberBlocked", "MemberUnblocked"]
        );
        let by_admin = of(json!({ "actorId": admin.member_id })).await;
        assert_eq!(by_admin, ["MemberInvited", "ApiKeyCreated", "MemberUnblocked"]);
        let about = of(json!({ "memberId": member.member_id })).await;
        assert_eq!(about, all.iter().filter(|it| !matches!(it.as_str(), "WorkspaceCreated" | "ApiKeyCreated"))
            .skip(1).cloned().collect::<Vec<_>>(), "all but the founding and the key");
        assert_eq!(of(json!({ "origins": ["AUTOMATION"] })).await, ["MemberBlocked", "RefusedAttemptRecorded"]);
        let several = of(json!({ "origins": ["AUTOMATION", "ADMIN_DIRECT"], "memberId": member.member_id })).await;
        assert_eq!(several, ["MemberInvited", "MemberBlocked", "RefusedAttemptRecorded", "MemberUnblocked"]);
        let blocked = log(stage, &admin, json!({ "filter": { "types": ["MemberBlocked"] } })).await;
        let at = &blocked["nodes"][0]["occurredAt"];
        assert_eq!(of(json!({ "since": at })).await, ["MemberBlocked", "RefusedAttemptRecorded", "MemberUnblocked"]);
        assert_eq!(of(json!({ "since": at, "until": "2026-03-01T13:30:00Z" })).await, ["MemberBlocked", "RefusedAttemptRecorded"]);
        assert_eq!(of(json!({ "until": "2026-01-01T00:00:00Z" })).await, Vec::<String>::new());
        assert_eq!(of(json!({ "since": "2030-01-01T00:00:00Z" })).await, Vec::<String>::new());
        let both = of(json!({ "types": ["MemberBlocked", "MemberInvited"], "actorId": admin.member_id })).await;
        assert_eq!(both, ["MemberInvited"]);
    }

    /// Pages both ways, in both orders, without a gap and without a double, for every filter that reads several indexes.
    async fn pages_meet_without_gap_or_double_in_both_orders(stage) {
        let (admin, _) = history(stage).await;
        let filter = json!({ "origins": ["STANDARD_FLOW", "AUTOMATION", "ADMIN_DIRECT"] });
        let whole = types(&log(stage, &admin, json!({ "first": 100, "filter": filter })).await);
        for (order, size, way) in [("OLDEST_FIRST", "first", "after"), ("NEWEST_FIRST", "last", "before")] {
            let (mut read, mut cursor) = (Vec::new(), Value::Null);
            loop {
                let page = log(stage, &admin, json!({ size: 2, way: cursor, "order": order, "filter": filter })).await;
                let mut these = types(&page);
                if size == "last" {
                    these.reverse();
                }
                read.extend(these);
                let more = if size == "first" { "hasNextPage" } else { "hasPreviousPage" };
                if page["pageInfo"][more] == false {
                    break;
                }
                cursor = page["pageInfo"][if size == "first" { "endCursor" } else { "startCursor" }].clone();
            }
            // The newest first, read from its end, is the oldest first.
            assert_eq!(read, whole, "{order}");
        }
    }

    async fn a_wrong_cursor_or_filter_is_refused_by_name(stage) {
        let (admin, member) = history(stage).await;
        let token = Some(admin.token.as_str());
        let page = log(stage, &admin, json!({ "first": 1 })).await;
        let event_cursor = &page["nodes"][0]["eventCursor"];
        for (variables, field) in [
            (json!({ "after": event_cursor }), "after"),
            (json!({ "after": page["pageInfo"]["endCursor"], "order": "NEWEST_FIRST" }), "after"),
            (json!({ "first": 101 }), "first"),
            (json!({ "filter": { "types": ["a b"] } }), "filter"),
            (json!({ "filter": { "types": vec!["A"; 51] } }), "filter"),
            (json!({ "filter": { "actorId": "role_01h455vb4pex5vsknk084sn02q" } }), "filter"),
            (json!({ "filter": { "memberId": admin.workspace_id } }), "filter"),
        ] {
            let failed = stage.failed(token, LOG, variables.clone()).await;
            assert_eq!((&failed["code"], &failed["field"][0]), (&json!("BAD_USER_INPUT"), &json!(field)), "{variables}");
        }
        let _ = member;
    }

    /// WSP-3: the audit trail is for admins. What concerns a member is on the member, for admins too.
    async fn wsp_3_nobody_but_admins_and_keys_reads_the_log(stage) {
        let (ada, bob) = (stage.person("Ada").await, stage.person("Bob").await);
        let admin = stage.workspace(&ada, "TEAM").await;
        let member = stage.join(&admin, &bob, "Member", &[]).await;
        assert_eq!(stage.failed(Some(&member.token), LOG, json!({})).await["code"], "FORBIDDEN");
        let archived = "{ workspace { archivedEvents { count } } }";
        assert_eq!(stage.failed(Some(&member.token), archived, json!({})).await["code"], "FORBIDDEN");
        let own = "{ workspace { viewerMember { events(first: 5) { nodes { type } } } } }";
        let data = stage.data(Some(&member.token), own, json!({})).await;
        assert_eq!(data["workspace"]["viewerMember"]["events"], Value::Null);
        let key = stage.api_key(&admin).await;
        let data = stage.data(Some(&key), LOG, json!({})).await;
        assert_eq!(data["workspace"]["events"]["nodes"][0]["type"], "WorkspaceCreated");
        // WSP-8: another workspace's member has no entries here.
        let other = stage.workspace(&ada, "TEAM").await;
        let none = log(stage, &admin, json!({ "filter": { "memberId": other.member_id } })).await;
        assert_eq!(none["totalCount"], 0);
    }

    async fn a_member_shows_its_own_entries_the_newest_first(stage) {
        let (admin, member) = history(stage).await;
        let query = "query($id: ID!) { workspace { member(id: $id) { events(first: 3) { nodes { type } } } } }";
        let data = stage.data(Some(&admin.token), query, json!({ "id": member.member_id })).await;
        let events = &data["workspace"]["member"]["events"];
        assert_eq!(types(events), ["MemberUnblocked", "RefusedAttemptRecorded", "MemberBlocked"]);
    }

    /// EVT-3: what the operator has archived is told, and never shown by halves.
    async fn evt_3_what_was_archived_is_told(stage) {
        let (admin, _) = history(stage).await;
        let archived = "{ workspace { archivedEvents { count eventCursor } } }";
        let whole = stage.data(Some(&admin.token), archived, json!({})).await;
        assert_eq!(whole["workspace"]["archivedEvents"], Value::Null);
        let third = log(stage, &admin, json!({ "first": 3 })).await["nodes"][2]["eventCursor"].clone();
        let all = stage.event_types(&admin.workspace_id).await;
        stage.sql("UPDATE streams SET floor = 3 WHERE kind = 'WORKSPACE'").await;
        let told = stage.data(Some(&admin.token), archived, json!({})).await;
        assert_eq!(told["workspace"]["archivedEvents"], json!({ "count": 3, "eventCursor": third }));
        let rest = log(stage, &admin, json!({ "first": 100 })).await;
        assert_eq!((types(&rest), &rest["totalCount"]), (all[3..].to_vec(), &json!(all.len() - 3)));
    }

    /// EVT-3, EVT-4: a subscriber whose cursor lies in what was archived is told to begin anew, never shown a hole; also
    /// where the rows are still there.
    async fn evt_3_a_cursor_below_the_floor_begins_anew(stage) {
        let (admin, _) = history(stage).await;
        let first = log(stage, &admin, json!({ "first": 1 })).await["nodes"][0]["eventCursor"].clone();
        stage.sql("UPDATE streams SET floor = 3 WHERE kind = 'WORKSPACE'").await;
        let mut socket = Socket::open_at(stage.elsewhere().address, &admin.token).await;
        let watch = "subscription($after: EventCursor) { workspaceEvents(after: $after) { __typename eventCursor \
            ... on Resync { reason } } }";
        socket.subscribe("workspace", watch, json!({ "after": first })).await;
        let told = socket.next("workspace").await["workspaceEvents"].clone();
        assert_eq!((&told["__typename"], &told["reason"]), (&json!("Resync"), &json!("ARCHIVED")));
    }

    /// A type of a later release shows what it changed all the same.
    async fn an_unknown_type_is_shown_neutrally_with_its_changes(stage) {
        let (admin, _) = history(stage).await;
        stage.sql("UPDATE events SET type = 'ChairMoved' WHERE type = 'MemberBlocked'").await;
        let moved = log(stage, &admin, json!({ "filter": { "types": ["ChairMoved"] } })).await;
        assert_eq!(moved["nodes"][0]["event"]["__typename"], "OtherEvent");
        assert_eq!(moved["nodes"][0]["event"]["type"], "ChairMoved");
        assert_eq!(moved["nodes"][0]["changes"][0]["to"], "BLOCKED");
    }
}
