//! A mail server that is down, stalls, hangs up or refuses delays a mail and fails nothing (INV-13, INV-14).

use serde_json::{Value, json};

use super::sent::token_in;
use crate::support::app::Stage;
use crate::support::cast::{Person, Seat};
use crate::support::mail_server::{MailServer, Mood};
use crate::support::people::mutation;

const GUEST: &str = "guest@example.com";

/// A workspace with an admin, made while mails stayed in the local mailbox; from now on they go to this server.
struct House {
    stage: Stage,
    admin: Seat,
}

async fn house(url: String) -> House {
    let mut stage = Stage::sqlite().await;
    let ada: Person = stage.person("Ada").await;
    let admin = stage.workspace(&ada, "TEAM").await;
    stage.config.mail.smtp_url = Some(url.parse().unwrap());
    stage.config.mail.mail_from = Some("no-reply@app.example.com".into());
    stage.config.mail.smtp_seconds_max = 1;
    stage.servers.clear();
    stage.start_server().await;
    House { stage, admin }
}

impl House {
    /// Invites somebody; the mutation succeeds whatever the mail server does. The invitation's id.
    async fn invite(&self, email: &str) -> String {
        self.stage.invite(&self.admin, email, "Member", &[]).await.1
    }

    /// What the invitation says of its mail (INV-13).
    async fn mail(&self) -> Value {
        let query = "{ workspace { memberByEmail(email: \"guest@example.com\") { invitation { mail } } } }";
        let seen = self.stage.data(Some(&self.admin.token), query, json!({})).await;
        seen["workspace"]["memberByEmail"]["invitation"]["mail"].clone()
    }

    async fn waiting(&self) -> usize {
        self.stage.sql("SELECT id FROM outbox").await.len()
    }
}

/// INV-13, INV-14: for days, over a restart of the service, and then it arrives, once, with a link that works.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn inv_14_a_server_that_is_down_delays_a_mail_and_loses_none() {
    let server = MailServer::start().await;
    let address = server.address();
    let mut house = house(server.url()).await;
    drop(server);
    house.invite(GUEST).await;
    assert_eq!(house.mail().await, "QUEUED");
    for _ in 0..4 {
        house.stage.run_jobs().await;
        assert_eq!((house.mail().await, house.waiting().await), (json!("FAILING"), 1));
        house.stage.advance_hours(1);
    }
    house.stage.servers.clear();
    house.stage.start_server().await;

    let server = MailServer::start_at(address).await;
    house.stage.advance_hours(1);
    house.stage.run_jobs().await;
    assert_eq!((house.mail().await, house.waiting().await), (json!("HANDED_OVER"), 0));
    let letters = server.letters();
    assert_eq!((letters.len(), letters[0].to.as_str()), (1, GUEST));
    let token = token_in(&letters[0].text);
    let input = json!({ "token": token, "name": "Guest", "password": "four words that rhyme" });
    house.stage.done(None, &mutation("acceptInvitation", "token"), input).await;
    house.stage.close().await;
}

/// INV-14: each way of not taking it, and the mails beside it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn inv_14_whatever_a_server_does_the_mail_waits_and_goes_when_it_is_well() {
    let moods = [Mood::Stalls, Mood::Drops, Mood::Refuses("451 later"), Mood::Refuses("550 nobody here")];
    for mood in moods {
        let server = MailServer::start().await;
        let house = house(server.url()).await;
        server.is(mood);
        house.invite(GUEST).await;
        house.stage.run_jobs().await;
        assert_eq!((house.mail().await, house.waiting().await), (json!("FAILING"), 1), "{mood:?}");
        assert!(server.letters().is_empty(), "{mood:?}");
        // Not again before its time.
        server.is(Mood::Takes);
        house.stage.run_jobs().await;
        assert!(server.letters().is_empty(), "{mood:?}");
        house.stage.advance_hours(1);
        house.stage.run_jobs().await;
        assert_eq!((house.mail().await, house.waiting().await), (json!("HANDED_OVER"), 0), "{mood:?}");
        assert_eq!(server.letters().len(), 1, "{mood:?}");
        house.stage.close().await;
    }
}

/// INV-14: many mails wait for a server that stalls as long as one does, and not one after the other.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn inv_14_mails_do_not_queue_behind_one_that_stalls() {
    let server = MailServer::start().await;
    let house = house(server.url()).await;
    server.is(Mood::Stalls);
    for number in 0..8 {
        house.invite(&format!("guest{number}@example.com")).await;
    }
    let begun = std::time::Instant::now();
    house.stage.run_jobs().await;
    assert!(begun.elapsed().as_secs() < 6, "eight mails, a second of patience each: {:?}", begun.elapsed());
    assert_eq!(house.waiting().await, 8);
    house.stage.close().await;
}

/// INV-14: the mail of an invitation that was withdrawn meanwhile is dropped.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn inv_14_the_mail_of_a_dead_invitation_is_dropped() {
    let server = MailServer::start().await;
    let house = house(server.url()).await;
    server.is(Mood::Refuses("451 later"));
    let invitation = house.invite(GUEST).await;
    house.stage.run_jobs().await;
    let input = json!({ "invitationId": invitation });
    house.stage.done(Some(&house.admin.token), &mutation("withdrawInvitation", ""), input).await;
    server.is(Mood::Takes);
    house.stage.advance_hours(1);
    house.stage.run_jobs().await;
    assert_eq!((server.letters().len(), house.waiting().await), (0, 0));
    house.stage.close().await;
}

/// An address that doesn't exist is not tried for ever; a server that is only busy is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_that_is_refused_for_days_is_given_up_and_one_that_is_put_off_is_not() {
    for (answer, left) in [("550 nobody here", 0), ("451 later", 1)] {
        let server = MailServer::start().await;
        let house = house(server.url()).await;
        server.is(Mood::Refuses(answer));
        let input = json!({ "email": GUEST, "name": "Guest", "password": "four words that rhyme" });
        house.stage.done(None, &mutation("signUp", ""), input).await;
        for _ in 0..5 {
            house.stage.run_jobs().await;
            house.stage.advance_hours(18);
        }
        assert_eq!(house.waiting().await, left, "{answer}");
        house.stage.close().await;
    }
}

/// INV-14: a server that refuses whatever comes from us, for a wrong password or our sender, says nothing about a mail: none
/// is lost, however long it takes to set that right.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn inv_14_a_server_that_refuses_us_loses_no_mail() {
    for mood in [Mood::RefusesLogin, Mood::RefusesSender("550 5.7.1 not from you")] {
        let server = MailServer::start().await;
        let house = house(format!("smtp://rollcall:s%40cret@{}?tls=none", server.address())).await;
        server.is(mood);
        let input = json!({ "email": GUEST, "name": "Guest", "password": "four words that rhyme" });
        house.stage.done(None, &mutation("signUp", ""), input).await;
        for _ in 0..5 {
            house.stage.run_jobs().await;
            assert_eq!(house.waiting().await, 1, "{mood:?}");
            house.stage.advance_hours(18);
        }
        server.is(Mood::Takes);
        house.stage.run_jobs().await;
        assert_eq!((server.letters().len(), house.waiting().await), (1, 0), "{mood:?}");
        house.stage.close().await;
    }
}

/// INV-13: an invitation whose mail is tried no more says so, whether the server refused it for days or it came too late; and
/// it may be sent again once it has expired.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn inv_13_a_mail_that_is_given_up_is_told_as_that() {
    for (answer, valid_hours) in [("550 nobody here", 240), ("451 later", 72)] {
        let server = MailServer::start().await;
        let mut house = house(server.url()).await;
        let policy = json!({ "invitationTtlHours": valid_hours });
        house.stage.done(Some(&house.admin.token), &mutation("updatePolicy", ""), policy).await;
        server.is(Mood::Refuses(answer));
        let invitation = house.invite(GUEST).await;
        for _ in 0..5 {
            house.stage.run_jobs().await;
            assert_eq!(house.waiting().await, 1, "{answer}");
            house.stage.advance_hours(17);
        }
        house.stage.run_jobs().await;
        let ada = house.stage.sign_in_as("Ada", "ada@example.com").await;
        house.admin = house.stage.take_seat(&ada, &house.admin.workspace_id).await;
        assert_eq!((house.mail().await, house.waiting().await), (json!("GIVEN_UP"), 0), "{answer}");
        let told = house.stage.event_types(&house.admin.workspace_id).await;
        assert_eq!(told.iter().filter(|kind| *kind == "InvitationMailChanged").count(), 2, "{told:?}");
        server.is(Mood::Takes);
        house.stage.sql("UPDATE invitations SET expires_at = 1").await;
        house.stage.sql("UPDATE members SET invitation_expires_at = 1 WHERE state = 'INVITED'").await;
        let input = json!({ "invitationId": invitation });
        house.stage.done(Some(&house.admin.token), &mutation("resendInvitation", ""), input).await;
        house.stage.run_jobs().await;
        assert_eq!((house.mail().await, house.waiting().await), (json!("HANDED_OVER"), 0), "{answer}");
        house.stage.close().await;
    }
}
