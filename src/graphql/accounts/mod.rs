//! Accounts in the schema: the person's own, signing up, proving an address, and changing name, address and password.
//!
//! Never tells whether an address is known (SES-1).

mod changes;
mod passwords;
mod signing_up;

use async_graphql::{ID, Object, Result};
use serde::Deserialize;

pub use changes::AccountChangesMutation;
pub use passwords::PasswordsMutation;
pub use signing_up::AccountsMutation;

use super::errors::not_carried;
use super::outcome::answer;
use super::scalars::DateTime;
use crate::access::{AccountView, Never};
use crate::accounts;
use crate::primitives::ids::AccountId;

/// A person: from the database, or filled from an event.
#[derive(Clone)]
pub struct Account(Source);

#[derive(Clone)]
enum Source {
    Stored(Box<accounts::Account>),
    Event(AccountInEvent),
}

/// An account after a change, as events carry it.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AccountInEvent {
    id: AccountId,
    email_verified: bool,
    revision: i64,
}

impl From<accounts::Account> for Account {
    fn from(account: accounts::Account) -> Self {
        Self(Source::Stored(Box::new(account)))
    }
}

impl Account {
    /// From an event: what it carries, and nothing that would need the database.
    pub const fn from_event(account: AccountInEvent) -> Self {
        Self(Source::Event(account))
    }

    fn stored(&self) -> Result<&accounts::Account> {
        match &self.0 {
            Source::Stored(account) => Ok(account),
            // Refused when subscribing, by name; this is the second line.
            Source::Event(_) => Err(not_carried("account")),
        }
    }
}

/// A person.
#[Object]
impl Account {
    /// Its id.
    pub async fn id(&self) -> ID {
        ID(match &self.0 {
            Source::Stored(account) => account.id,
            Source::Event(account) => account.id,
        }
        .to_string())
    }

    /// The name.
    async fn name(&self) -> Result<&str> {
        Ok(&self.stored()?.name)
    }

    /// The e-mail address, as it was typed.
    async fn email(&self) -> Result<&str> {
        Ok(&self.stored()?.email)
    }

    /// Has a mailed link proved the address? Until then it counts for nothing.
    async fn email_verified(&self) -> bool {
        match &self.0 {
            Source::Stored(account) => account.email_verified,
            Source::Event(account) => account.email_verified,
        }
    }

    /// When the person signed up.
    async fn created_at(&self) -> Result<DateTime> {
        Ok(self.stored()?.created_at.into())
    }

    /// The address that it changes to once its mailed link is opened; null when no change is asked for.
    async fn new_email(&self) -> Result<Option<&str>> {
        Ok(self.stored()?.wanted.as_ref().map(|wanted| wanted.email.as_str()))
    }

    /// Grows with each change; a client ignores what is older than what it has.
    async fn revision(&self) -> i64 {
        match &self.0 {
            Source::Stored(account) => account.revision,
            Source::Event(account) => account.revision,
        }
    }
}

/// What `viewer` answers about the account.
pub struct ViewerAccount(pub AccountView);

#[Object]
impl ViewerAccount {
    /// Your account.
    async fn account(&self) -> Result<Account> {
        Ok(answer(accounts::get::<Never>(&self.0).await)?.into())
    }
}
