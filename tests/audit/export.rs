//! The export: its lines, filters, where it goes on, and who is refused (EVT-3).

use serde_json::{Value, json};

use crate::on_both_stages;
use crate::support::app::{Server, Stage};
use crate::support::cast::{Seat, text};

/// What a server answers to an export: its status, its media type, its lines.
async fn exported(
    stage: &Stage,
    server: &Server,
    token: Option<&str>,
    query: &str,
) -> (u16, String, Vec<Value>) {
    let mut request = stage.http.get(format!("http://{}/export/events?{query}", server.address));
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    let answer = request.send().await.expect("it answers");
    let media = answer.headers()["content-type"].to_str().expect("text").to_owned();
    let (status, body) = (answer.status().as_u16(), answer.text().await.expect("whole"));
    (status, media, body.lines().map(|line| serde_json::from_str(line).expect(line)).collect())
}

async fn lines(stage: &Stage, admin: &Seat, query: &str) -> Vec<Value> {
    let (status, media, lines) = exported(stage, stage.here(), Some(&admin.token), query).await;
    assert_eq!((status, media.as_str()), (200, "application/x-ndjson"), "{lines:#?}");
    lines
}

fn types(lines: &[Value]) -> Vec<String> {
    lines.iter().filter(|line| line["type"].is_string()).map(|line| text(&line["type"])).collect()
}

async fn company(stage: &Stage) -> (Seat, Seat) {
    let (ada, bob) = (stage.person("Ada").await, stage.person("Bob").await);
    let admin = stage.workspace(&ada, "WALLET").await;
    let member = stage.join(&admin, &bob, "Workspace operator", &[]).await;
    stage.block(&admin, &member).await;
    (admin, member)
}

on_both_stages! {
    /// API-1, SES-3: an export is a use of the credential that asks for it.
    async fn api_1_exporting_is_a_use_of_the_key(stage) {
        let (admin, _) = company(stage).await;
        let key = stage.api_key(&admin).await;
        let (status, ..) = exported(stage, stage.elsewhere(), Some(&key), "").await;
        assert_eq!(status, 200);
        stage.elsewhere().app.run_jobs().await.expect("the jobs run");
        let query = "{ workspace { apiKeys(first: 5) { nodes { lastUsedAt } } } }";
        let keys = stage.data(Some(&admin.token), query, json!({})).await;
        assert_eq!(keys["workspace"]["apiKeys"]["nodes"][0]["lastUsedAt"], "2026-03-01T12:00:00.000000Z");
    }

    /// EVT-3: one line for each entry, from the oldest on, and a last line that says that it is whole.
    async fn evt_3_the_log_is_exported_line_by_line(stage) {
        let (admin, member) = company(stage).await;
        let all = lines(stage, &admin, "").await;
        assert_eq!(types(&all), stage.event_types(&admin.workspace_id).await);
        let blocked = &all[all.len() - 2];
        assert_eq!(blocked["actor"], json!({ "kind": "MEMBER", "id": admin.member_id }));
        assert_eq!((&blocked["memberId"], &blocked["category"]), (&json!(member.member_id), &json!("SECURITY_CONCERN")));
        assert_eq!(blocked["changes"], json!([{ "what": "status", "from": "ACTIVE", "to": "BLOCKED" }]));
        assert_eq!(blocked["payload"]["member"]["status"], "BLOCKED");
        let end = &all[all.len() - 1]["end"];
        assert_eq!((&end["complete"], &end["events"]), (&json!(true), &json!(all.len() - 1)));
        let cursor = stage.data(Some(&admin.token), "{ workspace { eventCursor } }", json!({})).await;
        assert_eq!(end["eventCursor"], cursor["workspace"]["eventCursor"]);
        let whole = serde_json::to_string(&all).expect("JSON");
        assert!(!whole.contains("Bob") && !whole.contains('@') && !whole.contains("laptop"), "DEL-1");
    }

    /// The filters of `events` by name, and going on after a cursor, on another server.
    async fn an_export_takes_the_filters_and_goes_on_after_a_cursor(stage) {
        let (admin, member) = company(stage).await;
        let some = lines(stage, &admin, "type=MemberBlocked&type=MemberInvited").await;
        assert_eq!(types(&some), ["MemberInvited", "MemberBlocked"]);
        let about = lines(stage, &admin, &format!("member={}&origin=ADMIN_DIRECT", member.member_id)).await;
        assert_eq!(types(&about), ["MemberInvited", "MemberBlocked"]);
        let by = lines(stage, &admin, &format!("actor={}&since=2026-01-01T00:00:00Z", admin.member_id)).await;
        assert_eq!(types(&by), ["MemberInvited", "MemberBlocked"]);
        let after = text(&some[0]["eventCursor"]);
        let (_, _, rest) =
            exported(stage, stage.elsewhere(), Some(&admin.token), &format!("after={after}")).await;
        assert_eq!(types(&rest).last().map(String::as_str), Some("MemberBlocked"));
        assert!(!types(&rest).contains(&"MemberInvited".to_owned()));
        let end = text(&rest[rest.len() - 1]["end"]["eventCursor"]);
        let none = lines(stage, &admin, &format!("after={end}")).await;
        assert_eq!((none.len(), &none[0]["end"]["complete"]), (1, &json!(true)), "nothing has happened since");
    }

    /// WSP-3: admins and keys alone; everybody else learns it by the status.
    async fn wsp_3_nobody_else_exports(stage) {
        let (ada, bob) = (stage.person("Ada").await, stage.person("Bob").await);
        let admin = stage.workspace(&ada, "TEAM").await;
        let member = stage.join(&admin, &bob, "Member", &[]).await;
        let key = stage.api_key(&admin).await;
        for (token, status) in [
            (None, 401),
            (Some("rcw_rubbish"), 401),
            (Some(ada.token.as_str()), 403),
            (Some(member.token.as_str()), 403),
            (Some(key.as_str()), 200),
        ] {
            let (found, ..) = exported(stage, stage.elsewhere(), token, "").await;
            assert_eq!(found, status, "{token:?}");
        }
        stage.block(&admin, &member).await;
        let (status, _, refused) = exported(stage, stage.elsewhere(), Some(&member.token), "").await;
        assert_eq!((status, &refused[0]["errors"][0]["extensions"]["sessionEnd"]["cause"]), (401, &json!("BLOCKED")));
    }

    async fn a_parameter_that_cannot_be_is_refused_by_name(stage) {
        let (admin, _) = company(stage).await;
        let other = stage.workspace(&admin.person, "TEAM").await;
        let theirs = stage.data(Some(&other.token), "{ workspace { eventCursor } }", json!({})).await;
        let theirs = format!("after={}", text(&theirs["workspace"]["eventCursor"]));
        for (query, field) in [
            ("types=MemberBlocked", "types"),
            ("origin=SIDEWAYS", "origin"),
            ("since=yesterday", "since"),
            ("after=p1.AAAA", "after"),
            (theirs.as_str(), "after"),
        ] {
            let (status, _, refused) = exported(stage, stage.here(), Some(&admin.token), query).await;
            assert_eq!((status, &refused[0]["errors"][0]["extensions"]["field"][0]), (400, &json!(field)), "{query}");
        }
        let url = format!("http://{}/export/events", stage.here().address);
        assert_eq!(stage.http.post(&url).send().await.expect("it answers").status().as_u16(), 405);
        assert_eq!(stage.http.head(&url).send().await.expect("it answers").status().as_u16(), 405);
    }

    /// EVT-3: what was archived is told before what is there.
    async fn evt_3_an_export_tells_what_was_archived(stage) {
        let (admin, _) = company(stage).await;
        let first = lines(stage, &admin, "").await;
        stage.sql("UPDATE streams SET floor = 2 WHERE kind = 'WORKSPACE'").await;
        let all = lines(stage, &admin, "").await;
        assert_eq!(all[0], json!({ "archived": { "count": 2, "eventCursor": first[1]["eventCursor"] } }));
        assert_eq!(all[1]["id"], first[2]["id"]);
        let after = format!("after={}", text(&first[1]["eventCursor"]));
        assert_eq!(lines(stage, &admin, &after).await[0]["id"], first[2]["id"], "nothing is missing after it");
    }
}
