//! A large export to a client that reads slowly: nothing is read ahead of it, being put out ends it, and it is hung up
//! on when it takes nothing at all.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

use crate::support::app::{DEADLINE, Stage};
use crate::support::cast::Seat;

const EVENTS: i64 = 50_000;
/// Exports that a server serves at once.
const PLACES: usize = 8;
/// As many as a page has.
const PAGE: u64 = 200;
/// What the two ends of a connection may hold between them, and the framework before it: in pages, with room to spare.
const AHEAD_MAX: u64 = 120;

/// Copies of the last event, so many that the log is large.
async fn fill(stage: &Stage, events: i64) {
    let uuid =
        if stage.here().app.gate.database().is_postgres() { "gen_random_uuid()" } else { "randomblob(16)" };
    stage.sql(&format!(
        "INSERT INTO events (stream_id, seq, id, stream_kind, type, version, operation_id, occurred_at, actor_kind, actor_id, \
         origin, audience, subject_kind, subject_id, effect, payload) \
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {events}) \
         SELECT e.stream_id, s.seq + n.i, {uuid}, e.stream_kind, e.type, e.version, e.operation_id, s.last_at, e.actor_kind, \
         e.actor_id, e.origin, e.audience, e.subject_kind, e.subject_id, e.effect, e.payload \
         FROM n, streams s JOIN events e ON e.stream_id = s.id AND e.type = 'WorkspaceCreated' WHERE s.kind = 'WORKSPACE'"
    )).await;
    stage.sql(&format!("UPDATE streams SET seq = seq + {events} WHERE kind = 'WORKSPACE'")).await;
}

async fn ask(stage: &Stage, token: &str) -> TcpStream {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(4096).expect("a small one");
    let mut stream = socket.connect(stage.here().address).await.expect("it listens");
    let head = format!(
        "GET /export/events HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\nconnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.expect("it takes the question");
    stream
}

async fn pages(stage: &Stage) -> u64 {
    let figures =
        stage.http.get(format!("http://{}/metrics", stage.here().address)).send().await.expect("it answers");
    let text = figures.text().await.expect("text");
    let line = text.lines().find(|line| line.starts_with("rollcall_export_pages_total")).expect("the figure");
    line.rsplit(' ').next().and_then(|number| number.parse().ok()).expect("a number")
}

/// The rest of the answer: the lines that are whole JSON (chunks may cut others), and the text.
async fn rest(stream: &mut TcpStream) -> String {
    let mut text = Vec::new();
    tokio::time::timeout(DEADLINE, stream.read_to_end(&mut text)).await.expect("it ends").expect("whole");
    String::from_utf8_lossy(&text).into_owned()
}

async fn admin(stage: &Stage) -> (Seat, Seat) {
    let (ada, bob) = (stage.person("Ada").await, stage.person("Bob").await);
    let admin = stage.workspace(&ada, "TEAM").await;
    let second = stage.join(&admin, &bob, "Admin", &[]).await;
    (admin, second)
}

/// The last line, whatever chunks it came in.
fn last_line(text: &str) -> Value {
    let at = text
        .rfind("{\"end\":")
        .unwrap_or_else(|| panic!("no last line: {}", &text[text.len().saturating_sub(400)..]));
    let line = text[at..].lines().next().expect("a line");
    serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
}

/// EVT-3 and REV-1: with 50,000 entries and a client that has read next to nothing, next to nothing has been read; and
/// whoever is put out meanwhile gets what was on its way, and a last line that says why there is no more.
async fn an_export_waits_for_its_client_and_ends_with_its_credential(stage: &Stage) {
    let (first, second) = admin(stage).await;
    fill(stage, EVENTS).await;
    let mut stream = ask(stage, &second.token).await;
    let mut some = [0u8; 2048];
    stream.read_exact(&mut some).await.expect("the beginning");
    stage.block(&first, &second).await;
    let read = pages(stage).await;
    assert!(read <= AHEAD_MAX, "{read} pages were read for a client that took 2 KiB");
    let text = rest(&mut stream).await;
    let end = &last_line(&text)["end"];
    assert_eq!(end["complete"], false, "{end:#}");
    assert_eq!(end["error"]["extensions"]["code"], "UNAUTHENTICATED");
    assert_eq!(end["error"]["extensions"]["sessionEnd"]["cause"], "BLOCKED");
    let shown = end["events"].as_u64().expect("a number");
    // One page may have been let in before the block's answer, and is counted after it.
    assert!(shown <= (AHEAD_MAX + 1) * PAGE && shown < EVENTS.unsigned_abs(), "REV-1: {shown} entries");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rev_1_an_export_ends_with_its_credential_on_sqlite() {
    let stage = Stage::sqlite().await;
    an_export_waits_for_its_client_and_ends_with_its_credential(&stage).await;
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rev_1_an_export_ends_with_its_credential_on_postgresql() {
    let stage = Stage::postgres().await;
    an_export_waits_for_its_client_and_ends_with_its_credential(&stage).await;
    stage.close().await;
}

/// A whole one is whole: each entry once, in order.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_export_has_each_entry_once() {
    let stage = Stage::sqlite().await;
    let (first, _) = admin(&stage).await;
    fill(&stage, 5_000).await;
    let url = format!("http://{}/export/events", stage.here().address);
    let answer = stage.http.get(url).bearer_auth(&first.token).send().await.expect("it answers");
    let text = answer.text().await.expect("whole");
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    let ids: std::collections::BTreeSet<_> = lines.iter().filter_map(|line| line["id"].as_str()).collect();
    let end = &lines[lines.len() - 1]["end"];
    assert_eq!((&end["complete"], &end["events"]), (&json!(true), &json!(ids.len())));
    assert_eq!(ids.len() + 1, lines.len());
    stage.close().await;
}

/// Clients that take nothing hold neither their places nor their connections for ever; until then others are refused.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_that_take_nothing_are_hung_up_on() {
    let stage = Stage::sqlite_with(|config| config.request_limits.answer_stall_seconds = 3).await;
    let (first, _) = admin(&stage).await;
    fill(&stage, EVENTS).await;
    let mut idle = Vec::new();
    for _ in 0..PLACES {
        let mut stream = ask(&stage, &first.token).await;
        stream.read_exact(&mut [0u8; 16]).await.expect("it begins");
        idle.push(stream);
    }
    assert_eq!(status(&stage, &first.token).await, 429, "all places are taken");
    let freed = async {
        while status(&stage, &first.token).await == 429 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(DEADLINE, freed).await.expect("their places are free again");
    let mut cut_off = 0;
    for mut stream in idle {
        let mut text = Vec::new();
        let _ = tokio::time::timeout(DEADLINE, stream.read_to_end(&mut text)).await.expect("it was cut off");
        cut_off += usize::from(!String::from_utf8_lossy(&text).contains("{\"end\":"));
    }
    // Whoever is read from before its time is over goes on; what was cut off has no last line.
    assert!(cut_off >= 1);
    stage.close().await;
}

/// Of an export that is given up at once.
async fn status(stage: &Stage, token: &str) -> u16 {
    let url = format!("http://{}/export/events?type=WorkspaceDeleted", stage.here().address);
    stage.http.get(url).bearer_auth(token).send().await.expect("it answers").status().as_u16()
}
