//! People on a stage: they sign up, create workspaces and enter them as clients do.
//!
//! Holds no rule, and takes no way that a client could not take, but for [`Stage::take_in`].

use rollcall::members::Joiner;
use rollcall::primitives::email::Email;
use rollcall::primitives::ids::{AccountId, AssetId, WorkspaceId};
use serde_json::{Value, json};

use super::app::Stage;
use super::bench::admit;

const PASSWORD: &str = "a quiet afternoon";

/// A mutation of one input, with this selection of its payload beside the user errors.
pub fn mutation(name: &str, selection: &str) -> String {
    let input = format!("{}{}Input", name[..1].to_uppercase(), &name[1..]);
    format!(
        "mutation($input: {input}!) {{ {name}(input: $input) {{ {selection} \
         userErrors {{ __typename code message field }} }} }}"
    )
}

pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

/// Somebody who is signed in as a person.
pub struct Human {
    pub account: AccountId,
    pub email: String,
    pub token: String,
}

impl Stage {
    /// A new person with a verified address, signed in.
    pub async fn human(&self, name: &str) -> Human {
        let email = format!("{}@example.com", name.to_lowercase());
        self.sign_up(name, &email).await;
        let token = self.mailed_token(&email).await;
        self.done(None, &mutation("verifyEmail", ""), json!({ "token": token, "password": PASSWORD })).await;
        self.sign_in(&email).await
    }

    pub async fn sign_up(&self, name: &str, email: &str) {
        let input = json!({ "email": email, "name": name, "password": PASSWORD });
        self.done(None, &mutation("signUp", ""), input).await;
    }

    pub async fn sign_in(&self, email: &str) -> Human {
        let input = json!({ "email": email, "password": PASSWORD });
        let signed_in = self.done(None, &mutation("signIn", "token account { id }"), input).await;
        let account = AccountId::parse(&text(&signed_in["account"]["id"])).expect("an id");
        Human { account, email: email.to_owned(), token: text(&signed_in["token"]) }
    }

    /// A workspace that somebody creates; its id.
    pub async fn found(&self, founder: &Human, name: &str, kind: &str) -> String {
        let create = mutation("createWorkspace", "membership { workspaceId }");
        let created = self.done(Some(&founder.token), &create, json!({ "name": name, "kind": kind })).await;
        text(&created["membership"]["workspaceId"])
    }

    /// Enters a workspace; the token.
    pub async fn enter(&self, human: &Human, workspace: &str) -> String {
        let enter = mutation("enterWorkspace", "token");
        let entered = self.done(Some(&human.token), &enter, json!({ "workspaceId": workspace })).await;
        text(&entered["token"])
    }

    /// Makes somebody a member without an invitation, for tests of what comes after it.
    pub async fn take_in(&self, workspace: &str, human: &Human, role: &str, assets: &[AssetId]) {
        let workspace = WorkspaceId::parse(workspace).expect("an id");
        let email = Email::parse(&human.email).expect("an address");
        let joiner = Joiner { account: human.account, email, name: human.email.clone() };
        admit(&self.here().app.gate, workspace, joiner, role, assets).await;
    }
}
