//! The binary itself, as a newcomer and an operator meet it.

use std::process::{Output, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::Command;

use crate::support::app::{DEADLINE, Stage};

fn rollcall(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rollcall"));
    command.args(arguments).env_clear().kill_on_drop(true);
    command
}

async fn refused(arguments: &[&str]) -> String {
    let run = tokio::time::timeout(DEADLINE, rollcall(arguments).output()).await;
    let Output { status, stderr, .. } = run.expect("it ends by itself").expect("it runs");
    let said = String::from_utf8_lossy(&stderr).into_owned();
    assert!(!status.success(), "{said}");
    said
}

/// What it prints up to the line that holds this text.
async fn printed(output: &mut (impl AsyncRead + Unpin), last: &str) -> String {
    let mut lines = BufReader::new(output).lines();
    let mut printed = String::new();
    while let Some(line) = lines.next_line().await.expect("text") {
        printed += &format!("{line}\n");
        if line.contains(last) {
            break;
        }
    }
    printed
}

async fn ask(url: &str, token: Option<&str>, query: &str) -> Value {
    let http = reqwest::Client::builder().timeout(Duration::from_secs(20)).build().unwrap();
    let mut request = http.post(format!("{url}/graphql")).json(&json!({ "query": query }));
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    let answer: Value = request.send().await.expect("it answers").json().await.expect("JSON");
    assert!(answer.get("errors").is_none(), "{query}\n{answer:#}");
    answer["data"].clone()
}

/// The README's first command: what it prints can be pasted, one after the other.
#[tokio::test]
async fn what_the_sample_data_prints_can_be_pasted() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = rollcall(&["serve", "--demo", "--listen", "127.0.0.1:0"]);
    let mut serving = command
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("it runs");
    // Held to the end: who prints into a closed pipe dies.
    let mut stdout = serving.stdout.take().unwrap();
    let greeting = printed(&mut stdout, "Mails lie in the local mailbox");
    let greeting = tokio::time::timeout(DEADLINE, greeting).await.expect("it greets");
    let url =
        greeting.split("Open ").nth(1).and_then(|rest| rest.split("/graphiql").next()).expect("an address");

    let steps: Vec<&str> = greeting.split("\n\n").filter(|part| part.contains("{ ")).collect();
    let [sign_in, enter, members, seats, log] = steps.as_slice() else { panic!("{greeting}") };
    let token = ask(url, None, sign_in).await["signIn"]["token"].as_str().expect("a token").to_owned();
    let inside = ask(url, Some(&token), enter).await["enterWorkspace"]["token"].as_str().unwrap().to_owned();
    let seen = ask(url, Some(&inside), members).await;
    assert!(seen["workspace"]["members"]["nodes"].as_array().unwrap().len() > 3, "{seen:#}");
    let seen = ask(url, Some(&inside), seats).await["workspace"].clone();
    assert_eq!(seen["seats"]["limit"], 10);
    assert_eq!(
        seen["billing"]["ledger"]["nodes"].as_array().unwrap().len(),
        8,
        "who joined was charged, and who was deleted for ever has their rest back: {seen:#}"
    );
    let seen = ask(url, Some(&inside), log).await["workspace"]["events"].clone();
    assert_eq!(seen["nodes"].as_array().unwrap().len(), 10, "{seen:#}");
    let all = "{ workspace { events(first: 100) { nodes { type origin } } } }";
    let seen = ask(url, Some(&inside), all).await["workspace"]["events"]["nodes"].clone();
    let nodes = seen.as_array().expect("events");
    for (field, word) in [("origin", "BULK"), ("type", "MemberDeletedForever"), ("type", "AssetShared")] {
        assert!(nodes.iter().any(|event| event[field] == word), "no {word} in {seen:#}");
    }
    serving.kill().await.expect("it stops");
}

#[tokio::test]
async fn sample_data_is_never_put_among_real_people() {
    let stage = Stage::sqlite().await;
    stage.person("Bob").await;
    let url = stage.config.database.database_url.expose();
    let said = refused(&["serve", "--demo", "--listen", "127.0.0.1:0", "--database-url", url]).await;
    assert!(said.contains("in use"), "{said}");
    assert_eq!(stage.sql("SELECT id FROM accounts").await.len(), 1);
    stage.close().await;
}

/// INV-14: no mail is kept silently that somebody waits for.
#[tokio::test]
async fn a_mail_server_of_an_unknown_kind_is_refused_and_not_ignored() {
    let said = refused(&["serve", "--listen", "127.0.0.1:0", "--smtp-url", "http://mail.example.com"]).await;
    assert!(said.contains("--smtp-url"), "{said}");
}
