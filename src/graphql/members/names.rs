//! The one thing of a person that an event's member is asked for beyond what the event carries: the name, from a
//! bounded cache (docs/delivery.md, "The socket").
//!
//! Never an address, and never kept past a change: a change raises the revision.

use std::collections::HashMap;
use std::time::Duration;

use async_graphql::dataloader::{DataLoader, Loader};
use async_graphql::{Context, Error, Result};
use moka::future::Cache;

use super::loaders::LoadFailure;
use crate::access::{Failure, Gate, Never};
use crate::graphql::errors::TopLevelError;
use crate::members;
use crate::primitives::ids::MemberId;

/// Most names that are kept.
const NAMES_MAX: u64 = 100_000;
/// How long a name is kept: so long another server may still show who was deleted for ever (DEL-1).
const NAME_SECONDS_MAX: u64 = 60;

/// Names of members, by id.
#[derive(Clone)]
pub struct MemberNames {
    gate: Gate,
    /// By member and revision: an event's after-state says which name it wants, so that a renamed one is never shown
    /// under the old.
    cache: Cache<(MemberId, i64), String>,
}

impl MemberNames {
    pub fn new(gate: Gate) -> Self {
        let cache = Cache::builder()
            .max_capacity(NAMES_MAX)
            .time_to_live(Duration::from_secs(NAME_SECONDS_MAX))
            .support_invalidation_closures()
            .build();
        Self { gate, cache }
    }

    /// Somebody was deleted for ever on this server; on others what is remembered runs out by itself.
    pub fn forget(&self, member: MemberId) {
        // It fails only where the cache was built without closures.
        let _ = self.cache.invalidate_entries_if(move |(id, _), _| *id == member);
    }
}

/// Loads names for the events of one answer: a request has it, a subscription has the cache alone.
pub struct NamesInAnswer(pub Gate);

impl Loader<MemberId> for NamesInAnswer {
    type Value = String;
    type Error = LoadFailure;

    async fn load(
        &self,
        members: &[MemberId],
    ) -> std::result::Result<HashMap<MemberId, String>, LoadFailure> {
        let found = members::load_many_names(&self.0, members).await.map_err(LoadFailure::new)?;
        Ok(found.into_iter().collect())
    }
}

/// The name for an event's member. Whoever may see the event may see who it is about.
pub(super) async fn name_of(ctx: &Context<'_>, member: MemberId, revision: i64) -> Result<String> {
    if let Some(loader) = ctx.data_opt::<DataLoader<NamesInAnswer>>() {
        let name = loader.load_one(member).await.map_err(|failure| unnamed(&failure))?;
        return Ok(name.unwrap_or_default());
    }
    let names = ctx.data::<MemberNames>()?;
    // Deleted for ever: the event stays readable, the person is nobody.
    let load = async { members::find_name(&names.gate, member).await.map(Option::unwrap_or_default) };
    let name = names.cache.try_get_with((member, revision), load).await;
    name.map_err(|failure| unnamed(&failure))
}

fn unnamed(failure: &Failure<Never>) -> Error {
    match failure {
        Failure::Unavailable => TopLevelError::unavailable().into(),
        other => TopLevelError::internal(format!("{other:?}")).into(),
    }
}
