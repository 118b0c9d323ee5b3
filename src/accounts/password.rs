//! Proving the password again, and setting another one (SES-5).
//!
//! Never ends a session, and never commits: that is `sessions`, in whose operations this happens.

use super::account::Account;
use super::attempts::Purpose;
use super::entrance::Entrance;
use super::events::PasswordChanged;
use super::hasher::PasswordHash;
use super::mails;
use super::rules::{ChangePasswordRefusal, Password};
use super::store;
use crate::access::{AccountTx, Failure, Gate};
use crate::platform::database::DatabaseError;
use crate::primitives::email::Email;
use crate::primitives::ids::{AccountId, AccountSessionId};
use crate::primitives::request::Client;

/// A password that was proved before the lock was taken: under the lock it has to be the same still.
pub(super) struct ProvedPassword {
    pub(super) account: Account,
    hash: PasswordHash,
}

impl ProvedPassword {
    /// The account as it is under the lock; none where the password was changed meanwhile.
    pub(super) async fn holds(&self, tx: &AccountTx) -> Result<Option<Account>, DatabaseError> {
        let found = store::find_with_hash(tx.reader(), self.account.id).await?;
        Ok(found.filter(|(_, hash)| *hash == self.hash).map(|(account, _)| account))
    }
}

/// Somebody who is signed in proves that it is they; none where the password is wrong.
pub(super) async fn prove_password<R>(
    gate: &Gate,
    entrance: &Entrance,
    (account, client): (AccountId, &Client),
    claimed: Password,
) -> Result<Option<ProvedPassword>, Failure<R>> {
    let found = store::find_with_hash(gate.database().reader(), account).await?;
    let (account, hash) = found.ok_or(Failure::Unauthenticated(None))?;
    let address = account.email_key.clone();
    entrance.attempts.count(Purpose::ProvePassword, &address, client).await?;
    if !entrance.hasher().verify(claimed, Some(hash.clone())).await? {
        return Ok(None);
    }
    entrance.attempts.forgive(Purpose::ProvePassword, &address, client).await;
    Ok(Some(ProvedPassword { account, hash }))
}

/// What somebody gives to change their password.
#[derive(Clone, Debug)]
pub struct ChangePassword {
    pub current: Password,
    /// As it was typed; whether it is fit, the account's address has a say in.
    pub new: Password,
    pub client: Client,
}

/// A password that may be set: the one before was proved.
pub struct FitPassword {
    proved: ProvedPassword,
    hash: PasswordHash,
}

/// All that takes long, before any lock.
pub async fn prepare_change(
    gate: &Gate,
    entrance: &Entrance,
    account: AccountId,
    request: ChangePassword,
) -> Result<FitPassword, Failure<ChangePasswordRefusal>> {
    let ChangePassword { current, new, client } = request;
    let proved = prove_password(gate, entrance, (account, &client), current).await?;
    let proved = proved.ok_or(Failure::Refused(ChangePasswordRefusal::WrongPassword))?;
    let new = fit(&new, &proved.account).map_err(ChangePasswordRefusal::Unfit).map_err(Failure::Refused)?;
    let hash = entrance.hasher().hash(new).await?;
    Ok(FitPassword { proved, hash })
}

/// Sets it under the account's lock, sparing the session that asks.
pub async fn change_password(
    tx: &mut AccountTx,
    fit: &FitPassword,
    spared: AccountSessionId,
) -> Result<Account, Failure<ChangePasswordRefusal>> {
    let account = fit.proved.holds(tx).await?;
    let account = account.ok_or(Failure::Refused(ChangePasswordRefusal::WrongPassword))?;
    Ok(set(tx, account, &fit.hash, Some(spared)).await?)
}

/// Is it fit to be this account's password?
pub(super) fn fit(password: &Password, account: &Account) -> Result<Password, super::PasswordError> {
    password.clone().fit_for(&account.email_key)
}

/// Another password: every session made before ends, but for the spared one; links that could set another are used up;
/// the owner is told by mail.
pub(super) async fn set(
    tx: &mut AccountTx,
    account: Account,
    hash: &PasswordHash,
    spared: Option<AccountSessionId>,
) -> Result<Account, DatabaseError> {
    let account = Account { generation: account.generation + 1, revision: account.revision + 1, ..account };
    store::set_password(tx.writer(), &account, hash).await?;
    store::close_reset_links(tx.writer(), account.id, tx.now()).await?;
    if account.email_verified
        && let Ok(address) = Email::parse(&account.email)
    {
        mails::enqueue(tx, mails::PASSWORD_CHANGED, account.id, &address).await?;
    }
    tx.announce(PasswordChanged { account: &account, spared }.into_event());
    Ok(account)
}
