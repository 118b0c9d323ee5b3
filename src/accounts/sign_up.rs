//! Signing up: an account that claims an address, and a mail whose link proves it (SES-6).
//!
//! Never tells whether the address is known: its owner alone is told, by mail (SES-1).

use super::account::Account;
use super::attempts::Purpose;
use super::entrance::Entrance;
use super::events::{AccountCreated, SignUpRepeated};
use super::hasher::PasswordHash;
use super::mails;
use super::rules::Password;
use super::store;
use crate::access::{Failure, Gate, Never};
use crate::platform::mail::enqueue;
use crate::primitives::email::Email;
use crate::primitives::ids::AccountId;
use crate::primitives::request::Client;
use crate::primitives::time::Timestamp;

/// What somebody gives to sign up.
#[derive(Clone, Debug)]
pub struct SignUp {
    pub email: Email,
    pub name: String,
    pub password: Password,
    pub client: Client,
}

/// Answers alike, and after the same work, whether the address is known or not.
pub async fn sign_up(gate: &Gate, entrance: &Entrance, request: SignUp) -> Result<(), Failure<Never>> {
    entrance.attempts.count(Purpose::SignUp, request.email.key(), &request.client).await?;
    let hash = entrance.hasher().hash(request.password.clone()).await?;
    match store::find_by_verified_email(gate.database().reader(), request.email.key()).await? {
        Some(account) => remind(gate, &account, &request.email).await,
        None => create(gate, &request, &hash).await,
    }
}

async fn create(gate: &Gate, request: &SignUp, hash: &PasswordHash) -> Result<(), Failure<Never>> {
    let id = AccountId::new();
    let mut tx = gate.new_account(id).await?;
    let account = new_account(id, &request.email, &request.name, tx.now());
    store::insert(tx.writer(), &account, hash).await?;
    enqueue(tx.writer(), mails::about(mails::VERIFY_EMAIL, id, &request.email), tx.now()).await?;
    tx.announce(AccountCreated(&account).into_event());
    tx.commit().await?;
    Ok(())
}

async fn remind(gate: &Gate, account: &Account, email: &Email) -> Result<(), Failure<Never>> {
    let mut tx = gate.account_by_evidence(account.id).await?;
    enqueue(tx.writer(), mails::about(mails::ALREADY_REGISTERED, account.id, email), tx.now()).await?;
    tx.announce(SignUpRepeated(account).into_event());
    tx.commit().await?;
    Ok(())
}

/// An account that proves nothing yet.
pub(super) fn new_account(id: AccountId, email: &Email, name: &str, now: Timestamp) -> Account {
    Account {
        id,
        email: email.as_typed().to_owned(),
        email_key: email.key().clone(),
        email_verified: false,
        name: name.to_owned(),
        generation: 1,
        revision: 1,
        created_at: now,
        wanted: None,
    }
}
