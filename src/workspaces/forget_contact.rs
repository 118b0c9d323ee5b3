//! A contact that names somebody who is deleted for ever (DEL-1) is none any more.

use super::store;
use crate::access::WorkspaceTx;
use crate::platform::database::DatabaseError;
use crate::primitives::email::{Email, EmailKey};

/// A door for the room that deletes. The longest-serving active admin is the contact then (WSP-9).
pub async fn forget_contact(tx: &WorkspaceTx, addresses: &[EmailKey]) -> Result<(), DatabaseError> {
    let set = store::find_contact_email(tx).await?.and_then(|email| Email::parse(&email).ok());
    if set.is_some_and(|email| addresses.contains(email.key())) {
        store::clear_contact(tx).await?;
    }
    Ok(())
}
