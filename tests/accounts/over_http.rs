//! Passwords, names and addresses as a client sees them, and what open windows hear.

use serde_json::{Value, json};

use crate::on_both_stages;
use crate::support::app::Stage;
use crate::support::people::{Human, mutation};
use crate::support::socket::Socket;

const PASSWORD: &str = "a quiet afternoon";
const NEW: &str = "another quiet afternoon";
const VIEWER: &str = "{ viewer { account { id name email newEmail } } }";

async fn sign_in(stage: &Stage, email: &str, password: &str) -> String {
    let input = json!({ "email": email, "password": password });
    let signed_in = stage.done(None, &mutation("signIn", "token"), input).await;
    signed_in["token"].as_str().expect("a token").to_owned()
}

async fn is_out(stage: &Stage, token: &str, query: &str) -> String {
    let failed = stage.failed(Some(token), query, json!({})).await;
    assert_eq!(failed["code"], "UNAUTHENTICATED");
    failed["sessionEnd"]["cause"].as_str().expect("a cause").to_owned()
}

async fn account_of(stage: &Stage, human: &Human) -> Value {
    stage.data(Some(&human.token), VIEWER, json!({})).await["viewer"]["account"].clone()
}

on_both_stages! {
    /// SES-1, SES-5, REV-1: on every server, windows of both kinds included.
    async fn a_forgotten_password_is_set_by_the_mailed_link(stage) {
        let ada = stage.human("Ada").await;
        let place = stage.found(&ada, "Harbour", "TEAM").await;
        let inside = stage.enter(&ada, &place).await;
        let mut person = Socket::open(stage.elsewhere(), &ada.token).await;
        let mut window = Socket::open(stage.elsewhere(), &inside).await;

        let request = mutation("requestPasswordReset", "mailedTo");
        for address in ["ada@example.com", "nobody@example.com"] {
            let asked = stage.done(None, &request, json!({ "email": address })).await;
            assert_eq!(asked["mailedTo"], address);
        }
        assert!(stage.mails("nobody@example.com").await.is_empty());
        let token = stage.mailed_token("ada@example.com").await;
        let reset = mutation("resetPassword", "account { email }");
        let short = json!({ "token": token, "newPassword": "short" });
        let refused = stage.refused(None, &reset, short).await;
        assert_eq!((&refused["code"], &refused["field"]), (&json!("INVALID_INPUT"), &json!(["input", "newPassword"])));
        let done = stage.done(None, &reset, json!({ "token": token, "newPassword": NEW })).await;
        assert_eq!(done["account"]["email"], "ada@example.com");

        assert_eq!(person.expect_close(4401).await, "PASSWORD_CHANGED");
        assert_eq!(window.expect_close(4401).await, "PASSWORD_CHANGED");
        assert_eq!(is_out(stage, &ada.token, VIEWER).await, "PASSWORD_CHANGED");
        assert_eq!(is_out(stage, &inside, "{ workspace { name } }").await, "PASSWORD_CHANGED");
        sign_in(stage, "ada@example.com", NEW).await;
        let old = json!({ "email": "ada@example.com", "password": PASSWORD });
        assert_eq!(stage.refused(None, &mutation("signIn", "token"), old).await["code"], "INVALID_CREDENTIALS");
        let again = stage.refused(None, &reset, json!({ "token": token, "newPassword": NEW })).await;
        assert_eq!((&again["code"], &again["field"]), (&json!("LINK_USED"), &json!(["input", "token"])));
        for rubbish in ["", "rcp_rubbish", inside.as_str()] {
            let refused = stage.refused(None, &reset, json!({ "token": rubbish, "newPassword": NEW })).await;
            assert_eq!(refused["code"], "LINK_INVALID", "{rubbish}");
        }
    }

    /// SES-6: whoever lost the first mail, or came too late, asks for another by the session that they have.
    async fn ses_6_another_mail_with_a_link_can_be_asked_for(stage) {
        stage.sign_up("Ada", "ada@example.com").await;
        let token = sign_in(stage, "ada@example.com", PASSWORD).await;
        let first = stage.mailed_token("ada@example.com").await;
        stage.advance_hours(25);
        let token = if stage.ask(Some(&token), VIEWER, json!({})).await["errors"].is_null() {
            token
        } else {
            sign_in(stage, "ada@example.com", PASSWORD).await
        };
        let verify = mutation("verifyEmail", "account { emailVerified }");
        let late = json!({ "token": first, "password": PASSWORD });
        assert_eq!(stage.refused(None, &verify, late).await["code"], "LINK_EXPIRED");
        let ask = mutation("requestEmailVerification", "mailedTo clientMutationId");
        let asked = stage.done(Some(&token), &ask, json!({ "clientMutationId": "7" })).await;
        assert_eq!((&asked["mailedTo"], &asked["clientMutationId"]), (&json!("ada@example.com"), &json!("7")));
        let second = stage.mailed_token("ada@example.com").await;
        assert_ne!(second, first);
        let done = stage.done(None, &verify, json!({ "token": second, "password": PASSWORD })).await;
        assert_eq!(done["account"]["emailVerified"], true);
        let sent = stage.mails("ada@example.com").await.len();
        let refused = stage.refused(Some(&token), &ask, json!({})).await;
        assert_eq!((&refused["code"], &refused["field"]), (&json!("EMAIL_ALREADY_VERIFIED"), &Value::Null));
        assert_eq!(stage.mails("ada@example.com").await.len(), sent, "nothing to prove, nothing mailed");
        assert_eq!(stage.failed(None, &ask, json!({ "input": {} })).await["code"], "UNAUTHENTICATED");
    }

    /// SES-5, REV-4: the windows of the session that asks stay open and go on; all others are closed.
    async fn changing_the_password_closes_every_window_but_those_of_the_session_that_asks(stage) {
        let ada = stage.human("Ada").await;
        let place = stage.found(&ada, "Harbour", "TEAM").await;
        let inside = stage.enter(&ada, &place).await;
        let other = stage.sign_in("ada@example.com").await;
        let elsewhere = stage.enter(&other, &place).await;
        let mut own = [Socket::open(stage.elsewhere(), &ada.token).await, Socket::open(stage.here(), &inside).await];
        let mut others =
            [Socket::open(stage.elsewhere(), &other.token).await, Socket::open(stage.here(), &elsewhere).await];

        let change = mutation("changePassword", "account { revision }");
        let wrong = json!({ "currentPassword": "a guess", "newPassword": NEW });
        let refused = stage.refused(Some(&ada.token), &change, wrong).await;
        let field = json!(["input", "currentPassword"]);
        assert_eq!((&refused["code"], &refused["field"]), (&json!("INVALID_CREDENTIALS"), &field));
        let input = json!({ "currentPassword": PASSWORD, "newPassword": NEW });
        stage.done(Some(&ada.token), &change, input).await;

        for window in &mut others {
            assert_eq!(window.expect_close(4401).await, "PASSWORD_CHANGED");
        }
        for window in &mut own {
            window.fence().await;
        }
        stage.data(Some(&ada.token), VIEWER, json!({})).await;
        stage.data(Some(&inside), "{ workspace { name } }", json!({})).await;
        assert_eq!(is_out(stage, &elsewhere, "{ workspace { name } }").await, "PASSWORD_CHANGED");
        // And the next change, from elsewhere, ends these.
        let newer = sign_in(stage, "ada@example.com", NEW).await;
        let input = json!({ "currentPassword": NEW, "newPassword": PASSWORD });
        stage.done(Some(&newer), &change, input).await;
        for window in &mut own {
            assert_eq!(window.expect_close(4401).await, "PASSWORD_CHANGED");
        }
    }

    /// SES-6: what a client shows of it, from asking to the old address's mail.
    async fn an_address_is_changed_by_the_link_that_is_mailed_to_it(stage) {
        let ada = stage.human("Ada").await;
        let other = stage.sign_in("ada@example.com").await;
        let change = mutation("changeEmail", "account { email newEmail }");
        for (email, password, code, field) in [
            ("ada", PASSWORD, "INVALID_INPUT", "email"),
            ("ada@example.com", PASSWORD, "INVALID_INPUT", "email"),
            ("new@example.com", "a guess", "INVALID_CREDENTIALS", "password"),
        ] {
            let refused = stage.refused(Some(&ada.token), &change, json!({ "email": email, "password": password })).await;
            assert_eq!((&refused["code"], &refused["field"]), (&json!(code), &json!(["input", field])), "{email}");
        }
        let asked =
            stage.done(Some(&ada.token), &change, json!({ "email": "New@example.com", "password": PASSWORD })).await;
        assert_eq!(asked["account"], json!({ "email": "ada@example.com", "newEmail": "New@example.com" }));
        let token = stage.mailed_token("new@example.com").await;
        let verify = mutation("verifyEmail", "account { email newEmail emailVerified }");
        let verified = stage.done(None, &verify, json!({ "token": token, "password": PASSWORD })).await;
        let wanted = json!({ "email": "New@example.com", "newEmail": null, "emailVerified": true });
        assert_eq!(verified["account"], wanted);
        assert_eq!(is_out(stage, &other.token, VIEWER).await, "EMAIL_CHANGED");
        assert_eq!(account_of(stage, &ada).await["email"], "New@example.com");
        assert!(stage.mails("ada@example.com").await.pop().expect("a mail").contains("no longer signs in"));
        sign_in(stage, "new@example.com", PASSWORD).await;
    }

    /// EVT-1, EVT-8: a name is shown in each workspace by the event that tells of it.
    async fn a_name_is_shown_where_the_person_is_a_member(stage) {
        let ada = stage.human("Ada").await;
        let place = stage.found(&ada, "Harbour", "TEAM").await;
        let inside = stage.enter(&ada, &place).await;
        let mut window = Socket::open(stage.elsewhere(), &inside).await;
        let events = "subscription { workspaceEvents { __typename ... on MemberUpdated { member { name } } } }";
        window.listen("events", events, json!({})).await;
        let update = mutation("updateAccount", "account { name }");
        let refused = stage.refused(Some(&ada.token), &update, json!({ "name": " " })).await;
        assert_eq!((&refused["code"], &refused["field"]), (&json!("INVALID_INPUT"), &json!(["input", "name"])));
        stage.done(Some(&ada.token), &update, json!({ "name": "Countess" })).await;
        stage.run_jobs().await;
        let told = window.next("events").await["workspaceEvents"].clone();
        assert_eq!(told, json!({ "__typename": "MemberUpdated", "member": { "name": "Countess" } }));
        let seen = stage.data(Some(&inside), "{ workspace { viewerMember { name email } } }", json!({})).await;
        assert_eq!(seen["workspace"]["viewerMember"]["name"], "Countess");
    }
}
