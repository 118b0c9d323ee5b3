//! What the rest of the house knows of a person.
//!
//! Never holds the password's hash.

use crate::primitives::email::EmailKey;
use crate::primitives::ids::{AccountId, AccountSessionId};
use crate::primitives::time::Timestamp;

/// A person.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Account {
    pub id: AccountId,
    /// As it was typed.
    pub email: String,
    pub email_key: EmailKey,
    /// Has a mailed link proved the address? (SES-6)
    pub email_verified: bool,
    pub name: String,
    /// Sessions of a lower one have ended.
    pub generation: i64,
    pub revision: i64,
    pub created_at: Timestamp,
    /// The address that it changes to once that is proved (SES-6).
    pub wanted: Option<WantedAddress>,
}

/// An address that the person wants to have.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct WantedAddress {
    /// As it was typed.
    pub email: String,
    pub email_key: EmailKey,
    /// The account session that asked for it.
    pub session: Option<AccountSessionId>,
}
