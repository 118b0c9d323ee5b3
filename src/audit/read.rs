//! Pages of the log, for people.
//!
//! Never by an event cursor: a page's place is its own, and says nothing of what somebody has been shown.

use crate::access::{Failure, WorkspaceView};
use crate::platform::journal::{self, Event, EventFilter, Span};
use crate::primitives::cursor::{Key, PageCursor};
use crate::primitives::page::{Page, PageRequest};
use crate::primitives::rights::Permission;
use crate::words;

words! {
    /// In which order the log is read.
    pub enum EventOrder {
        NewestFirst = "EVENTS_NEWEST_FIRST",
        OldestFirst = "EVENTS_OLDEST_FIRST",
    }
}

/// What of the log is no longer here.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Archived {
    /// Entries up to this number: as many as it says.
    pub up_to: i64,
}

/// The place of an entry in the log, in this order.
pub fn place(event: &Event, order: EventOrder) -> PageCursor {
    PageCursor { order: order.as_str().to_owned(), key: Key::Number(event.seq), id: event.id.as_uuid() }
}

/// A page of the entries that are meant.
pub async fn list<R>(
    view: &WorkspaceView,
    filter: &EventFilter,
    order: EventOrder,
    request: &PageRequest,
) -> Result<Page<Event>, Failure<R>> {
    view.require(Permission::ReadAudit)?;
    let Some((earlier, later)) = bounds(request) else { return Ok(request.page(Vec::new())) };
    let newest_first = order == EventOrder::NewestFirst;
    let (after, before) = if newest_first { (later, earlier) } else { (earlier, later) };
    let span = Span { after, before, descending: newest_first != request.backward, limit: request.fetch() };
    let found = journal::read_page(view.reader(), view.proof().stream(), filter, span).await?;
    Ok(request.page(found))
}

/// The numbers that the page lies between, in reading direction. None: a cursor that no list of events has.
fn bounds(request: &PageRequest) -> Option<(Option<i64>, Option<i64>)> {
    let number = |cursor: &Option<PageCursor>| match cursor.as_ref().map(|cursor| &cursor.key) {
        None => Some(None),
        Some(Key::Number(number)) => Some(Some(*number)),
        Some(Key::Text(_)) => None,
    };
    Some((number(&request.after)?, number(&request.before)?))
}

/// How many entries are meant.
pub async fn count<R>(view: &WorkspaceView, filter: &EventFilter) -> Result<u64, Failure<R>> {
    view.require(Permission::ReadAudit)?;
    Ok(journal::count(view.reader(), view.proof().stream(), filter).await?.unsigned_abs())
}

/// What the operator has archived, if anything.
pub async fn find_archived<R>(view: &WorkspaceView) -> Result<Option<Archived>, Failure<R>> {
    view.require(Permission::ReadAudit)?;
    let head = journal::head(view.reader(), view.proof().stream()).await?;
    Ok(head.filter(|(_, floor)| *floor > 0).map(|(_, floor)| Archived { up_to: floor }))
}
