//! The persons whose verified addresses are invited (INV-9), found once for all invitations of a call.
//!
//! Never tells anybody more than that there is, or was, an invitation for them.

use std::collections::HashMap;

use super::events;
use super::invitation::Invitation;
use crate::access::WorkspaceTx;
use crate::accounts;
use crate::platform::database::DatabaseError;
use crate::primitives::email::EmailKey;
use crate::primitives::ids::AccountId;

pub(super) struct Persons(HashMap<EmailKey, AccountId>);

impl Persons {
    pub(super) async fn find(tx: &WorkspaceTx, invitations: &[&Invitation]) -> Result<Self, DatabaseError> {
        let keys: Vec<EmailKey> = invitations.iter().map(|invitation| invitation.email_key.clone()).collect();
        Ok(Self(accounts::load_many_by_verified_email(tx.reader(), &keys).await?))
    }

    /// Tells the person, if there is one, how the invitation stands.
    pub(super) fn tell(&self, tx: &mut WorkspaceTx, invitation: &Invitation) {
        if let Some(account) = self.0.get(&invitation.email_key) {
            let event = events::for_person(*account, invitation, tx.now());
            tx.announce_to(*account, event);
        }
    }
}

/// The same for one invitation.
pub(super) async fn tell_person(tx: &mut WorkspaceTx, invitation: &Invitation) -> Result<(), DatabaseError> {
    Persons::find(tx, &[invitation]).await?.tell(tx, invitation);
    Ok(())
}
