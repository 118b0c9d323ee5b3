//! Accounts in the schema: the person's own, signing up, proving an address, and changing name, address and password.
//!
//! Never tells whether an address is known (SES-1).

mod changes;
mod passwords;
mod signing_up;

use async_graphql::{ID, Object, Result, SimpleObject};

pub use changes::AccountChangesMutation;
pub use passwords::PasswordsMutation;
pub use signing_up::AccountsMutation;

use super::outcome::answer;
use super::scalars::DateTime;
use crate::access::{AccountView, Never};
use crate::accounts;

/// A person.
#[derive(SimpleObject, Clone, Debug)]
pub struct Account {
    /// Its id.
    #[graphql(owned)]
    pub id: ID,
    /// The name.
    name: String,
    /// The e-mail address, as it was typed.
    email: String,
    /// Has a mailed link proved the address? Until then it counts for nothing.
    email_verified: bool,
    /// When the person signed up.
    created_at: DateTime,
    /// The address that it changes to once its mailed link is opened; null when no change is asked for.
    new_email: Option<String>,
    /// Grows with each change; a client ignores what is older than what it has.
    revision: i64,
}

impl From<accounts::Account> for Account {
    fn from(account: accounts::Account) -> Self {
        Self {
            id: ID(account.id.to_string()),
            name: account.name,
            email: account.email,
            email_verified: account.email_verified,
            created_at: account.created_at.into(),
            new_email: account.wanted.map(|wanted| wanted.email),
            revision: account.revision,
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
