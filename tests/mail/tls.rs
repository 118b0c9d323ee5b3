//! Mail over real TLS: to a server whose certificate is trusted, and to none else (INV-14).

use std::path::PathBuf;

use rollcall::app::{App, Settings, StartError};
use rollcall::config::Config;
use rollcall::primitives::time::Clock;
use serde_json::json;
use tempfile::TempDir;
use tokio_rustls::TlsAcceptor;

use super::sent::token_in;
use crate::support::app::Stage;
use crate::support::authority::{Authority, Flaw};
use crate::support::mail_server::{Cover, MailServer};
use crate::support::people::mutation;

const PASSWORD: &str = "a quiet afternoon";
/// PLAIN (RFC 4616): "\0rollcall\0open sesame".
const CREDENTIALS: &str = "AHJvbGxjYWxsAG9wZW4gc2VzYW1l";
const COVERS: [fn(TlsAcceptor) -> Cover; 2] = [Cover::StartTls, Cover::Tls];

/// A service that trusts this authority, if any, and has one letter to hand over.
struct House {
    stage: Stage,
    _folder: TempDir,
}

fn file(folder: &TempDir, text: &str) -> PathBuf {
    let path = folder.path().join("authorities.pem");
    std::fs::write(&path, text).expect("it is written");
    path
}

impl House {
    async fn open(server: &MailServer, trusted: Option<&Authority>) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let stage = Stage::sqlite_with(|config| {
            let url = server.url().replace("://", "://rollcall:open%20sesame@");
            config.mail.smtp_url = Some(url.parse().unwrap());
            config.mail.mail_from = Some("no-reply@app.example.com".into());
            config.mail.smtp_ca_file = trusted.map(|authority| file(&folder, &authority.pem()));
        })
        .await;
        let input = json!({ "email": "ada@example.com", "name": "Ada", "password": PASSWORD });
        stage.done(None, &mutation("signUp", ""), input).await;
        stage.run_jobs().await;
        Self { stage, _folder: folder }
    }

    async fn waiting(&self) -> usize {
        self.stage.sql("SELECT id FROM outbox").await.len()
    }
}

/// INV-14: with STARTTLS and with TLS from the start; password and letter are under cover.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn inv_14_a_letter_leaves_over_tls_to_a_server_that_an_authority_of_ours_vouches_for() {
    for cover in COVERS {
        let authority = Authority::found();
        let server = MailServer::start_under(cover(authority.vouch(Flaw::None))).await;
        let house = House::open(&server, Some(&authority)).await;
        let letters = server.letters();
        assert_eq!((letters.len(), house.waiting().await), (1, 0));
        assert!(letters[0].in_tls);
        assert_eq!(letters[0].credentials.as_deref(), Some(CREDENTIALS));
        let input = json!({ "token": token_in(&letters[0].text), "password": PASSWORD });
        house.stage.done(None, &mutation("verifyEmail", ""), input).await;
        house.stage.close().await;
    }
}

/// INV-14: a certificate that isn't trusted gets neither password nor letter; the letter waits, and leaves when the server
/// shows the right one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn inv_14_a_server_with_a_wrong_certificate_gets_no_letter() {
    for cover in COVERS {
        for (flaw, trusts) in [(Flaw::None, false), (Flaw::OtherName, true), (Flaw::Expired, true)] {
            let (authority, other) = (Authority::found(), Authority::found());
            let server = MailServer::start_under(cover(authority.vouch(flaw))).await;
            let address = server.address();
            let house = House::open(&server, Some(if trusts { &authority } else { &other })).await;
            let said = server.said();
            assert!(server.letters().is_empty(), "{flaw:?}");
            assert!(
                said.iter()
                    .all(|line| line.starts_with("EHLO") || ["STARTTLS", "QUIT"].contains(&line.as_str())),
                "{flaw:?}: {said:?}"
            );
            assert_eq!(house.waiting().await, 1, "{flaw:?}: it waits");
            drop(server);
            let trusted = if trusts { &authority } else { &other };
            let server = MailServer::start_under_at(cover(trusted.vouch(Flaw::None)), address).await;
            house.stage.advance_hours(1);
            house.stage.run_jobs().await;
            assert_eq!((server.letters().len(), house.waiting().await), (1, 0), "{flaw:?}");
            house.stage.close().await;
        }
    }
}

/// INV-14: without a word of the operator's the public authorities alone are trusted.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn inv_14_an_authority_of_ones_own_is_trusted_only_where_it_is_named() {
    let server = MailServer::start_under(Cover::Tls(Authority::found().vouch(Flaw::None))).await;
    let house = House::open(&server, None).await;
    assert_eq!((server.said(), house.waiting().await), (Vec::new(), 1));
    house.stage.close().await;
}

#[tokio::test]
async fn authorities_that_cannot_be_read_stop_the_start() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let start = async |url: &str, authorities: PathBuf| {
        let mut config = Config::default();
        config.mail.smtp_url = Some(url.parse().unwrap());
        config.mail.mail_from = Some("a@example.com".into());
        config.mail.smtp_ca_file = Some(authorities);
        let public_url = "https://app.example.com".into();
        let settings = Settings { config, clock: Clock::system(), public_url, migrate: true };
        App::start(settings).await.err().expect("it does not start")
    };
    let nowhere = start("smtps://mail.example.com", folder.path().join("nowhere.pem")).await;
    assert!(
        matches!(nowhere, StartError::SmtpAuthorities(_)) && nowhere.to_string().contains("--smtp-ca-file")
    );
    let empty = start("smtps://mail.example.com", file(&folder, "nothing")).await.to_string();
    assert!(empty.contains("--smtp-ca-file"), "{empty}");
    let clear =
        start("smtp://127.0.0.1:25?tls=none", file(&folder, &Authority::found().pem())).await.to_string();
    assert!(clear.contains("tls=none"), "{clear}");
}
