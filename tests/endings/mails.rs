//! DEL-1 against INV-14: what is mailed to others outlives whoever asked for it, and no kept letter names them.

use std::sync::Mutex;

use futures_util::future::BoxFuture;
use rollcall::endings::delete_member_forever;
use rollcall::invitations::{InvitationMail, MAIL_KIND};
use rollcall::members::DeleteMemberForever;
use rollcall::platform::mail::{
    self, Composer, Courier, Fate, Letter, Mail, PublicUrl, Transport, Undeliverable,
};
use rollcall::policy::Kind;
use serde_json::json;

use super::delete_member::DELETE;
use crate::invitations::{accept, invite, row, row_as};
use crate::support::app::Stage;
use crate::support::cast::Seat;
use crate::support::gate::email;
use crate::support::people::mutation;
use crate::{on_both, on_both_stages};

const GUEST: &str = "guest@example.com";

/// Two admins of one workspace.
async fn admins(stage: &Stage) -> (Seat, Seat) {
    let (ada, rosa) = (stage.person("Ada").await, stage.person("Rosa").await);
    let admin = stage.workspace(&ada, "WALLET").await;
    let other = stage.join(&admin, &rosa, "Workspace admin", &[]).await;
    (admin, other)
}

async fn take_over(stage: &Stage, admin: &Seat, invitation: &str) {
    let input = json!({ "invitationId": invitation });
    stage.done(Some(&admin.token), &mutation("updateInvitation", ""), input).await;
}

async fn delete(stage: &Stage, admin: &Seat, gone: &Seat) {
    stage.remove(admin, gone).await;
    let input = json!({ "memberId": gone.member_id, "email": gone.person.email });
    stage.done(Some(&admin.token), DELETE, input).await;
}

on_both_stages! {
    /// INV-14, DEL-1: a mail that waits leaves in the name of whoever answers for the invitation by then.
    async fn inv_14_a_waiting_mail_outlives_who_asked_for_it(stage) {
        let (admin, rosa) = admins(stage).await;
        let (_, invitation) = stage.invite(&rosa, GUEST, "Workspace operator", &[]).await;
        stage.remove(&admin, &rosa).await;
        take_over(stage, &admin, &invitation).await;
        let input = json!({ "memberId": rosa.member_id, "email": rosa.person.email });
        stage.done(Some(&admin.token), DELETE, input).await;
        let letters = stage.mails(GUEST).await;
        assert_eq!(letters.len(), 1);
        assert!(letters[0].contains("Ada invites you"), "{}", letters[0]);
        let query = "{ workspace { memberByEmail(email: \"guest@example.com\") { invitation { mail } } } }";
        let shown = stage.data(Some(&admin.token), query, json!({})).await;
        assert_eq!(shown["workspace"]["memberByEmail"]["invitation"]["mail"], "HANDED_OVER");
    }

    /// DEL-1: a letter goes with the one whom it names, though they neither asked first nor answer for it now; and one that
    /// names somebody else stays.
    async fn del_1_a_kept_letter_goes_with_whom_it_names(stage) {
        let (admin, rosa) = admins(stage).await;
        let (_, named) = stage.invite(&admin, GUEST, "Workspace operator", &[]).await;
        take_over(stage, &rosa, &named).await;
        let (_, not_named) = stage.invite(&rosa, "other@example.com", "Workspace operator", &[]).await;
        take_over(stage, &admin, &not_named).await;
        assert!(stage.mails(GUEST).await[0].contains("Rosa invites you"));
        assert!(stage.mails("other@example.com").await[0].contains("Ada invites you"));
        take_over(stage, &admin, &named).await;
        delete(stage, &admin, &rosa).await;
        assert_eq!(stage.mails(GUEST).await, Vec::<String>::new());
        assert_eq!(stage.mails("other@example.com").await.len(), 1);
    }

    /// INV-14, DEL-1: whoever has an address of theirs by now still gets what is mailed to it.
    async fn inv_14_the_mail_of_who_has_the_address_now_waits_on(stage) {
        let (admin, rosa) = admins(stage).await;
        stage.remove(&admin, &rosa).await;
        let to = "rosa@elsewhere.example";
        let moved = format!("UPDATE accounts SET email = '{to}', email_key = '{to}', verified_email_key = '{to}' \
                             WHERE email = '{}'", rosa.person.email);
        stage.sql(&moved).await;
        let before = stage.mails(&rosa.person.email).await.len();
        let (heir, _) = stage.invite(&admin, &rosa.person.email, "Workspace operator", &[]).await;
        assert_ne!(heir, rosa.member_id);
        let input = json!({ "memberId": rosa.member_id, "email": rosa.person.email });
        stage.done(Some(&admin.token), DELETE, input).await;
        let letters = stage.mails(&rosa.person.email).await;
        let asking = letters.iter().filter(|body| body.contains("Ada invites you")).count();
        assert_eq!(asking, 1, "{before} before: {letters:#?}");
    }
}

/// Writes invitations, and does something once, between writing a letter and handing it over.
struct Meanwhile {
    composer: InvitationMail,
    then: Mutex<Option<BoxFuture<'static, ()>>>,
}

impl Composer for Meanwhile {
    fn compose<'a>(&'a self, mail: &'a Mail) -> BoxFuture<'a, Result<Option<Letter>, Undeliverable>> {
        Box::pin(async move {
            let letter = self.composer.compose(mail).await?;
            let then = self.then.lock().expect("nobody panics").take();
            if let Some(then) = then {
                then.await;
            }
            Ok(letter)
        })
    }

    fn note<'a>(&'a self, mail: &'a Mail, fate: Fate) -> BoxFuture<'a, Result<(), Undeliverable>> {
        self.composer.note(mail, fate)
    }
}

on_both! {
    /// DEL-1, INV-14: a letter that is being written while the one whom it names is deleted is kept nowhere, and is written
    /// anew.
    async fn del_1_a_letter_on_its_way_is_called_back(house) {
        let (ada, rosa) = (house.person("ada@example.com").await, house.person("rosa@example.com").await);
        let place = house.place(&ada, Kind::Team).await;
        invite(house, &place.admin, row_as("rosa@example.com", place.role("Admin"), &[])).await;
        let rosas = accept(house, "rosa@example.com").await.member;
        let hers = house.go_in(&rosa, place.id).await;
        invite(house, &hers, row(GUEST)).await;
        house.remove(&rosas, false).await;
        let (gate, proof) = (house.gate.clone(), place.admin.clone());
        let wish = DeleteMemberForever { member: rosas.id, email: email("rosa@example.com").key().clone() };
        let then: BoxFuture<'static, ()> = Box::pin(async move {
            delete_member_forever(&gate, &proof, wish).await.expect("deleted");
        });
        let public_url = PublicUrl::new("https://rollcall.example");
        let composer = InvitationMail::new(house.gate.clone(), public_url);
        let composer = Meanwhile { composer, then: Mutex::new(Some(then)) };
        let database = house.database().clone();
        let courier = Courier::new(database.clone(), house.clock.clone(), Transport::Mailbox(database));
        courier.with(MAIL_KIND, composer).deliver_due().await.expect("delivered");
        let letters = mail::list(house.database().reader(), Some(email(GUEST).key())).await.expect("it reads");
        assert_eq!(letters.len(), 1);
        assert!(letters[0].body.contains("An admin invites you"), "{}", letters[0].body);
    }
}
