//! An account for somebody who comes in by an invitation's link, which has proved the address (INV-6).
//!
//! Never opens a transaction: it happens in the one that accepts.

use super::account::Account;
use super::authenticate::Authenticated;
use super::events::AccountCreated;
use super::hasher::PasswordHash;
use super::sign_up::new_account;
use super::store;
use crate::access::{Failure, WorkspaceTx};
use crate::primitives::email::Email;
use crate::primitives::ids::AccountId;

/// Who comes in. The hash was computed before the transaction, so that no lock waits for it.
#[derive(Clone, Debug)]
pub struct NewPerson {
    pub email: Email,
    pub name: String,
    pub password_hash: PasswordHash,
}

/// Another account has proved the address in the same moment; asked again, it is the one that joins.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct AddressTaken;

/// Creates the account with its stream. Whoever accepts so may be signed in once that has committed.
pub async fn create_verified(
    tx: &mut WorkspaceTx,
    person: NewPerson,
) -> Result<Authenticated, Failure<AddressTaken>> {
    let id = AccountId::new();
    let account = Account { email_verified: true, ..new_account(id, &person.email, &person.name, tx.now()) };
    if store::find_by_verified_email(tx.reader(), &account.email_key).await?.is_some()
        || !store::insert(tx.writer(), &account, &person.password_hash).await?
    {
        return Err(Failure::Refused(AddressTaken));
    }
    tx.create_account_stream(id).await.map_err(Failure::widen)?;
    tx.announce_to(id, AccountCreated(&account).into_event());
    Ok(Authenticated::by_choice(account))
}
