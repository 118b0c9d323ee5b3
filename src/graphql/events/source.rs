//! How events reach a subscription's resolver: through a channel that whoever runs the document puts beside it.
//!
//! Never holds more than one event: the next is taken when the one before has been rendered.

use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::{Context, Request, Result};
use futures_util::Stream;
use tokio::sync::{mpsc, oneshot};

use super::head::ResyncReason;
use crate::graphql::errors::TopLevelError;
use crate::graphql::scalars;
use crate::platform::journal::Event;
use crate::primitives::cursor::EventCursor;
use crate::primitives::rights::PermissionSet;
use crate::primitives::time::Timestamp;

/// What is to be rendered of a stream.
#[derive(Clone, Debug)]
pub enum EventItem {
    Event {
        event: Arc<Event>,
        cursor: EventCursor,
        /// Of all who listen to this rendering; none on a person's own stream.
        permissions: Option<Arc<PermissionSet>>,
    },
    /// Events may be missing here: whoever listens starts anew after this cursor.
    Resync { reason: ResyncReason, cursor: EventCursor, now: Timestamp },
}

/// Feeds one subscription.
#[derive(Debug)]
pub struct Feeder<T> {
    pub items: mpsc::Sender<T>,
    /// Where the document wants to begin; told when its resolver has run.
    pub begun: oneshot::Receiver<Option<EventCursor>>,
}

struct Source<T>(Mutex<Option<Ends<T>>>);

struct Ends<T> {
    items: mpsc::Receiver<T>,
    begun: oneshot::Sender<Option<EventCursor>>,
}

/// Puts a channel beside the document; the other end feeds it.
pub fn source<T: Send + 'static>(request: Request) -> (Request, Feeder<T>) {
    let (items, taken) = mpsc::channel(1);
    let (begin, begun) = oneshot::channel();
    let ends = Ends { items: taken, begun: begin };
    (request.data(Source(Mutex::new(Some(ends)))), Feeder { items, begun })
}

/// Takes the channel that was put beside the document.
pub(super) fn open<T: Send + 'static>(
    ctx: &Context<'_>,
    after: Option<scalars::EventCursor>,
) -> Result<impl Stream<Item = T> + use<T>> {
    let source = ctx.data::<Source<T>>()?;
    let ends = source.0.lock().unwrap_or_else(PoisonError::into_inner).take();
    let Some(Ends { items, begun }) = ends else {
        return Err(TopLevelError::internal("a subscription's channel was taken twice").into());
    };
    // Whoever feeds may have gone away; then the stream below ends.
    let _ = begun.send(after.map(|cursor| cursor.0));
    Ok(futures_util::stream::unfold(items, async |mut items| items.recv().await.map(|item| (item, items))))
}
