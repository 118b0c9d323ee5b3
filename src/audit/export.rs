//! The log as an export, a page at a time: every entry that is meant, from the oldest to where the log stood when the
//! export began.
//!
//! Never reads a page for somebody who was not let in for that very page, and never holds more than it.

use crate::access::{Failure, Gate, WorkspaceView};
use crate::platform::journal::{self, Event, EventFilter, Span};
use crate::primitives::cursor::EventCursor;
use crate::primitives::rights::Permission;

/// Most entries of one page.
pub const EXPORT_ROWS_MAX: u64 = 200;

/// Where an export goes on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Since {
    /// At the oldest entry that is here.
    Beginning,
    /// After a place that the client names, or that the page before has reached.
    Cursor(EventCursor),
}

/// What of the log is wanted.
#[derive(Clone, Debug)]
pub struct ExportRequest {
    pub filter: EventFilter,
    pub since: Since,
    /// Where it ends; none until the first page has told.
    pub up_to: Option<i64>,
}

/// An entry with its place.
#[derive(Clone, Debug)]
pub struct Exported {
    pub event: Event,
    pub cursor: EventCursor,
}

/// One page of an export.
#[derive(Clone, Debug)]
pub struct ExportPage {
    pub rows: Vec<Exported>,
    /// Entries up to here were asked for and have been archived.
    pub archived: Option<EventCursor>,
    /// Where the export ends.
    pub up_to: i64,
    /// Where the next page goes on; none after the last.
    pub next: Option<i64>,
    /// The place after this page: after the last, where the log stood.
    pub reached: EventCursor,
}

/// Why there is no such page.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ExportRefusal {
    OtherHistory,
    OtherStream,
    BeyondHead,
}

impl ExportRefusal {
    /// For people.
    pub const fn message(self) -> &'static str {
        match self {
            Self::OtherHistory => {
                "the cursor belongs to a history that is gone: the service was restored; begin anew without it"
            }
            Self::OtherStream => "the cursor belongs to another stream of events than this workspace's",
            Self::BeyondHead => "the cursor lies beyond the end of the log; begin anew without it",
        }
    }
}

/// Reads the next page, for somebody whose credential was checked for it.
pub async fn export(
    gate: &Gate,
    view: &WorkspaceView,
    request: &ExportRequest,
) -> Result<ExportPage, Failure<ExportRefusal>> {
    view.require(Permission::ReadAudit)?;
    let stream = view.proof().stream();
    let (head, floor) = journal::head(view.reader(), stream).await?.unwrap_or_default();
    let after = begin(gate, view, request, head)?;
    let up_to = request.up_to.unwrap_or(head);
    let span = Span {
        after: Some(after),
        before: Some(up_to.saturating_add(1)),
        descending: false,
        limit: EXPORT_ROWS_MAX,
    };
    let found = journal::read_page(view.reader(), stream, &request.filter, span).await?;
    let full = u64::try_from(found.len()).is_ok_and(|rows| rows == EXPORT_ROWS_MAX);
    let next = found.last().filter(|_| full).map(|last| last.seq);
    let rows = found.into_iter().map(|event| Exported { cursor: gate.cursor(stream, event.seq), event });
    Ok(ExportPage {
        rows: rows.collect(),
        archived: (after < floor).then(|| gate.cursor(stream, floor)),
        up_to,
        next,
        reached: gate.cursor(stream, next.unwrap_or(up_to)),
    })
}

fn begin(
    gate: &Gate,
    view: &WorkspaceView,
    request: &ExportRequest,
    head: i64,
) -> Result<i64, Failure<ExportRefusal>> {
    let refused = |refusal| Err(Failure::Refused(refusal));
    match request.since {
        Since::Beginning => Ok(0),
        Since::Cursor(cursor) if cursor.stream != view.proof().stream().as_uuid() => {
            refused(ExportRefusal::OtherStream)
        }
        // The check for this page may have read a history that the server is still to notice.
        Since::Cursor(cursor) if cursor.epoch != gate.epoch() || cursor.epoch.id != view.proof().epoch_id => {
            refused(ExportRefusal::OtherHistory)
        }
        Since::Cursor(cursor) if cursor.seq > head => refused(ExportRefusal::BeyondHead),
        Since::Cursor(cursor) => Ok(cursor.seq),
    }
}
