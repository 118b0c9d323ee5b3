//! Subscriptions: what happens in a workspace, to a person, and to a session, as types of the schema.
//!
//! Never knows who listens: a resolver has the event and a set of rights in reach and nothing else, so that one
//! rendering can serve everybody with the same document and the same rights (docs/delivery.md, "The socket").

mod assets;
mod billing;
mod fields;
mod head;
mod invitations;
mod payload;
#[cfg(test)]
pub(crate) mod samples;
mod session;
mod source;
pub mod viewer;
pub mod words;
pub mod workspace;

use async_graphql::{Context, Result, Subscription};
use futures_util::{Stream, StreamExt};

pub use self::fields::EventFields;
pub use self::head::{OtherEvent, Resync, ResyncReason};
pub use self::session::{RightsChanged, SessionEnded, SessionEvent, SessionItem, SessionRightsChanged};
pub use self::source::{EventItem, Feeder, source};
use self::viewer::ViewerEvent;
pub use self::viewer::{ViewerPlace, needs_account_session};
use self::workspace::WorkspaceEvent;
use super::directives::{SessionKind, requires};
use super::scalars::EventCursor;

/// What can be listened to.
#[derive(Default)]
pub struct EventsSubscription;

#[Subscription]
impl EventsSubscription {
    /// What happens in the workspace, as far as you are its audience: every event once, in order, also across
    /// reconnects when you pass the last `eventCursor` that you have seen.
    #[graphql(directive = requires::apply(SessionKind::Workspace, None))]
    async fn workspace_events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only events after this place. Nothing given: from now on.")] after: Option<
            EventCursor,
        >,
    ) -> Result<impl Stream<Item = WorkspaceEvent> + use<>> {
        Ok(source::open::<EventItem>(ctx, after)?.map(WorkspaceEvent::from))
    }

    /// What happens to this session itself: the end of it, which is a forced logout, and changes of its rights.
    #[graphql(directive = requires::apply(SessionKind::Any, None))]
    async fn session_events(&self, ctx: &Context<'_>) -> Result<impl Stream<Item = SessionEvent> + use<>> {
        Ok(source::open::<SessionItem>(ctx, None)?.map(SessionEvent::from))
    }

    /// What happens to you as a person: your memberships, your account sessions and, with an account session, your
    /// invitations. Not for API keys.
    #[graphql(directive = requires::apply(SessionKind::Person, None))]
    async fn viewer_events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only events after this place. Nothing given: from now on.")] after: Option<
            EventCursor,
        >,
    ) -> Result<impl Stream<Item = ViewerEvent> + use<>> {
        Ok(source::open::<EventItem>(ctx, after)?.map(ViewerEvent::from))
    }
}

#[cfg(test)]
mod tests;
