//! Bulk calls at their full size and against each other: a number of statements that doesn't grow with the rows, every
//! event once, and of two who race for a member one.

use rollcall::primitives::ids::MemberId;
use sea_orm::QueryResult;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::on_both_stages;
use crate::support::app::Stage;
use crate::support::cast::{BLOCK, BULK, INVITE, Seat, UPDATE_SEAT_PLAN, text};
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

/// A call runs as many statements for many rows as for two, and not many.
fn bounded(operation: &str, for_two: usize, for_many: usize) {
    let told = format!("{operation}: {for_two} statements for 2 rows, {for_many} for {ROWS_MAX}");
    assert!(for_two <= 30 && for_many <= for_two, "{told}");
}

/// People who are asked in, a hundred in a call; their members.
async fn guests(stage: &Stage, admin: &Seat, name: &str, count: usize) -> Vec<String> {
    let mut members = Vec::new();
    let all: Vec<String> = (0..count).map(|number| format!("{name}{number}@example.com")).collect();
    for some in all.chunks(100) {
        let invited = stage.done(Some(&admin.token), INVITE, json!({ "list": some.join(", ") })).await;
        members.extend(invited["results"].as_array().unwrap().iter().map(|row| text(&row["member"]["id"])));
    }
    members
}

/// Each entry of the ledger, the oldest first, with the number and the type of the event that it names.
async fn ledger(stage: &Stage) -> Vec<Booked> {
    let sql = "SELECT l.number, l.member_id, l.amount, l.event_seq, e.type, e.subject_id FROM ledger_entries l \
               JOIN events e ON e.stream_id = l.workspace_id AND e.seq = l.event_seq ORDER BY l.number";
    let rows = stage.sql(sql).await;
    let booked = |row: &QueryResult| Booked {
        number: row.try_get("", "number").unwrap(),
        member: row.try_get("", "member_id").unwrap(),
        amount: row.try_get("", "amount").unwrap(),
        event: row.try_get("", "type").unwrap(),
        about: row.try_get("", "subject_id").unwrap(),
    };
    rows.iter().map(booked).collect()
}

struct Booked {
    number: i64,
    member: Uuid,
    amount: i64,
    event: String,
    about: Option<Uuid>,
}

on_both_stages! {
    /// EVT-1, EVT-4: 500 members in one call: everybody who listens hears of each once and in the order of the rows, and
    /// the call runs as many statements as one for two members.
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
        for (operation, more) in [
            ("SET_ROLE", json!({ "roleId": role })),
            ("DEACTIVATE", json!({ "category": "LEAVE_OR_PAUSE", "note": "closed for the winter" })),
            ("REACTIVATE", json!({})),
            ("BLOCK", json!({ "note": "a lost list" })),
            ("UNBLOCK", json!({})),
            ("REMOVE", json!({ "category": "OFFBOARDING", "note": "sold" })),
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
            bounded(operation, for_two, for_many);
        }
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

    /// INV-3, INV-4: 500 invitations sent again, and taken back, by as many statements as two. Those of them who were
    /// removed before are that again, under their old names.
    async fn five_hundred_invitations_in_one_call(stage) {
        let admin = admin_of(stage).await;
        let person = admin.person.clone();
        let mut again = Vec::new();
        for name in ["Again", "Known"] {
            let known = stage.person(name).await;
            let seat = stage.join(&admin, &known, OPERATOR, &[]).await;
            stage.remove(&admin, &seat).await;
            let other = json!({ "members": [{ "email": known.email, "name": "Unknown" }] });
            stage.done(Some(&admin.token), INVITE, other).await;
            again.push(seat.member_id);
        }
        stage.advance_hours(2);
        let members = [again.split_off(1), guests(stage, &admin, "many", ROWS_MAX - 1).await].concat();
        stage.advance_hours(2);
        let two = [again, guests(stage, &admin, "few", 1).await].concat();
        stage.advance_hours(73);
        let admin = stage.take_seat(&person, &admin.workspace_id).await;
        let statements = Statements::of(stage);
        for operation in ["RESEND_INVITATION", "WITHDRAW_INVITATION"] {
            statements.take();
            let few = bulk(stage, &admin, operation, &two, &json!({})).await;
            let for_two = statements.take().len();
            // As many as may be sent within an hour.
            stage.advance_hours(2);
            let many = bulk(stage, &admin, operation, &members, &json!({})).await;
            bounded(operation, for_two, statements.take().len());
            assert_eq!((done(&few), done(&many)), (2, ROWS_MAX), "{operation}");
        }
        let types = stage.event_types(&admin.workspace_id).await;
        let told = |kind: &str| types.iter().filter(|it| *it == kind).count();
        for kind in ["InvitationExpired", "InvitationResent", "InvitationWithdrawn"] {
            assert_eq!(told(kind), ROWS_MAX + 2, "{kind}");
        }
        let waiting = stage.sql("SELECT sending FROM outbox WHERE kind = 'INVITATION' AND sending = 2").await;
        assert_eq!(waiting.len(), ROWS_MAX + 2, "one mail for each that was sent again");
        let query = "{ workspace { members(first: 9, filter: { statuses: [REMOVED] }) { nodes { name status } } \
                     found: members(first: 9, filter: { statuses: [REMOVED], search: \"known\" }) { totalCount } \
                     memberCounts { invitationSent invitationExpired } } }";
        let left = stage.data(Some(&admin.token), query, json!({})).await;
        let expected = json!({
            "members": { "nodes": [{ "name": "Again", "status": "REMOVED" }, { "name": "Known", "status": "REMOVED" }] },
            "found": { "totalCount": 1 },
            "memberCounts": { "invitationSent": 0, "invitationExpired": 0 },
        });
        assert_eq!(left["workspace"], expected);
    }

    /// SEAT-2, SEAT-4: seats that 500 give up, and take again while there are any, by as many statements as two, and with
    /// the same entries as one by one: numbers without gaps, each with the event that it was booked with.
    async fn five_hundred_seats_in_one_call(stage) {
        let admin = admin_of(stage).await;
        let price = json!({ "limit": 502, "price": { "amount": 1000, "currency": "EUR", "period": "MONTH" } });
        stage.done(Some(&admin.token), UPDATE_SEAT_PLAN, price).await;
        let members = stage.crowd(&admin.workspace_id, OPERATOR, ROWS_MAX - 1).await;
        let two = stage.crowd(&admin.workspace_id, OPERATOR, 2).await;
        let person = admin.person.clone();
        let statements = Statements::of(stage);
        for (operation, get_in) in [("DEACTIVATE", ROWS_MAX - 1), ("REACTIVATE", ROWS_MAX - 2)] {
            // Periods begin that no job has booked.
            stage.advance_hours(31 * 24);
            let person = stage.sign_in_as(&person.name, &person.email).await;
            let admin = stage.take_seat(&person, &admin.workspace_id).await;
            if operation == "REACTIVATE" {
                // One sits there now who was none of them.
                stage.crowd(&admin.workspace_id, OPERATOR, 1).await;
            }
            statements.take();
            let few = bulk(stage, &admin, operation, &two, &json!({})).await;
            let for_two = statements.take().len();
            let many = bulk(stage, &admin, operation, &members, &json!({})).await;
            bounded(operation, for_two, statements.take().len());
            assert_eq!((done(&few), done(&many)), (2, get_in), "{operation}");
            if operation == "REACTIVATE" {
                assert_eq!(many[ROWS_MAX - 2]["userErrors"][0]["code"], "SEAT_LIMIT_REACHED");
            }
        }
        let booked = ledger(stage).await;
        assert!(booked.iter().map(|entry| entry.number).eq(1..=booked.len() as i64), "numbers without gaps");
        let settled: Vec<&Booked> = booked.iter().filter(|entry| entry.event == "SeatsRenewed").collect();
        let charged: Vec<&Booked> = booked.iter().filter(|entry| entry.event == "SeatCharged").collect();
        assert_eq!((settled.len(), charged.len()), (ROWS_MAX + 1, ROWS_MAX));
        assert!(settled.iter().all(|entry| entry.amount == 1000), "a whole period each");
        assert!(charged.iter().all(|entry| entry.about == Some(entry.member)), "each with its own event");
        assert!(charged.iter().all(|entry| entry.amount == charged[0].amount && entry.amount > 0));
    }

    /// SEAT-3: where invitations reserve, as many are sent again as there are seats; who gets none keeps what they had, and
    /// nobody is told anything of them.
    async fn who_gets_no_seat_is_not_sent_again(stage) {
        let admin = admin_of(stage).await;
        let person = admin.person.clone();
        let rows = guests(stage, &admin, "guest", 4).await;
        stage.execute(r#"UPDATE workspaces SET policy = '{"invitations_reserve_seats":true}'"#).await;
        stage.advance_hours(73);
        let admin = stage.take_seat(&person, &admin.workspace_id).await;
        stage.done(Some(&admin.token), UPDATE_SEAT_PLAN, json!({ "limit": 3 })).await;
        let results = bulk(stage, &admin, "RESEND_INVITATION", &rows, &json!({})).await;
        assert_eq!(done(&results), 2, "{results:#?}");
        assert_eq!(results[2]["userErrors"][0]["code"], "SEAT_LIMIT_REACHED");
        let types = stage.event_types(&admin.workspace_id).await;
        let told = |kind: &str| types.iter().filter(|it| *it == kind).count();
        assert_eq!((told("InvitationExpired"), told("InvitationResent")), (2, 2));
        stage.done(Some(&admin.token), UPDATE_SEAT_PLAN, json!({ "limit": null })).await;
        assert_eq!(done(&bulk(stage, &admin, "RESEND_INVITATION", &rows[2..], &json!({})).await), 2);
        let types = stage.event_types(&admin.workspace_id).await;
        assert_eq!(types.iter().filter(|it| *it == "InvitationExpired").count(), 4, "each expiry is told once");
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
