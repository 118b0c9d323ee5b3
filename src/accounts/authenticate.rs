//! Proving a password.
//!
//! Never says which of address and password was wrong, and always computes exactly one hash (SES-1).

use super::account::Account;
use super::attempts::Purpose;
use super::entrance::Entrance;
use super::rules::Password;
use super::store;
use crate::access::{Failure, Gate};
use crate::primitives::email::Email;
use crate::primitives::request::Client;

/// What somebody claims.
#[derive(Clone, Debug)]
pub struct Credentials {
    pub email: Email,
    pub password: Password,
    pub client: Client,
}

/// Somebody has proved their password, or has just chosen it. Made in this room alone.
#[derive(Clone, Debug)]
pub struct Authenticated {
    account: Account,
}

impl Authenticated {
    /// Whoever makes an account has chosen its password in the same call.
    pub(super) const fn by_choice(account: Account) -> Self {
        Self { account }
    }

    /// As it was when the password was proved: its generation is the one that a session has to be made under.
    pub const fn account(&self) -> &Account {
        &self.account
    }
}

/// Why somebody can't sign in.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SignInRefusal {
    /// No such address, or not its password.
    WrongCredentials,
}

/// Finds the account of an address by its password: the one that holds the address, else the newest that claims it.
pub async fn authenticate(
    gate: &Gate,
    entrance: &Entrance,
    credentials: Credentials,
) -> Result<Authenticated, Failure<SignInRefusal>> {
    let Credentials { email, password, client } = credentials;
    entrance.attempts.count(Purpose::SignIn, email.key(), &client).await?;
    let claimant = store::find_claimant(gate.database().reader(), email.key()).await?;
    let (account, hash) = claimant.unzip();
    if !entrance.hasher().verify(password, hash).await? {
        return Err(Failure::Refused(SignInRefusal::WrongCredentials));
    }
    let account = account.ok_or(Failure::Refused(SignInRefusal::WrongCredentials))?;
    entrance.attempts.forgive(Purpose::SignIn, email.key(), &client).await;
    Ok(Authenticated { account })
}
