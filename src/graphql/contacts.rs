//! Whom to turn to, for whoever is put out: kept for a moment, so that a thousand forced logouts ask once.
//!
//! Never holds up a forced logout: without an answer in time there is none.

use std::time::Duration;

use moka::future::Cache;

use super::errors::Contact;
use crate::access::{Failure, Gate, Never};
use crate::members;
use crate::primitives::ids::WorkspaceId;

/// Most contacts that are kept.
const CONTACTS_MAX: u64 = 10_000;
/// How long one is kept.
const CONTACT_SECONDS_MAX: u64 = 10;
/// How long a forced logout waits for one.
const WAIT_MAX: Duration = Duration::from_millis(300);

/// The contacts of workspaces. Clones share the cache.
#[derive(Clone)]
pub struct Contacts {
    gate: Gate,
    cache: Cache<WorkspaceId, Option<Contact>>,
}

impl Contacts {
    pub fn new(gate: Gate) -> Self {
        let ttl = Duration::from_secs(CONTACT_SECONDS_MAX);
        Self { gate, cache: Cache::builder().max_capacity(CONTACTS_MAX).time_to_live(ttl).build() }
    }

    /// What they are read through.
    pub const fn gate(&self) -> &Gate {
        &self.gate
    }

    /// The contact of a workspace, if it can be told in time.
    pub async fn find(&self, workspace: WorkspaceId) -> Option<Contact> {
        let load = async {
            let found = members::find_contact(self.gate.database().reader(), workspace).await?;
            Ok::<_, Failure<Never>>(found.map(|contact| Contact { text: contact.text, email: contact.email }))
        };
        let found = tokio::time::timeout(WAIT_MAX, self.cache.try_get_with(workspace, load)).await;
        found.ok().and_then(Result::ok).flatten()
    }
}
