//! One entry of the log, with what it says in words that hold for every type.
//!
//! Never a statement for each entry: whom it is about is loaded for all of an answer together.

use std::sync::Arc;

use async_graphql::{Context, ID, Object, Result, SimpleObject};

use crate::access::WorkspaceView;
use crate::audit;
use crate::graphql::events::EventItem;
use crate::graphql::events::workspace::WorkspaceEvent;
use crate::graphql::member_loader::find_member;
use crate::graphql::members::Member;
use crate::graphql::members::actor::Actor;
use crate::graphql::members::words::{MemberAction, Origin};
use crate::graphql::scalars::{DateTime, EventCursor};
use crate::members::lifecycle::Operation;
use crate::platform::journal::{Event, Subject};
use crate::primitives::cursor;
use crate::primitives::ids::MemberId;

/// One entry of the event log.
pub struct AuditEntry {
    event: Arc<Event>,
    cursor: cursor::EventCursor,
    view: WorkspaceView,
}

/// One thing that is something else since the entry.
#[derive(SimpleObject)]
pub struct AuditChange {
    /// What it is: `status`, `role`, `assets`, `invitation.expiresAt`.
    what: String,
    /// What it was: a word, an id, a time, a number, or a list as JSON. Null: nothing.
    from: Option<String>,
    /// What it is since. Null: nothing.
    to: Option<String>,
}

impl AuditEntry {
    pub(super) fn new(event: Event, cursor: cursor::EventCursor, view: &WorkspaceView) -> Self {
        Self { event: Arc::new(event), cursor, view: view.clone() }
    }

    fn about(&self) -> Option<MemberId> {
        match self.event.subject {
            Some(Subject::Member(member)) => Some(member),
            _ => None,
        }
    }
}

/// One entry of the event log: a fact that happened, never changed since.
#[Object]
impl AuditEntry {
    /// The event's id.
    async fn id(&self) -> ID {
        ID(self.event.id.to_string())
    }

    /// The name of its type, such as `MemberBlocked`; also of one that this release has no type for.
    #[graphql(name = "type")]
    async fn kind(&self) -> &str {
        &self.event.kind
    }

    /// Its place in the workspace's stream: what to subscribe or export after, to go on from here. It is no page
    /// cursor.
    async fn event_cursor(&self) -> EventCursor {
        self.cursor.into()
    }

    /// When it happened.
    async fn occurred_at(&self) -> DateTime {
        self.event.occurred_at.into()
    }

    /// Who did it.
    async fn actor(&self) -> Actor {
        self.event.actor.into()
    }

    /// How it was asked; null in a way that this release doesn't know.
    async fn origin(&self) -> Option<Origin> {
        self.event.origin.map(Into::into)
    }

    /// The id of the member it is about; null when it is about none.
    async fn member_id(&self) -> Option<ID> {
        self.about().map(|member| ID(member.to_string()))
    }

    /// The member it is about, as they are now; null when there is none any more.
    async fn member(&self, ctx: &Context<'_>) -> Result<Option<Member>> {
        match self.about() {
            Some(member) => find_member(ctx, &self.view, member).await,
            None => Ok(None),
        }
    }

    /// The category of the reason: a word of `ReasonCategory` or `UnblockCategory`. What was written beside it is among
    /// the member's `notes`.
    async fn category(&self) -> Option<&str> {
        audit::category(&self.event)
    }

    /// What changed, from what to what; empty for a fact that only came to be.
    async fn changes(&self) -> Vec<AuditChange> {
        let found = audit::changes(&self.event).into_iter();
        found.map(|audit::Change { what, from, to }| AuditChange { what, from, to }).collect()
    }

    /// What somebody tried and was refused, where the entry tells of that; null otherwise.
    async fn refused_action(&self) -> Option<MemberAction> {
        let operation = audit::refused_operation(&self.event)?;
        Operation::parse(operation).map(Into::into)
    }

    /// The event as its subscribers got it: its own type, with the state right after it.
    async fn event(&self) -> WorkspaceEvent {
        let permissions = Some(Arc::new(self.view.proof().rights.permissions()));
        EventItem::Event { event: Arc::clone(&self.event), cursor: self.cursor, permissions }.into()
    }
}
