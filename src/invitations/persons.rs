//! The persons whose verified addresses are invited (INV-9), found once for all invitations of a call.
//!
//! Never tells anybody more than that there is, or was, an invitation for them.

use std::collections::HashMap;

use super::invitation::Invitation;
use super::{events, store};
use crate::access::WorkspaceTx;
use crate::accounts;
use crate::platform::database::DatabaseError;
use crate::primitives::email::EmailKey;
use crate::primitives::ids::{AccountId, MemberId};

/// Members whose invitations one statement reads.
const MEMBERS_AT_ONCE: usize = 1000;

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

    /// Tells the person that the invitation is gone with its workspace.
    fn tell_gone(&self, tx: &mut WorkspaceTx, invitation: &Invitation) {
        if let Some(account) = self.0.get(&invitation.email_key) {
            tx.announce_to(*account, events::gone_for_person(*account, invitation));
        }
    }
}

/// The same for one invitation.
pub(super) async fn tell_person(tx: &mut WorkspaceTx, invitation: &Invitation) -> Result<(), DatabaseError> {
    Persons::find(tx, &[invitation]).await?.tell(tx, invitation);
    Ok(())
}

/// A door for the room that ends workspaces: the persons who are asked in by these memberships learn that it is gone.
pub async fn tell_gone(tx: &mut WorkspaceTx, invited: &[MemberId]) -> Result<(), DatabaseError> {
    let (open, persons) = find_open(tx, invited).await?;
    for invitation in &open {
        persons.tell_gone(tx, invitation);
    }
    Ok(())
}

/// That it is back, and how their invitations stand now.
pub async fn tell_back(tx: &mut WorkspaceTx, invited: &[MemberId]) -> Result<(), DatabaseError> {
    let (open, persons) = find_open(tx, invited).await?;
    for invitation in &open {
        persons.tell(tx, invitation);
    }
    Ok(())
}

async fn find_open(
    tx: &WorkspaceTx,
    invited: &[MemberId],
) -> Result<(Vec<Invitation>, Persons), DatabaseError> {
    let mut open = Vec::new();
    for some in invited.chunks(MEMBERS_AT_ONCE) {
        open.extend(store::find_open(tx.reader(), tx.workspace(), some).await?);
    }
    let persons = Persons::find(tx, &open.iter().collect::<Vec<_>>()).await?;
    Ok((open, persons))
}
