//! Bulk calls at their full size and against each other: a number of statements that doesn't grow with the rows, every
//! event once, and of two who race for a member one.

use rollcall::primitives::ids::MemberId;
use serde_json::{Value, json};

use crate::on_both_stages;
use crate::support::app::Stage;
use crate::support::cast::{BLOCK, BULK, Seat, text};
use crate::support::socket::Socket;
use crate::support::statements::Statements;

const OPERATOR: &str = "Workspace operator";
/// What it asks for costs nothing beside the change.
const CHANGE: &str = "mutation($input: BulkUpdateMembersInput!) { bulkUpdateMembers(input: $input) { results { member { id status } \
                      userErrors { code } } } }";
const EVENTS: &str =
    "subscription { workspaceEvents { __typename ... on MemberBlocked { member { id status } } } }";
/// What one call may name.
const ROWS_MAX: usize = 500;

async fn admin_of(stage: &Stage) -> Seat {
    let ada = stage.person("Ada").await;
    stage.workspace(&ada, "WALLET").await
}

async fn bulk(stage: &Stage, admin: &Seat, operation: &str, rows: &[String], more: &Value) -> Vec<Value> {
    let mut input = json!({ "operation": operation, "memberIds": rows });
    input.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
    let data = stage.data(Some(&admin.token), CHANGE, json!({ "input": input })).await;
    data["bulkUpdateMembers"]["results"].as_array().expect("results").clone()
}

fn done(results: &[Value]) -> usize {
    results.iter().filter(|row| row["userErrors"] == json!([])).count()
}

on_both_stages! {
    /// EVT-1, EVT-4: 500 members in one call: everybody who listens hears of each once and in the order of the rows, and
    /// the call runs as many statements as one for two members. Bringing back saves each member by itself, because the
    /// seat is asked for row by row.
    async fn five_hundred_members_in_one_call(stage) {
        let admin = admin_of(stage).await;
        let role = stage.role(&admin, "Workspace reviewer").await;
        let members = stage.crowd(&admin.workspace_id, OPERATOR, ROWS_MAX).await;
        let mut windows = Vec::new();
        for server in [stage.here(), stage.elsewhere()] {
            let mut window = Socket::open(server, &admin.token).await;
            window.listen("all", EVENTS, json!({})).await;
            windows.push(window);
        }
        let statements = Statements::of(stage);
        let mut calls = Vec::new();
        for (operation, more, per_row) in [
            ("SET_ROLE", json!({ "roleId": role }), 0),
            ("DEACTIVATE", json!({ "category": "LEAVE_OR_PAUSE", "note": "closed for the winter" }), 0),
            ("REACTIVATE", json!({}), 3),
            ("BLOCK", json!({ "note": "a lost list" }), 0),
            ("UNBLOCK", json!({}), 0),
            ("REMOVE", json!({ "category": "OFFBOARDING", "note": "sold" }), 0),
        ] {
            let two = stage.crowd(&admin.workspace_id, OPERATOR, 2).await;
            if operation == "REACTIVATE" {
                bulk(stage, &admin, "DEACTIVATE", &two, &json!({})).await;
            } else if operation == "UNBLOCK" {
                bulk(stage, &admin, "BLOCK", &two, &json!({})).await;
            }
            statements.take();
            let few = bulk(stage, &admin, operation, &two, &more).await;
            let for_two = statements.take().len();
            let many = bulk(stage, &admin, operation, &members, &more).await;
            let for_many = statements.take().len();
            let expected = if operation == "UNBLOCK" { (0, 0) } else { (2, ROWS_MAX) };
            assert_eq!((done(&few), done(&many)), expected, "{operation}");
            assert!(
                for_many <= for_two + per_row * ROWS_MAX,
                "{operation}: {for_two} statements for 2 rows, {for_many} for {ROWS_MAX}"
            );
            calls.push((operation, for_two));
        }
        assert!(calls.iter().all(|(operation, count)| *count <= 30 || *operation == "REACTIVATE"), "{calls:?}");
        for mut window in windows {
            let mut heard = Vec::new();
            while heard.len() < ROWS_MAX {
                let event = window.next("all").await["workspaceEvents"].clone();
                let id = event["member"]["id"].as_str().unwrap_or_default().to_owned();
                if event["__typename"] == "MemberBlocked" && members.contains(&id) {
                    heard.push(id);
                }
            }
            assert_eq!(heard, members);
        }
        // EVT-2: and no number is missing or twice.
        stage.event_types(&admin.workspace_id).await;
    }

    /// WSP-6, EVT-2: of two bulk calls on the same members each member is blocked by one.
    async fn two_bulk_calls_on_the_same_members(stage) {
        let admin = admin_of(stage).await;
        let members = stage.crowd(&admin.workspace_id, OPERATOR, 40).await;
        let call = |server: usize, rows: Vec<String>| {
            let (admin, stage) = (&admin, &stage);
            async move {
                let variables = json!({ "input": { "operation": "BLOCK", "memberIds": rows } });
                let server = &stage.servers[server % stage.servers.len()];
                stage.ask_at(server, Some(&admin.token), BULK, variables).await
            }
        };
        let backwards: Vec<String> = members.iter().rev().cloned().collect();
        let (one, two) = tokio::join!(call(0, members.clone()), call(1, backwards));
        let results = |answer: &Value| answer["data"]["bulkUpdateMembers"]["results"].as_array().unwrap().clone();
        assert_eq!(done(&results(&one)) + done(&results(&two)), members.len(), "{one:#}\n{two:#}");
        let types = stage.event_types(&admin.workspace_id).await;
        assert_eq!(types.iter().filter(|it| *it == "MemberBlocked").count(), members.len());
    }

    /// WSP-6: two admins who put each other out in bulk: one of them is out, and with them their call.
    async fn two_admins_who_put_each_other_out_in_bulk(stage) {
        let admin = admin_of(stage).await;
        let bob = stage.person("Bob").await;
        let other = stage.join(&admin, &bob, "Workspace admin", &[]).await;
        let crowd = stage.crowd(&admin.workspace_id, OPERATOR, 5).await;
        let call = |by: Seat, server: usize, whom: String| {
            let (rows, stage) = (crowd.iter().cloned().chain([whom]).collect::<Vec<_>>(), &stage);
            async move {
                let variables = json!({ "input": { "operation": "REMOVE", "memberIds": rows } });
                let server = &stage.servers[server % stage.servers.len()];
                stage.ask_at(server, Some(&by.token), BULK, variables).await
            }
        };
        let (one, two) = tokio::join!(
            call(admin.clone(), 0, other.member_id.clone()),
            call(other.clone(), 1, admin.member_id.clone()),
        );
        let ended = [&one, &two].iter().filter(|it| it["errors"][0]["extensions"]["sessionEnd"]["cause"] == "REMOVED").count();
        assert_eq!(ended, 1, "{one:#}\n{two:#}");
        let types = stage.event_types(&admin.workspace_id).await;
        assert_eq!(types.iter().filter(|it| *it == "MemberRemoved").count(), 6);
    }

    /// A bulk call against a block of one of its members: one of both has it, and the other is told the status.
    async fn a_bulk_call_against_a_single_block(stage) {
        let admin = admin_of(stage).await;
        let members = stage.crowd(&admin.workspace_id, OPERATOR, 10).await;
        let last = text(&json!(members[9]));
        let variables = json!({ "input": { "operation": "DEACTIVATE", "memberIds": members } });
        let many = stage.ask_at(stage.here(), Some(&admin.token), BULK, variables);
        let one = stage.ask_at(stage.elsewhere(), Some(&admin.token), BLOCK, json!({ "input": { "memberId": last } }));
        let (many, one) = tokio::join!(many, one);
        let results = many["data"]["bulkUpdateMembers"]["results"].as_array().unwrap();
        let blocked = one["data"]["blockMember"]["member"]["status"] == "BLOCKED";
        assert_eq!(done(results), if blocked { 9 } else { 10 }, "{many:#}\n{one:#}");
        let refused = if blocked { &results[9]["userErrors"][0] } else { &one["data"]["blockMember"]["userErrors"][0] };
        assert_eq!(refused["status"], if blocked { "BLOCKED" } else { "DEACTIVATED" });
    }

    /// BLK-2, REV-1: with the answer everybody who was put out is out, on every server.
    async fn everybody_who_was_put_out_in_bulk_is_out_everywhere(stage) {
        let admin = admin_of(stage).await;
        let mut seats = Vec::new();
        for name in ["Bob", "Eve"] {
            let person = stage.person(name).await;
            seats.push(stage.join(&admin, &person, OPERATOR, &[]).await);
        }
        let mut windows = Vec::new();
        for seat in &seats {
            windows.push(Socket::open(stage.elsewhere(), &seat.token).await);
        }
        let rows: Vec<String> = seats.iter().map(|seat| seat.member_id.clone()).chain([MemberId::new().to_string()]).collect();
        assert_eq!(done(&bulk(stage, &admin, "BLOCK", &rows, &json!({})).await), 2);
        for (seat, mut window) in seats.iter().zip(windows) {
            for server in &stage.servers {
                let answer = stage.ask_at(server, Some(&seat.token), "{ workspace { id } }", json!({})).await;
                assert_eq!(answer["errors"][0]["extensions"]["sessionEnd"]["cause"], "BLOCKED");
            }
            assert_eq!(window.expect_close(4401).await, "BLOCKED");
        }
    }
}
