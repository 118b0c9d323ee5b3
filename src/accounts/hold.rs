//! Who has proved an address, held until the end of a transaction in a workspace that copies what they are called.
//!
//! Never takes what was read before the wait for granted: the person may have moved to another address meanwhile.

use super::account::Account;
use super::store;
use crate::access::{Failure, WorkspaceTx};
use crate::primitives::email::EmailKey;

/// The person whose address it is, with their stream held: nothing about the account changes until the transaction has
/// ended. Whoever comes to hold the address just while this waits is none yet.
pub async fn hold_by_verified_email<R>(
    tx: &WorkspaceTx,
    address: &EmailKey,
) -> Result<Option<Account>, Failure<R>> {
    let Some(seen) = store::find_by_verified_email(tx.reader(), address).await? else { return Ok(None) };
    tx.hold_person(seen.id).await?;
    let held = store::find(tx.reader(), seen.id).await?;
    Ok(held.filter(|account| account.email_verified && account.email_key == *address))
}
