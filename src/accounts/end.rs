//! The end of an account, as far as it is the account's own (SES-7). It is asked for, begun or given up, and finished; each
//! step is a transaction, so that whatever a crash leaves is taken up again.
//!
//! Never decides whether the person is a last admin somewhere, and never ends a membership: that is `endings`.

use super::account::Account;
use super::entrance::Entrance;
use super::events::{AccountDeleted, AccountDeletionAsked, AccountDeletionBegun, AccountDeletionGivenUp};
use super::password::{ProvedPassword, prove_password};
use super::rules::Password;
use super::store;
use crate::access::{AccountProof, AccountTx, Failure, Gate, Never, answers};
use crate::platform::mail;
use crate::primitives::ids::AccountId;
use crate::primitives::request::Client;

/// What somebody gives to delete their account: a session that was left open somewhere must not be enough.
#[derive(Clone, Debug)]
pub struct DeleteAccount {
    pub password: Password,
    pub client: Client,
}

/// It isn't their password.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct WrongPassword;

/// Somebody who may end their account.
pub struct ProvedOwner(ProvedPassword);

/// All that takes long, before any lock.
pub async fn prove_owner(
    gate: &Gate,
    entrance: &Entrance,
    proof: &AccountProof,
    request: DeleteAccount,
) -> Result<ProvedOwner, Failure<WrongPassword>> {
    let DeleteAccount { password, client } = request;
    let proved = prove_password(gate, entrance, (proof.account, &client), password).await?;
    proved.map(ProvedOwner).ok_or(Failure::Refused(WrongPassword))
}

/// From here on the person counts as an admin nowhere, so that nobody makes them the last one (WSP-6). Their sessions
/// hold still.
pub async fn ask_end(
    gate: &Gate,
    proof: &AccountProof,
    owner: &ProvedOwner,
) -> Result<AccountId, Failure<WrongPassword>> {
    let (mut tx, _) = gate.own_account(proof).await?;
    let account = owner.0.holds(&tx).await?.ok_or(Failure::Refused(WrongPassword))?;
    store::mark_asked(&tx, account.id).await?;
    tx.announce(AccountDeletionAsked(&account).into_event());
    tx.commit().await.map_err(Failure::widen)?;
    Ok(account.id)
}

/// Somebody would be left without an admin: the account goes on as before.
pub async fn give_up_end(gate: &Gate, id: AccountId) -> Result<(), Failure<Never>> {
    let mut tx = gate.account_by_evidence(id).await?;
    let Some(account) = store::find(tx.reader(), id).await? else { return Ok(()) };
    if store::clear_asked(&tx, id).await? {
        tx.announce(AccountDeletionGivenUp(&account).into_event());
        tx.commit().await?;
    }
    Ok(())
}

/// Nobody signs in any more: every session is of an older generation, name, address and password are gone, and the
/// address is free. Leaves the commit to whoever ends the sessions; none where that has been done before.
pub async fn begin_end(gate: &Gate, id: AccountId) -> Result<Option<(AccountTx, Account)>, Failure<Never>> {
    let mut tx = gate.account_by_evidence(id).await?;
    let Some(account) = store::find(tx.reader(), id).await? else { return Ok(None) };
    let addresses = store::list_addresses(&tx, id).await?;
    let account = Account { generation: account.generation + 1, revision: account.revision + 1, ..account };
    if !store::erase(&tx, &account).await? {
        return Ok(None);
    }
    mail::forget_person(tx.writer(), &addresses).await?;
    answers::forget_of_account(&tx).await?;
    tx.announce(AccountDeletionBegun(&account).into_event());
    Ok(Some((tx, account)))
}

/// The row goes once no membership leads to it. False where there still is one: somebody was just accepting.
pub async fn finish_end(gate: &Gate, id: AccountId) -> Result<bool, Failure<Never>> {
    let mut tx = gate.account_by_job(id).await?;
    let Some(account) = store::find(tx.reader(), id).await? else { return Ok(true) };
    if !store::is_let_go(&tx, id).await? {
        return Ok(false);
    }
    store::delete(tx.writer(), id).await?;
    tx.announce(AccountDeleted(&account).into_event());
    tx.commit().await?;
    Ok(true)
}
