//! Who may listen to what: every subscription, asked for by everybody there is over a socket. What the schema declares is
//! held against what happens, and what happens is a golden file.

use std::fmt::Write;

use serde_json::json;

use super::permissions::{Asker, declared};
use crate::support::app::Stage;
use crate::support::socket::{Heard, Socket};

async fn askers(stage: &Stage) -> Vec<Asker> {
    let nobody = Asker { name: "nobody".into(), person: None, seat: None, key: None, admin: false };
    let founder = stage.person("Founder").await;
    let admin = stage.workspace(&founder, "TEAM").await;
    let loner = stage.person("Loner").await;
    let person = stage.person("Member").await;
    let seat = stage.join(&admin, &person, "Member", &[]).await;
    let key = stage.api_key(&admin).await;
    vec![
        nobody,
        Asker { name: "account".into(), person: Some(loner), seat: None, key: None, admin: false },
        Asker { name: "member".into(), person: Some(person), seat: Some(seat), key: None, admin: false },
        Asker {
            name: "admin".into(),
            person: Some(founder),
            seat: Some(admin.clone()),
            key: None,
            admin: true,
        },
        Asker { name: "api key".into(), person: None, seat: Some(admin), key: Some(key), admin: true },
    ]
}

/// What becomes of a subscription, in a word: `ok`, the code of a refusal, or that of the close frame.
async fn said(stage: &Stage, token: Option<&str>, field: &str) -> String {
    let mut socket = Socket::connect(stage.here()).await;
    match token {
        Some(token) => socket.init(token).await,
        None => socket.send(json!({ "type": "connection_init" })).await,
    }
    match socket.hear().await {
        Heard::Message(message) => assert_eq!(message["type"], "connection_ack"),
        Heard::Closed { code, .. } => return code.to_string(),
        Heard::Cut => panic!("{field}: the connection was cut"),
    }
    socket.subscribe("s", &format!("subscription {{ {field} {{ __typename }} }}"), json!({})).await;
    // A refusal comes before the answer to what was asked after it.
    socket.subscribe("fence", "{ __typename }", json!({})).await;
    let message = socket.message().await;
    if message["id"] == "fence" {
        return "ok".into();
    }
    assert_eq!(message["type"], "error", "{message}");
    message["payload"][0]["extensions"]["code"].as_str().expect("a code").to_owned()
}

/// WSP-3, API-3: what each credential may listen to; the schema's declarations say the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_may_listen_to_what() {
    let stage = Stage::sqlite().await;
    let askers = askers(&stage).await;
    let mut text = String::new();
    for (field, session, permission) in declared("Subscription") {
        writeln!(text, "Subscription.{field}").unwrap();
        for asker in &askers {
            let token = asker.token(&stage).await;
            let said = said(&stage, token.as_deref(), &field).await;
            let let_in = !matches!(said.as_str(), "4401" | "FORBIDDEN");
            assert_eq!(let_in, asker.may(&session, permission), "{field} by {}: {said}", asker.name);
            writeln!(text, "    {:<28} {said}", asker.name).unwrap();
        }
    }
    insta::assert_snapshot!(text);
    stage.close().await;
}
