//! A contact that names somebody who is deleted for ever (DEL-1) is none any more.

use super::events::WorkspaceUpdated;
use super::{Workspace, store};
use crate::access::WorkspaceTx;
use crate::members::Contact;
use crate::platform::database::DatabaseError;
use crate::primitives::email::{Email, EmailKey};

/// A door for the room that deletes. The longest-serving active admin is the contact then (WSP-9).
pub async fn forget_contact(tx: &mut WorkspaceTx, addresses: &[EmailKey]) -> Result<(), DatabaseError> {
    let set = store::find_set_contact(tx).await?.email.and_then(|email| Email::parse(&email).ok());
    if !set.is_some_and(|email| addresses.contains(email.key())) {
        return Ok(());
    }
    let Some(before) = store::find(tx.reader(), tx.workspace()).await? else { return Ok(()) };
    let after = Workspace { revision: before.revision + 1, ..before.clone() };
    store::save(tx, &after, &Contact::default()).await?;
    tx.announce(WorkspaceUpdated::of(&before, &after, true).into_event());
    Ok(())
}
