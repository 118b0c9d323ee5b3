//! What every event shows, and the two types that every stream has: an event that this release has no type for, and
//! the notice that events may be missing.

use async_graphql::{Enum, ID};

use crate::graphql::members::actor::{Actor, ActorKind};
use crate::graphql::scalars::{DateTime, EventCursor};
use crate::platform::journal::{Event, StreamId};
use crate::primitives::ids::AccountId;
use crate::primitives::time::Timestamp;
use crate::primitives::{actor, cursor};

/// Why a subscriber has to read anew what it shows.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
pub enum ResyncReason {
    /// The cursor, or what was seen up to now, belongs to a history that is gone: the service was restored, or has
    /// moved to another database.
    OtherHistory,
    /// The cursor belongs to another stream.
    OtherStream,
    /// The events after the cursor have been archived.
    Archived,
    /// The cursor lies beyond the end of the stream.
    BeyondHead,
}

/// The fields that every event has.
pub(super) struct Head {
    pub(super) id: ID,
    pub(super) event_cursor: EventCursor,
    pub(super) occurred_at: DateTime,
    pub(super) actor: Actor,
}

impl Head {
    pub(super) fn of(event: &Event, cursor: cursor::EventCursor) -> Self {
        Self {
            id: ID(event.id.to_string()),
            event_cursor: cursor.into(),
            occurred_at: event.occurred_at.into(),
            actor: event.actor.into(),
        }
    }

    /// As what an event is shown to others than admins: where a membership stands is not for them, only whether the
    /// member is among those whom everybody sees (WSP-3). Who did it would tell the rest. On a person's own stream it is
    /// theirs to know what has become of them, and not by whom.
    pub(super) fn veil<'a>(&mut self, event: &'a Event) -> &'a str {
        let shown = match (event.stream, event.kind.as_str()) {
            (StreamId::Account(account), kind) if is_own(event, account) => return kind,
            (StreamId::Account(_), kind) => kind,
            (_, "MemberBlocked" | "MemberDeactivated" | "MemberRemoved" | "MemberLeft") => "MemberHidden",
            (_, "MemberUnblocked" | "MemberReactivated" | "MemberRejoined") => "MemberShown",
            (_, kind) => return kind,
        };
        self.actor = Actor { kind: ActorKind::Undisclosed, id: None };
        shown
    }
}

/// Did the person do it, or the service by itself?
fn is_own(event: &Event, account: AccountId) -> bool {
    match event.actor {
        actor::Actor::System => true,
        actor::Actor::Account(id) => id == account,
        actor::Actor::Member(id) => {
            let own = |place| event.payload.pointer(place).is_some_and(|own| *own == serde_json::json!(id));
            own("/member/id") || own("/memberId")
        }
        actor::Actor::ApiKey(_) | actor::Actor::Unknown => false,
    }
}

/// Defines event types: the four fields of every event, then their own with where each is read from.
macro_rules! events {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty = $read:expr,)* })*) => { $(
        $(#[$doc])*
        #[derive(async_graphql::SimpleObject, Clone)]
        pub struct $name {
            /// Its id.
            pub(super) id: async_graphql::ID,
            /// The place after it: what to subscribe after, to go on from here.
            pub(super) event_cursor: $crate::graphql::scalars::EventCursor,
            /// When it happened.
            pub(super) occurred_at: $crate::graphql::scalars::DateTime,
            /// Who did it.
            pub(super) actor: $crate::graphql::members::actor::Actor,
            $($(#[$field_doc])* $field: $type,)*
        }

        impl $name {
            /// None where the payload lacks something.
            pub(super) fn of(head: &$crate::graphql::events::head::Head, payload: &$crate::graphql::events::payload::Payload<'_>) -> Option<Self> {
                $(let $field = {
                    let read: fn(&$crate::graphql::events::payload::Payload<'_>) -> Option<$type> = $read;
                    read(payload)?
                };)*
                // Types without fields of their own read nothing.
                let _ = payload;
                Some(Self {
                    id: head.id.clone(),
                    event_cursor: head.event_cursor,
                    occurred_at: head.occurred_at,
                    actor: head.actor.clone(),
                    $($field,)*
                })
            }
        }
    )* };
}

/// Defines an interface of events: which type of the journal is shown as which type of the schema.
macro_rules! event_interface {
    ($(#[$doc:meta])* $name:ident { $($kind:literal => $type:ident,)* }) => {
        $(#[$doc])*
        #[derive(async_graphql::Interface, Clone)]
        #[graphql(
            field(name = "id", ty = "&async_graphql::ID", desc = "Its id."),
            field(name = "event_cursor", ty = "&crate::graphql::scalars::EventCursor",
                  desc = "The place after it: what to subscribe after, to go on from here."),
            field(name = "occurred_at", ty = "&crate::graphql::scalars::DateTime", desc = "When it happened."),
            field(name = "actor", ty = "&crate::graphql::members::actor::Actor", desc = "Who did it."),
        )]
        pub enum $name {
            $($type($type),)*
            OtherEvent($crate::graphql::events::head::OtherEvent),
            Resync($crate::graphql::events::head::Resync),
        }

        impl From<$crate::graphql::events::EventItem> for $name {
            fn from(item: $crate::graphql::events::EventItem) -> Self {
                use $crate::graphql::events::head::{Head, OtherEvent, Resync};
                use $crate::graphql::events::payload::Payload;
                use $crate::graphql::events::EventItem;

                let (event, cursor, permissions) = match &item {
                    EventItem::Event { event, cursor, permissions } => (event, *cursor, permissions.as_deref()),
                    EventItem::Resync { reason, cursor, now } => return Resync::of(*reason, *cursor, *now).into(),
                };
                let (mut head, payload) = (Head::of(event, cursor), Payload::new(&event.payload, permissions));
                let kind = if payload.audits() { &event.kind } else { head.veil(event) };
                let known = match kind {
                    $($kind => $type::of(&head, &payload).map(Self::from),)*
                    _ => None,
                };
                known.unwrap_or_else(|| OtherEvent::of(head, kind).into())
            }
        }
    };
}

pub(super) use {event_interface, events};

/// An event whose type this release of the service can't show. A client passes over what it doesn't know.
#[derive(async_graphql::SimpleObject, Clone)]
pub struct OtherEvent {
    /// Its id.
    pub(super) id: ID,
    /// The place after it: what to subscribe after, to go on from here.
    pub(super) event_cursor: EventCursor,
    /// When it happened.
    pub(super) occurred_at: DateTime,
    /// Who did it.
    pub(super) actor: Actor,
    /// The name of its type.
    pub(super) r#type: String,
}

impl OtherEvent {
    pub(super) fn of(head: Head, kind: &str) -> Self {
        let Head { id, event_cursor, occurred_at, actor } = head;
        Self { id, event_cursor, occurred_at, actor, r#type: kind.to_owned() }
    }
}

/// Events may be missing before this: read anew what you show, and go on from this cursor.
#[derive(async_graphql::SimpleObject, Clone)]
pub struct Resync {
    /// The id of this notice; it is no event of the journal.
    pub(super) id: ID,
    /// The place that events follow from now on.
    pub(super) event_cursor: EventCursor,
    /// When it was noticed.
    pub(super) occurred_at: DateTime,
    /// The service itself.
    pub(super) actor: Actor,
    /// Why.
    pub(super) reason: ResyncReason,
}

impl Resync {
    pub(super) fn of(reason: ResyncReason, cursor: cursor::EventCursor, now: Timestamp) -> Self {
        Self {
            id: ID(format!("resync_{}", cursor.encode())),
            event_cursor: cursor.into(),
            occurred_at: now.into(),
            actor: actor::Actor::System.into(),
            reason,
        }
    }
}
