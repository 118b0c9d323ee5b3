//! A later release writes into the same journal while servers are being replaced: what this one makes of words that it
//! doesn't know (EVT-4, EVT-8, REV-4).

use rollcall::platform::database::statement;
use rollcall::platform::journal::{self, StreamId};
use rollcall::primitives::ids::{EventId, MemberId, OperationId, WorkspaceId};
use sea_orm::{ConnectionTrait, Value as Bound};
use serde_json::{Value, json};

use crate::on_both_stages;
use crate::realtime::company::{Company, Insider, SESSION_EVENTS};
use crate::support::socket::Socket;

const EVENTS: &str = "subscription($after: EventCursor) { workspaceEvents(after: $after) { \
    __typename eventCursor actor { kind id } ... on OtherEvent { type } } }";

/// A row of the journal in a later release's words.
struct Row {
    kind: &'static str,
    actor_kind: &'static str,
    origin: &'static str,
    audience: &'static str,
    subject_kind: Option<&'static str>,
    effect: Option<Value>,
}

impl Row {
    /// All of it in words that this release knows, but for the type.
    const fn of(kind: &'static str) -> Self {
        Self {
            kind,
            actor_kind: "SYSTEM",
            origin: "SYSTEM",
            audience: "MEMBERS",
            subject_kind: None,
            effect: None,
        }
    }
}

/// Commits rows as a later release would, with what else it changes. Nobody is told: the look at the heads finds them.
async fn write(company: &Company<'_>, rows: &[Row], changes: &[(&str, Vec<Bound>)]) {
    let database = company.stage.here().app.gate.database();
    let stream = StreamId::Workspace(WorkspaceId::parse(&company.workspace).expect("an id"));
    let tx = database.begin().await.expect("a transaction");
    let mut locked = journal::lock_stream(&tx, stream).await.expect("it answers").expect("it exists");
    let insert = "INSERT INTO events (stream_id, seq, id, stream_kind, type, version, operation_id, occurred_at, \
                  actor_kind, actor_id, origin, audience, subject_kind, subject_id, effect, payload) \
                  VALUES ($1, $2, $3, 'WORKSPACE', $4, 7, $5, $6, $7, $8, $9, $10, $11, $12, $13, '{\"new\":true}')";
    let run = |sql: &str, values| statement(&tx, sql, values);
    for row in rows {
        locked.seq += 1;
        let someone = |kind: &str| (kind != "SYSTEM").then(|| OperationId::new().as_uuid());
        let values: Vec<Bound> = vec![
            stream.as_uuid().into(),
            locked.seq.into(),
            EventId::new().as_uuid().into(),
            row.kind.into(),
            OperationId::new().as_uuid().into(),
            company.stage.clock.now().as_micros().into(),
            row.actor_kind.into(),
            someone(row.actor_kind).into(),
            row.origin.into(),
            row.audience.into(),
            row.subject_kind.into(),
            row.subject_kind.and_then(someone).into(),
            row.effect.as_ref().map(Value::to_string).into(),
        ];
        tx.execute_raw(run(insert, values)).await.expect("written");
    }
    let head = vec![locked.seq.into(), stream.as_uuid().into()];
    tx.execute_raw(run("UPDATE streams SET seq = $1 WHERE id = $2", head)).await.expect("written");
    for (sql, values) in changes {
        let changed = tx.execute_raw(run(sql, values.clone())).await.expect("written");
        assert!(changed.rows_affected() > 0, "{sql}");
    }
    tx.commit().await.expect("committed");
}

async fn listen(company: &Company<'_>, who: &Insider, after: &str) -> Socket {
    let mut socket = Socket::open(company.stage.elsewhere(), &who.token).await;
    socket.listen("session", SESSION_EVENTS, json!({})).await;
    socket.subscribe("workspace", EVENTS, json!({ "after": after })).await;
    socket
}

async fn heard(socket: &mut Socket) -> Value {
    socket.next("workspace").await["workspaceEvents"].clone()
}

on_both_stages! {
    /// EVT-4: no word of a later release ends a stream, and what comes after it arrives in order.
    async fn events_in_unknown_words_are_shown_neutrally_and_the_stream_goes_on(stage) {
        let company = Company::found(stage).await;
        let cursor = company.cursor().await;
        let mut member = listen(&company, &company.member, &cursor).await;
        let rows = [
            Row { actor_kind: "OPERATOR", ..Row::of("ChairMoved") },
            Row { origin: "CARRIER_PIGEON", ..Row::of("TableMoved") },
            Row { subject_kind: Some("ROLE"), ..Row::of("LampMoved") },
            // A kind of effect that is known, for a cause that isn't.
            Row {
                effect: Some(json!({ "kind": "END_MEMBER_SESSIONS", "member": MemberId::new(),
                                     "below_generation": 2, "cause": "FROZEN" })),
                ..Row::of("MemberFrozen")
            },
            Row { effect: Some(json!({ "kind": "FREEZE", "until": 7 })), ..Row::of("WorkspaceFrozen") },
        ];
        write(&company, &rows, &[]).await;
        let chair = heard(&mut member).await;
        assert_eq!((&chair["__typename"], &chair["type"]), (&json!("OtherEvent"), &json!("ChairMoved")));
        assert_eq!(chair["actor"], json!({ "kind": "OTHER", "id": null }));
        for kind in ["TableMoved", "LampMoved", "MemberFrozen", "WorkspaceFrozen"] {
            let event = heard(&mut member).await;
            assert_eq!((&event["type"], &event["actor"]["kind"]), (&json!(kind), &json!("SYSTEM")));
        }
        company.set_role(&company.member, "Admin").await;
        assert_eq!(member.next("session").await["sessionEvents"]["isAdmin"], true);
        assert_eq!(heard(&mut member).await["__typename"], "MemberRoleSet");
        // The same again from the journal, by somebody who was not there.
        let mut late = listen(&company, &company.admin, &cursor).await;
        for kind in ["ChairMoved", "TableMoved", "LampMoved", "MemberFrozen", "WorkspaceFrozen"] {
            assert_eq!(heard(&mut late).await["type"], kind);
        }
    }

    /// EVT-8: an audience that isn't known is the narrowest one.
    async fn events_for_an_unknown_audience_are_for_those_who_read_the_whole_log(stage) {
        let company = Company::found(stage).await;
        let cursor = company.cursor().await;
        let mut admin = listen(&company, &company.admin, &cursor).await;
        let mut member = listen(&company, &company.member, &cursor).await;
        let rows = [Row { audience: "OWNERS", ..Row::of("SecretKept") }, Row::of("ChairMoved")];
        write(&company, &rows, &[]).await;
        assert_eq!(heard(&mut admin).await["type"], "SecretKept");
        assert_eq!(heard(&mut admin).await["type"], "ChairMoved");
        assert_eq!(heard(&mut member).await["type"], "ChairMoved");
    }

    /// REV-1, REV-4: whom a later release puts out, in whatever words, is out here as well.
    async fn an_unknown_effect_that_ends_a_session_ends_it(stage) {
        let company = Company::found(stage).await;
        let cursor = company.cursor().await;
        let mut admin = listen(&company, &company.admin, &cursor).await;
        let mut member = listen(&company, &company.member, &cursor).await;
        let frozen = [
            Row { effect: Some(json!({ "kind": "FREEZE", "who": "somebody" })), ..Row::of("MemberFrozen") },
            Row::of("ChairMoved"),
        ];
        let id = MemberId::parse(&company.member.id).expect("an id").as_uuid();
        let raise = "UPDATE members SET generation = generation + 1, generation_cause = 'FROZEN' WHERE id = $1";
        write(&company, &frozen, &[(raise, vec![id.into()])]).await;

        // Whose session holds is checked and goes on.
        assert_eq!(heard(&mut admin).await["type"], "MemberFrozen");
        assert_eq!(heard(&mut admin).await["type"], "ChairMoved");
        // Nothing of the log from there on but the end; a cause that isn't known is told as the plain one.
        assert_eq!(member.next("session").await["sessionEvents"]["cause"], "ENDED");
        let (rest, _) = member.until_closed().await;
        assert!(rest.iter().all(|message| message["type"] == "complete"), "{rest:?}");
        for server in &stage.servers {
            let refused = stage.ask_at(server, Some(&company.member.token), "{ workspace { name } }", json!({})).await;
            let extensions = &refused["errors"][0]["extensions"];
            assert_eq!(extensions["code"], "UNAUTHENTICATED", "{refused}");
            assert_eq!(extensions["sessionEnd"]["cause"], "ENDED", "{refused}");
        }
    }
}

/// REV-2: one credential whose row a later release has written is refused; the others of its batch are not.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_that_cannot_be_read_refuses_nobody_else() {
    let stage = crate::support::app::Stage::sqlite().await;
    let company = Company::found(&stage).await;
    let database = stage.here().app.gate.database();
    let tx = database.begin().await.expect("a transaction");
    // A scope of a later release, on the member's role alone.
    let sql = "UPDATE roles SET asset_scope = 'SHARED' WHERE NOT is_admin";
    tx.execute_unprepared("PRAGMA ignore_check_constraints = ON").await.expect("set");
    tx.execute_unprepared(sql).await.expect("written");
    tx.commit().await.expect("committed");
    let ask = |token: String| {
        let stage = &stage;
        async move { stage.ask(Some(&token), "{ workspace { name } }", json!({})).await }
    };
    let pairs = (0..10)
        .map(|_| async { tokio::join!(ask(company.admin.token.clone()), ask(company.member.token.clone())) });
    for (admin, member) in futures_util::future::join_all(pairs).await {
        assert_eq!(admin["data"]["workspace"]["name"], "Engine", "{admin}");
        assert_eq!(member["errors"][0]["extensions"]["code"], "UNAVAILABLE", "{member}");
    }
    stage.close().await;
}
