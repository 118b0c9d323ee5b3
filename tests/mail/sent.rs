//! What arrives at a mail server.

use rollcall::app::{App, Settings, StartError};
use rollcall::config::Config;
use rollcall::primitives::time::Clock;
use serde_json::json;

use crate::support::app::Stage;
use crate::support::mail_server::MailServer;
use crate::support::people::mutation;

const PASSWORD: &str = "a quiet afternoon";

async fn stage(url: String) -> Stage {
    Stage::sqlite_with(|config| {
        config.mail.smtp_url = Some(url.parse().unwrap());
        config.mail.mail_from = Some("Rollcall <no-reply@app.example.com>".into());
    })
    .await
}

/// The text part of a letter, as a reader of text sees it; what is needed of quoted-printable (RFC 2045).
pub(super) fn token_in(text: &str) -> String {
    let plain = text.replace("=\n", "").replace("=3D", "=");
    let (_, token) = plain.split_once("#token=").expect("a link");
    token.split_whitespace().next().expect("a token").to_owned()
}

/// INV-14, SES-6: the link in the letter does what it says.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn inv_14_a_letter_leaves_by_smtp_and_its_link_works() {
    let server = MailServer::start().await;
    let stage = stage(server.url()).await;
    let input = json!({ "email": "Ada@example.com", "name": "Ada", "password": PASSWORD });
    stage.done(None, &mutation("signUp", ""), input).await;
    stage.run_jobs().await;

    let letters = server.letters();
    assert_eq!(letters.len(), 1);
    let letter = &letters[0];
    assert_eq!((letter.from.as_str(), letter.to.as_str()), ("no-reply@app.example.com", "Ada@example.com"));
    for header in [
        "From: Rollcall <no-reply@app.example.com>",
        "To: Ada@example.com",
        "Subject: Verify your e-mail address",
        "Date: Sun, 01 Mar 2026 12:00:00 +0000",
        "Auto-Submitted: auto-generated",
    ] {
        assert!(letter.text.contains(header), "{header}\n{}", letter.text);
    }
    assert!(letter.text.contains("multipart/alternative") && letter.text.contains("<!doctype html>"));
    let input = json!({ "token": token_in(&letter.text), "password": PASSWORD });
    stage.done(None, &mutation("verifyEmail", ""), input).await;
    assert!(stage.sql("SELECT id FROM outbox").await.is_empty(), "a mail that left is forgotten");
    assert!(stage.sql("SELECT id FROM mailbox").await.is_empty(), "no secret stays behind");
    stage.run_jobs().await;
    assert_eq!(server.letters().len(), 1, "once");
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_service_signs_in_to_the_mail_server_where_the_url_says_so() {
    let server = MailServer::start().await;
    let stage = stage(server.url().replace("smtp://", "smtp://rollcall:open%20sesame@")).await;
    let input = json!({ "email": "ada@example.com", "name": "Ada", "password": PASSWORD });
    stage.done(None, &mutation("signUp", ""), input).await;
    stage.run_jobs().await;
    // PLAIN (RFC 4616): "\0rollcall\0open sesame".
    assert_eq!(server.letters()[0].credentials.as_deref(), Some("AHJvbGxjYWxsAG9wZW4gc2VzYW1l"));
    stage.close().await;
}

/// INV-14: a server that offers no TLS hears neither the password nor the letter, unless the operator said so.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn inv_14_nothing_is_said_in_clear_to_a_server_without_tls() {
    let server = MailServer::start().await;
    let url = server.url().replace("smtp://", "smtp://rollcall:secret@").replace("?tls=none", "");
    let stage = stage(url).await;
    let input = json!({ "email": "ada@example.com", "name": "Ada", "password": PASSWORD });
    stage.done(None, &mutation("signUp", ""), input).await;
    stage.run_jobs().await;
    assert!(server.letters().is_empty());
    let said = server.said();
    assert!(
        !said.is_empty() && said.iter().all(|line| line.starts_with("EHLO") || line == "QUIT"),
        "{said:?}"
    );
    assert_eq!(stage.sql("SELECT id FROM outbox").await.len(), 1, "it waits");
    stage.close().await;
}

#[tokio::test]
async fn settings_by_which_no_mail_could_leave_stop_the_start() {
    let start = async |url: &str, from: Option<&str>| {
        let mut config = Config::default();
        config.mail.smtp_url = Some(url.parse().unwrap());
        config.mail.mail_from = from.map(str::to_owned);
        let public_url = "https://app.example.com".into();
        let settings = Settings { config, clock: Clock::system(), public_url, migrate: true };
        App::start(settings).await.err().expect("it does not start")
    };
    assert!(matches!(start("smtp://mail.example.com", None).await, StartError::NoSender));
    for (url, from, flag) in
        [("smtp://", "a@example.com", "--smtp-url"), ("smtps://mail.example.com", "Rollcall", "--mail-from")]
    {
        let refused = start(url, Some(from)).await.to_string();
        assert!(refused.contains(flag), "{refused}");
    }
}
