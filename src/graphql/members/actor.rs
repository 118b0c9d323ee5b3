//! Who did something, as far as the schema shows it.
//!
//! Never a name: an id that the asker may look up, if they may see it.

use async_graphql::{Enum, ID, SimpleObject};

use crate::primitives::actor;

/// What kind of actor it was.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
pub enum ActorKind {
    /// A member of the workspace.
    Member,
    /// A person, not as a member.
    Account,
    /// An API key of the workspace.
    ApiKey,
    /// A job of the service.
    System,
    /// Somebody else; who it was is for the workspace's admins.
    Undisclosed,
    /// Of a kind that this release of the service doesn't know.
    Other,
}

/// Who asked for something.
#[derive(SimpleObject, Clone, Debug)]
pub struct Actor {
    /// What kind of actor it was.
    pub kind: ActorKind,
    /// Its id, for `node`; null for a job, for a kind that isn't known, and where it is for admins.
    pub id: Option<ID>,
}

impl From<actor::Actor> for Actor {
    fn from(actor: actor::Actor) -> Self {
        let (kind, id) = match actor {
            actor::Actor::Member(id) => (ActorKind::Member, Some(id.to_string())),
            actor::Actor::Account(id) => (ActorKind::Account, Some(id.to_string())),
            actor::Actor::ApiKey(id) => (ActorKind::ApiKey, Some(id.to_string())),
            actor::Actor::System => (ActorKind::System, None),
            actor::Actor::Unknown => (ActorKind::Other, None),
        };
        Self { kind, id: id.map(ID) }
    }
}
