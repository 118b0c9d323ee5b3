//! Moves events from the streams to the subscriptions: applies each to the connection first, then shows it.
//!
//! Never shows an event before its effect has been applied, nor one after the end of the session; never reads more than
//! the wire has room for.

use std::sync::Arc;

use async_graphql::Response;
use tokio::time::Instant;

use super::audience::Sight;
use super::connection::{ACCOUNT, Connection, Ending, RETRY, WORKSPACE};
use super::protocol::{self, CloseCode};
use crate::graphql::errors;
use crate::graphql::events::{EventItem, ResyncReason, SessionItem};
use crate::platform::hub::{Call, ReadError, Verdict};
use crate::platform::journal::{Effect, Event};
use crate::primitives::cursor::EventCursor;
use crate::primitives::request::RequestId;

/// Events in one reading.
const EVENTS_MAX: usize = 64;

const UNAVAILABLE: Ending =
    Ending::Close(CloseCode::TryAgainLater, "Unavailable; go on from the last cursor");

impl Connection {
    /// Does a bounded piece of what it was called for; true when there is more that could be done at once.
    pub(super) async fn pump(&mut self) -> Result<bool, Ending> {
        for (at, call) in [(ACCOUNT, Call::ACCOUNT), (WORKSPACE, Call::WORKSPACE)] {
            if self.pending.has(call) && self.may_write() {
                self.pending = self.pending.without(call);
                self.replay(at).await?;
                let more = self.advance(at).await?;
                if more || self.lags(at) {
                    self.pending = self.pending.with(call);
                }
            }
        }
        self.shared.figures.deliveries.add(std::mem::take(&mut self.delivered));
        self.listener().set_places([ACCOUNT, WORKSPACE].map(|at| self.place(at)));
        Ok(self.pending.has(Call::ACCOUNT.with(Call::WORKSPACE)) && self.may_write())
    }

    /// Is there anybody who has not seen what was applied?
    fn lags(&self, at: usize) -> bool {
        let Some(stream) = &self.streams[at] else { return false };
        stream.subscriptions.iter().any(|subscription| subscription.lags(stream.applied))
    }

    /// How far all who listen to a stream have come.
    fn place(&self, at: usize) -> Option<i64> {
        let stream = self.streams[at].as_ref()?;
        stream.subscriptions.iter().map(|subscription| subscription.cursor).min()
    }

    fn may_write(&self) -> bool {
        !self.suspended && self.retry_at.is_none() && self.wire.has_room()
    }

    /// Applies what is new, in order, and shows each event to those who have seen all before it; true when there may
    /// be more.
    async fn advance(&mut self, at: usize) -> Result<bool, Ending> {
        let Some(applied) = self.streams[at].as_ref().map(|stream| stream.applied) else { return Ok(false) };
        let events = self.read(at, applied).await?;
        let many = events.len() == EVENTS_MAX;
        for event in events {
            if !self.may_write() {
                // Written, or proven, it goes on from here.
                return Ok(true);
            }
            let history = self.history;
            self.apply(at, &event).await?;
            if self.suspended || self.history != history {
                return Ok(true);
            }
            let Some(stream) = &mut self.streams[at] else { return Ok(false) };
            stream.applied = event.seq;
            for subscription in 0..stream.subscriptions.len() {
                self.offer((at, subscription), &event).await?;
            }
        }
        Ok(many || !self.may_write())
    }

    /// Shows what was applied to subscriptions that began further back.
    async fn replay(&mut self, at: usize) -> Result<(), Ending> {
        let count = self.streams[at].as_ref().map_or(0, |stream| stream.subscriptions.len());
        for subscription in 0..count {
            let Some(stream) = &self.streams[at] else { return Ok(()) };
            let (applied, found) = (stream.applied, &stream.subscriptions[subscription]);
            if !found.lags(applied) || !self.may_write() {
                continue;
            }
            let events = self.read_for((at, subscription), found.cursor).await?;
            for event in events.iter().take_while(|event| event.seq <= applied) {
                if !self.may_write() {
                    break;
                }
                self.offer((at, subscription), event).await?;
            }
        }
        Ok(())
    }

    /// What a connection has not applied yet. Archived under its feet is what nobody can show any more.
    async fn read(&mut self, at: usize, after: i64) -> Result<Vec<Arc<Event>>, Ending> {
        match self.read_stream(at, after).await? {
            Err(ReadError::Archived) => {
                Err(Ending::Close(CloseCode::TryAgainLater, "Too slow; the events are archived"))
            }
            read => Ok(read.unwrap_or_default()),
        }
    }

    async fn read_for(
        &mut self,
        (at, subscription): (usize, usize),
        after: i64,
    ) -> Result<Vec<Arc<Event>>, Ending> {
        match self.read_stream(at, after).await? {
            Err(ReadError::Archived) => {
                let applied = self.streams[at].as_ref().map_or(after, |stream| stream.applied);
                Box::pin(self.resync((at, subscription), ResyncReason::Archived, applied)).await?;
                Ok(Vec::new())
            }
            read => Ok(read.unwrap_or_default()),
        }
    }

    /// Reads a stream; sees to it that what can't be read now is read later.
    async fn read_stream(
        &mut self,
        at: usize,
        after: i64,
    ) -> Result<Result<Vec<Arc<Event>>, ReadError>, Ending> {
        let Some(stream) = self.streams[at].as_ref().filter(|_| self.may_write()) else {
            return Ok(Ok(Vec::new()));
        };
        let history = self.history.number;
        let read = match stream.reader.recent_after(after, EVENTS_MAX, history) {
            Some(read) => read,
            None => {
                let reader = stream.reader.clone();
                let listener = Arc::clone(self.attachment.listener());
                let reading = async move { reader.read_after(after, EVENTS_MAX, history).await };
                Box::pin(Self::unless_ended(&listener, reading)).await?
            }
        };
        match read {
            Err(ReadError::Rewound) => Box::pin(self.prove_again()).await?,
            Err(ReadError::Unavailable) => self.retry_at = Some(Instant::now() + RETRY),
            Ok(_) | Err(ReadError::Archived) => {}
        }
        Ok(read)
    }

    /// What an event does to this connection, before anybody is shown it.
    async fn apply(&mut self, at: usize, event: &Event) -> Result<(), Ending> {
        let Some(effect) = &event.effect else { return Ok(()) };
        if let Some(cause) = self.identity.ended_by(effect) {
            return Err(Ending::Verdict(Verdict::Ended(cause)));
        }
        match effect {
            Effect::ChangeMemberRights { member, rights } if self.identity.member() == Some(*member) => {
                Box::pin(self.change_rights(rights)).await?;
            }
            Effect::ChangeRoleRights { role, rights }
                if self.rights.as_ref().is_some_and(|own| own.role == *role) =>
            {
                Box::pin(self.change_rights(rights)).await?;
            }
            // Only the database knows what it does to this session. A check that has seen it is enough.
            Effect::CheckAnew | Effect::Unknown
                if self.streams[at].as_ref().is_some_and(|stream| stream.checked < event.seq) =>
            {
                return Box::pin(self.prove_again()).await;
            }
            _ => {}
        }
        Ok(())
    }

    /// Shows an event to a subscription that has seen all before it, if it is meant for it.
    async fn offer(&mut self, (at, subscription): (usize, usize), event: &Arc<Event>) -> Result<(), Ending> {
        let Some(stream) = &mut self.streams[at] else { return Ok(()) };
        let cursor = stream.cursor(self.history.epoch, event.seq);
        let found = &mut stream.subscriptions[subscription];
        if found.cursor + 1 != event.seq || stream.applied < found.begins_at {
            return Ok(());
        }
        found.cursor = event.seq;
        if !self.sight(at).shows(event, &self.identity) {
            return Ok(());
        }
        self.show((at, subscription), event, cursor).await
    }

    /// A role and a joining are of the workspace: neither says anything about the person's own stream.
    fn sight(&self, at: usize) -> Sight {
        if at == WORKSPACE {
            Sight { audits: self.audits(), joined_seq: self.joined_seq }
        } else {
            Sight { audits: false, joined_seq: 0 }
        }
    }

    /// Sends what the subscription's group sees of an event; renders it where nobody has yet.
    async fn show(
        &mut self,
        (at, subscription): (usize, usize),
        event: &Arc<Event>,
        cursor: EventCursor,
    ) -> Result<(), Ending> {
        let Some(stream) = &self.streams[at] else { return Ok(()) };
        let found = &stream.subscriptions[subscription];
        let answer = found.group.find(event, cursor);
        let shown = match answer.get() {
            Some(shown) => shown.as_ref().map_err(|unavailable| *unavailable),
            None => {
                // Boxed: one of a group renders, the others need no room for it.
                let rendering = Box::pin(found.group.complete(&answer, event, cursor));
                Self::unless_ended(self.attachment.listener(), rendering).await?
            }
        };
        // What can't be rendered now must not be passed over: the client comes back to it by its cursor.
        let shown = shown.map_err(|_| UNAVAILABLE)?;
        self.wire.send_frame(shown.frame(&found.opening));
        self.delivered += 1;
        Ok(())
    }

    /// Sends one subscription what is for it alone.
    pub(super) async fn show_alone(
        &mut self,
        (at, subscription): (usize, usize),
        item: EventItem,
    ) -> Result<(), Ending> {
        let Some(stream) = &self.streams[at] else { return Ok(()) };
        let found = &stream.subscriptions[subscription];
        let rendering = Box::pin(found.group.render(item));
        let shown = Self::unless_ended(self.attachment.listener(), rendering).await?;
        let shown = shown.map_err(|_| UNAVAILABLE)?;
        self.wire.send_frame(shown.frame(&found.opening));
        Ok(())
    }

    pub(super) fn send_next(&mut self, id: &str, response: Response, request_id: &RequestId) {
        let response = self.finish(response, request_id);
        self.wire.send(&protocol::next(id, &protocol::result(&response)));
    }

    pub(super) fn finish(&self, response: Response, request_id: &RequestId) -> Response {
        errors::finish(response, request_id, self.shared.parts.document_bounds.limits.introspection)
    }

    /// Tells one subscription to the session's own fate.
    pub(super) async fn tell_session(&mut self, at: usize, item: SessionItem) {
        let found = &mut self.operations.of_session[at];
        let response = found.rendering.render(item).await;
        let (id, request_id) = (found.id.clone(), found.request_id.clone());
        self.send_next(&id, response, &request_id);
    }
}
