//! What `workspace` and a member answer about the event log.
//!
//! Never takes an event cursor for a page: the two are told apart by name.

use async_graphql::{Context, Enum, Object, Result, SimpleObject};

use super::entry::AuditEntry;
use super::filter::EventsFilter;
use crate::access::{Gate, Never, WorkspaceView};
use crate::audit;
use crate::graphql::caller::Asking;
use crate::graphql::connection::{Connection, page_request};
use crate::graphql::outcome::answer;
use crate::graphql::scalars::EventCursor;
use crate::platform::journal::EventFilter;
use crate::primitives::ids::MemberId;
use crate::primitives::page::PageArguments;

/// In which order the event log is read.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq, Default)]
#[graphql(remote = "audit::EventOrder")]
pub enum EventOrder {
    /// What happened last comes first.
    #[default]
    NewestFirst,
    /// What happened first comes first.
    OldestFirst,
}

/// What of the event log is no longer here: the operator has archived it.
#[derive(SimpleObject)]
pub struct ArchivedEvents {
    /// How many entries, from the first one on.
    count: i64,
    /// The place after the last of them: what is here begins there.
    event_cursor: EventCursor,
}

/// What `workspace` answers about its event log.
pub struct WorkspaceAudit(pub WorkspaceView);

#[Object]
impl WorkspaceAudit {
    /// The event log, which is the audit trail, a page at a time. For admins and API keys.
    #[allow(clippy::too_many_arguments, reason = "the four of a connection, the filter and the order")]
    async fn events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which entries; nothing given: all.")] filter: Option<EventsFilter>,
        #[graphql(desc = "How they are ordered.", default)] order_by: EventOrder,
        #[graphql(desc = "How many from the start, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Only those after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only those before this cursor.")] before: Option<String>,
    ) -> Result<Option<Connection<AuditEntry>>> {
        let filter = filter.unwrap_or_default().read()?;
        let arguments = PageArguments { first, last, after: after.as_deref(), before: before.as_deref() };
        let log = Log { gate: ctx.gate()?, view: &self.0, filter };
        log.page(order_by.into(), &arguments).await.map(Some)
    }

    /// What of the event log the operator has archived: `events` begins after it. Null while it is whole. For admins and
    /// API keys.
    async fn archived_events(&self, ctx: &Context<'_>) -> Result<Option<ArchivedEvents>> {
        let archived = answer(audit::find_archived::<Never>(&self.0).await)?;
        let Some(audit::Archived { up_to }) = archived else { return Ok(None) };
        let event_cursor = ctx.gate()?.cursor(self.0.proof().stream(), up_to).into();
        Ok(Some(ArchivedEvents { count: up_to, event_cursor }))
    }
}

/// What the log says about one member, the newest first.
pub async fn of_member(
    ctx: &Context<'_>,
    view: &WorkspaceView,
    member: MemberId,
    arguments: &PageArguments<'_>,
) -> Result<Connection<AuditEntry>> {
    let filter = EventFilter { subject: Some(member.as_uuid()), ..EventFilter::default() };
    Log { gate: ctx.gate()?, view, filter }.page(audit::EventOrder::NewestFirst, arguments).await
}

/// The log, as far as it is asked for.
struct Log<'a> {
    gate: &'a Gate,
    view: &'a WorkspaceView,
    filter: EventFilter,
}

impl Log<'_> {
    async fn page(
        self,
        order: audit::EventOrder,
        arguments: &PageArguments<'_>,
    ) -> Result<Connection<AuditEntry>> {
        let Self { gate, view, filter } = self;
        let request = page_request(arguments, order.as_str())?;
        let page = answer(audit::list::<Never>(view, &filter, order, &request).await)?;
        let stream = view.proof().stream();
        let page = page.map(|event| {
            let cursor = gate.cursor(stream, event.seq);
            (audit::place(&event, order), AuditEntry::new(event, cursor, view))
        });
        let view = view.clone();
        Ok(Connection::new(page, move || {
            let (view, filter) = (view.clone(), filter.clone());
            async move { answer(audit::count::<Never>(&view, &filter).await) }
        }))
    }
}
