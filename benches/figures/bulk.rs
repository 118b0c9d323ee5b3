//! One call on 500 members, for each operation and on both databases: how long it takes, against the same call on one
//! member and against writing as many rows of the journal in one bare transaction.
//!
//! Never measures a call of which a row was refused: it stops there.

use std::time::Instant;

use rollcall::primitives::ids::{MemberId, RoleId};
use rollcall::primitives::time::Clock;
use serde_json::{Value, json};
use uuid::Uuid;

use super::caller::Caller;
use super::cores::Core;
use super::house::{Ground, House, Server};
use super::plan::Plan;
use super::report::{Line, Report};
use super::rows::Rows;
use super::seed::{self, DEVELOPER, OPERATOR, Office, REVIEWER};
use super::spread::Spread;

const ROWS: usize = 500;
/// What one invitation call may name.
const INVITED_AT_ONCE: usize = 100;
/// For 500 rows, in seconds.
const WITHIN: f64 = 0.5;
const SETTINGS: &[&str] = &["--invitations-per-hour-max", "1000000"];

const BULK: &str = "mutation($input: BulkUpdateMembersInput!) { bulkUpdateMembers(input: $input) \
    { results { userErrors { code } } userErrors { code message } } }";
const INVITE: &str = "mutation($input: InviteMembersInput!) { inviteMembers(input: $input) \
    { results { member { id } } userErrors { code message } } }";

/// What an operation took, in seconds.
struct Measured {
    operation: &'static str,
    many: Vec<f64>,
    one: Vec<f64>,
}

pub async fn measure(plan: &Plan, report: &mut Report) {
    for ground in [Ground::Postgres, Ground::Sqlite] {
        let house = House::new(ground).await;
        let server = house.serve(plan, Core::Measured, SETTINGS);
        house.hold_mails_back().await;
        let office = seed::offices(&house, &server, 1).await.remove(0);
        let assets = seed::assets(&server, &office, 2).await;
        let bare = Bare::new(&house).await;
        let scene = Scene { house: &house, server: &server, office: &office, assets };
        let (mut all, mut limits) = (Vec::new(), Vec::new());
        for _ in 0..plan.size(7, 1) {
            scene.measure_members(&mut all).await;
            scene.measure_invitations(&mut all).await;
            for _ in 0..plan.size(5, 1) {
                limits.push(bare.write(&house).await);
            }
        }
        let limits = Spread::of(limits);
        for measured in all {
            report.add("bulk", line(ground, &measured, &limits));
        }
    }
}

fn line(ground: Ground, measured: &Measured, limits: &Spread) -> Line {
    let (many, one) = (Spread::of(measured.many.clone()), Spread::of(measured.one.clone()));
    let told = |spread: &Spread| spread.map(|it| it * 1e3).told(" ms", 1);
    let database = if ground == Ground::Postgres { "PostgreSQL" } else { "SQLite" };
    Line {
        what: format!("{ROWS} rows of `{}`, {database}", measured.operation),
        measured: told(&many),
        limit: format!("one row {}; {ROWS} bare rows of the journal {}", told(&one), told(limits)),
        ratio: format!("{:.1}", many.median() / limits.median()),
        target: format!("{WITHIN} s"),
        reached: Some(many.median() <= WITHIN),
    }
}

struct Scene<'a> {
    house: &'a House,
    server: &'a Server,
    office: &'a Office,
    assets: Vec<String>,
}

impl Scene<'_> {
    /// Everything that befalls members, one after the other, with those who are new each time.
    async fn measure_members(&self, all: &mut Vec<Measured>) {
        let mut seats = seed::seats(self.house, &[(self.office, OPERATOR, ROWS + 1)]).await.remove(0);
        let one = vec![seats.pop().expect("one more than that").member.to_string()];
        let many: Vec<String> = seats.iter().map(|seat| seat.member.to_string()).collect();
        let role = |name| RoleId::from_uuid(self.office.role(name)).to_string();
        let works = |asset: usize| json!([{ "assetId": self.assets[asset] }]);
        for (operation, more) in [
            ("SET_ROLE", json!({ "roleId": role(DEVELOPER), "assignments": works(0) })),
            ("SET_ASSIGNMENTS", json!({ "assignments": works(1) })),
            ("SET_ROLE", json!({ "roleId": role(REVIEWER) })),
            ("DEACTIVATE", json!({ "category": "LEAVE_OR_PAUSE", "note": "closed for the winter" })),
            ("REACTIVATE", json!({})),
            ("BLOCK", json!({ "category": "SECURITY_CONCERN", "note": "a lost list" })),
            ("REMOVE", json!({ "category": "OFFBOARDING", "note": "sold" })),
        ] {
            self.measure(all, operation, [&one, &many], &more).await;
        }
    }

    async fn measure_invitations(&self, all: &mut Vec<Measured>) {
        let mut many = Vec::new();
        for _ in 0..ROWS / INVITED_AT_ONCE {
            many.extend(self.invite(INVITED_AT_ONCE).await);
        }
        let one = self.invite(1).await;
        // Their time is over, or sending again would be refused.
        let past = Clock::system().now().plus_hours(-1).as_micros();
        let open = "WHERE ended_at IS NULL";
        self.house.execute(&format!("UPDATE invitations SET expires_at = {past} {open}")).await;
        let invited = "WHERE state = 'INVITED'";
        self.house.execute(&format!("UPDATE members SET invitation_expires_at = {past} {invited}")).await;
        for operation in ["RESEND_INVITATION", "WITHDRAW_INVITATION"] {
            self.measure(all, operation, [&one, &many], &json!({})).await;
        }
    }

    async fn invite(&self, count: usize) -> Vec<String> {
        let address = |_| format!("{}@example.com", Uuid::now_v7().simple());
        let list = (0..count).map(address).collect::<Vec<_>>().join(", ");
        let role = RoleId::from_uuid(self.office.role(OPERATOR)).to_string();
        let (answer, _) = self.call(INVITE, &json!({ "list": list, "roleId": role })).await;
        let results = answer["data"]["inviteMembers"]["results"].as_array().expect("results").clone();
        results.iter().map(|row| row["member"]["id"].as_str().expect("invited").to_owned()).collect()
    }

    /// With one row and with many, by turns.
    async fn measure(
        &self,
        all: &mut Vec<Measured>,
        operation: &'static str,
        [one, many]: [&Vec<String>; 2],
        more: &Value,
    ) {
        let one = self.bulk(operation, one, more).await;
        let many = self.bulk(operation, many, more).await;
        match all.iter_mut().find(|measured| measured.operation == operation) {
            Some(measured) => {
                measured.one.push(one);
                measured.many.push(many);
            }
            None => all.push(Measured { operation, many: vec![many], one: vec![one] }),
        }
    }

    /// How long it took, to the whole answer.
    async fn bulk(&self, operation: &str, rows: &[String], more: &Value) -> f64 {
        let mut input = json!({ "operation": operation, "memberIds": rows });
        let fields = input.as_object_mut().expect("an object");
        fields.extend(more.as_object().cloned().unwrap_or_default());
        let (answer, took) = self.call(BULK, &input).await;
        let payload = &answer["data"]["bulkUpdateMembers"];
        let results = payload["results"].as_array().map(Vec::as_slice).unwrap_or_default();
        let done = results.iter().filter(|row| row["userErrors"] == json!([])).count();
        assert_eq!(done, rows.len(), "{operation}: {answer:.2000}");
        took
    }

    async fn call(&self, query: &str, input: &Value) -> (Value, f64) {
        let mut caller = Caller::connect(&self.server.address).await.expect("the server answers");
        let (body, started) = (seed::body(query, input), Instant::now());
        let answer = caller.call(Some(&self.office.admin.token), &body).await.expect("an answer");
        let took = started.elapsed().as_secs_f64();
        (serde_json::from_str(&answer).expect("JSON"), took)
    }
}

/// A table like the journal's, with its indexes, that nobody else writes.
struct Bare;

impl Bare {
    async fn new(house: &House) -> Self {
        let id = match house.ground {
            Ground::Postgres => "uuid",
            Ground::Sqlite => "blob",
        };
        house
            .execute(&format!(
                "CREATE TABLE bare_events (stream_id {id} NOT NULL, seq bigint NOT NULL, id {id} NOT NULL UNIQUE, \
                 operation_id {id} NOT NULL, subject_id {id} NOT NULL, stream_kind text NOT NULL, type text NOT NULL, \
                 actor_kind text NOT NULL, origin text NOT NULL, audience text NOT NULL, effect text NOT NULL, \
                 payload text NOT NULL, version bigint NOT NULL, occurred_at bigint NOT NULL, \
                 PRIMARY KEY (stream_id, seq))"
            ))
            .await;
        house.execute("CREATE INDEX bare_operation ON bare_events (operation_id)").await;
        house.execute("CREATE INDEX bare_subject ON bare_events (stream_id, subject_id, seq)").await;
        Self
    }

    /// Seconds for as many rows in one transaction.
    async fn write(&self, house: &House) -> f64 {
        let mut rows = Rows::new(
            "bare_events (stream_id, seq, id, operation_id, subject_id, stream_kind, type, actor_kind, origin, audience, \
             effect, payload, version, occurred_at)",
        );
        let (stream, operation) = (Uuid::now_v7(), Uuid::now_v7());
        let (effect, payload) = ("e".repeat(120), "p".repeat(400));
        for number in 0..ROWS {
            let subject = MemberId::new().as_uuid();
            rows.id(stream).numbers(&[i64::try_from(number).expect("a small number")]);
            rows.id(Uuid::now_v7()).id(operation).id(subject);
            rows.texts(&["WORKSPACE", "MemberBlocked", "MEMBER", "BULK", "MEMBERS", &effect, &payload]);
            rows.numbers(&[1, 0]).end();
        }
        let started = Instant::now();
        rows.insert(house).await;
        started.elapsed().as_secs_f64()
    }
}
