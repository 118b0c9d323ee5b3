//! Which entries of the log are asked for.
//!
//! Never an unbounded question: the words to look for are counted and measured.

use async_graphql::{ID, InputObject};

use crate::graphql::errors::TopLevelError;
use crate::graphql::members::words::Origin;
use crate::graphql::scalars::{DateTime, parse_id};
use crate::platform::journal::EventFilter;
use crate::primitives::ids::{AccountId, ApiKeyId, IdError, MemberId, split};

/// Most types that one question names.
const TYPES_MAX: usize = 50;
/// Longest name of a type.
const TYPE_CHARS_MAX: usize = 100;

/// Which entries of the event log. Nothing given: all of them.
#[derive(InputObject, Default)]
pub struct EventsFilter {
    /// Only of these types, by name, such as `MemberBlocked`; at most 50.
    types: Option<Vec<String>>,
    /// Only by this actor: the id of a member, an account or an API key.
    actor_id: Option<ID>,
    /// Only about this member.
    member_id: Option<ID>,
    /// Only asked in one of these ways.
    origins: Option<Vec<Origin>>,
    /// Only from this time on.
    since: Option<DateTime>,
    /// Only before this time.
    until: Option<DateTime>,
}

impl EventsFilter {
    pub(super) fn read(self) -> Result<EventFilter, TopLevelError> {
        let kinds = self.types.unwrap_or_default();
        check_types("filter.types", &kinds)?;
        let actor = self.actor_id.map(|id| actor_id("filter.actorId", &id)).transpose()?;
        let member =
            self.member_id.map(|id| parse_id("filter.memberId", &id, MemberId::parse)).transpose()?;
        Ok(EventFilter {
            kinds,
            actor,
            subject: member.map(MemberId::as_uuid),
            origins: self.origins.unwrap_or_default().into_iter().map(Into::into).collect(),
            since: self.since.map(|time| time.0),
            until: self.until.map(|time| time.0),
        })
    }
}

/// Names of types: few, and such as a type can have.
pub fn check_types(field: &str, types: &[String]) -> Result<(), TopLevelError> {
    let fits = |name: &String| {
        (1..=TYPE_CHARS_MAX).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    if types.len() > TYPES_MAX {
        return Err(TopLevelError::bad_input(field, &format!("at most {TYPES_MAX} types")));
    }
    if !types.iter().all(fits) {
        return Err(TopLevelError::bad_input(field, "names of types are letters, such as MemberBlocked"));
    }
    Ok(())
}

/// Whoever acts has an id of one of three kinds.
pub fn actor_id(field: &str, text: &str) -> Result<uuid::Uuid, TopLevelError> {
    let bad = |error: IdError| TopLevelError::bad_input(field, &error.to_string());
    match split(text) {
        Some((AccountId::KIND, id)) => Ok(id),
        Some((ApiKeyId::KIND, id)) => Ok(id),
        _ => MemberId::parse(text).map(MemberId::as_uuid).map_err(bad),
    }
}
