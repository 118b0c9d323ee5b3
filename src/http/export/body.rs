//! The body of an export: page after page, each when the client has taken the one before.
//!
//! Never reads ahead, and never ends without saying whether it is whole: the last line does.

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::Bytes;
use futures_util::Stream;
use tokio::sync::OwnedSemaphorePermit;

use super::{Exports, lines};
use crate::audit::{ExportPage, ExportRequest, Since};
use crate::graphql::errors::{self, TopLevelError};
use crate::platform::telemetry::Counter;
use crate::primitives::cursor::EventCursor;
use crate::primitives::request::RequestId;
use crate::primitives::secret::Secret;

/// An export under way.
pub(super) struct Export {
    pub(super) exports: Arc<dyn Exports>,
    pub(super) pages: Arc<Counter>,
    pub(super) secret: Secret,
    pub(super) request: ExportRequest,
    /// Read before the answer began.
    pub(super) first: Option<ExportPage>,
    /// The place after what was sent.
    pub(super) reached: Option<EventCursor>,
    pub(super) count: usize,
    pub(super) request_id: RequestId,
    pub(super) _place: OwnedSemaphorePermit,
}

impl Export {
    pub(super) async fn read(&self) -> Result<ExportPage, TopLevelError> {
        let page = self.exports.page(&self.secret, &self.request).await?;
        self.pages.increment();
        Ok(page)
    }

    /// Its lines.
    pub(super) fn stream(self) -> impl Stream<Item = Result<Bytes, Infallible>> + use<> {
        futures_util::stream::unfold(Some(self), async |export| Some(export?.step().await))
    }

    async fn step(mut self) -> (Result<Bytes, Infallible>, Option<Self>) {
        let page = match self.first.take() {
            Some(page) => Ok(page),
            None => self.read().await,
        };
        let mut out = Vec::new();
        let next = match page {
            Ok(page) => self.take(&page, &mut out),
            Err(error) => {
                self.break_off(error, &mut out);
                None
            }
        };
        let goes_on = next.map(|next| {
            self.request.since = Since::Cursor(next);
            self
        });
        (Ok(out.into()), goes_on)
    }

    /// Writes a page; where it goes on, or the last line.
    fn take(&mut self, page: &ExportPage, out: &mut Vec<u8>) -> Option<EventCursor> {
        if let Some(up_to) = page.archived {
            lines::archived(up_to, out);
        }
        page.rows.iter().for_each(|row| lines::event(row, out));
        self.count += page.rows.len();
        self.request.up_to = Some(page.up_to);
        self.reached = Some(page.reached);
        if page.next.is_none() {
            lines::whole(self.count, page.reached, out);
        }
        page.next.map(|_| page.reached)
    }

    /// Says that it isn't whole, why, and where to go on.
    fn break_off(&self, error: TopLevelError, out: &mut Vec<u8>) {
        let response = errors::finish(error.into_response(), &self.request_id, false);
        lines::broken_off(self.count, self.reached, response.errors.first(), out);
    }
}
