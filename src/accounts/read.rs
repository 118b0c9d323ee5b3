//! What may be asked of accounts.
//!
//! Never shows one person another's account.

use super::account::Account;
use super::store;
use crate::access::{AccountView, Failure};

/// A person's own account.
pub async fn get<R>(view: &AccountView) -> Result<Account, Failure<R>> {
    let found = store::find(view.reader(), view.account()).await?;
    found.ok_or(Failure::Unauthenticated(None))
}
