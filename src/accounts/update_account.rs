//! Changing one's name. The memberships take it over by a job of the members room.

use super::account::Account;
use super::events::AccountUpdated;
use super::store;
use crate::access::{AccountProof, Failure, Gate, Never};

pub async fn update_account(
    gate: &Gate,
    proof: &AccountProof,
    name: String,
) -> Result<Account, Failure<Never>> {
    let (mut tx, fresh) = gate.own_account(proof).await?;
    let found = store::find(tx.reader(), fresh.account).await?;
    let account = found.ok_or(Failure::Unauthenticated(None))?;
    if account.name == name {
        return Ok(account);
    }
    let account = Account { name, revision: account.revision + 1, ..account };
    store::rename(tx.writer(), &account).await?;
    tx.announce(AccountUpdated(&account).into_event());
    tx.commit().await?;
    Ok(account)
}
