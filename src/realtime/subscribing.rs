//! How a subscription begins: under its own check, after its own place, and in the group of those who listen to the
//! same.
//!
//! Never takes somebody's place from another: whoever joins a group brings their own.

use std::sync::Arc;

use async_graphql::{Request, ServerError};

use super::connection::{ACCOUNT, Connection, Ending, WORKSPACE};
use super::figures::Counted;
use super::following::Subscription;
use super::group::Key;
use super::operations::{Asked, SessionSubscription, Topic, Wish};
use super::plan::{Place, Plan};
use super::protocol::{self, CloseCode};
use super::rendering::Rendering;
use crate::access::Proof;
use crate::graphql::errors::TopLevelError;
use crate::graphql::events::{EventItem, ResyncReason};
use crate::planted::{self, Bug};
use crate::platform::hub::Identity;
use crate::primitives::cursor::EventCursor;
use crate::primitives::request::RequestId;

impl Connection {
    /// Begins a subscription under its own check.
    pub(super) async fn listen(&mut self, asked: Asked, proof: &Proof) -> Result<(), Ending> {
        let heads = self.learn(proof);
        let Asked { id, request_id, wish } = asked;
        if let Err(error) = self.may_listen(wish.topic()) {
            self.refuse(&id, vec![error.into()], &request_id);
            return Ok(());
        }
        let begun = match wish {
            Wish::Session(request) => self.listen_to_session(&id, &request_id, *request).await.map(|()| None),
            Wish::Events { plan, place } => self.listen_to_events(&id, plan, place, heads).await.map(Some),
        };
        match begun {
            Ok(None) => Ok(()),
            Ok(Some((at, subscription, after))) => {
                let head = subscription.cursor;
                self.begin_after(at, subscription, after, head).await
            }
            Err(errors) => {
                self.refuse(&id, errors, &request_id);
                Ok(())
            }
        }
    }

    fn may_listen(&self, topic: Topic) -> Result<(), TopLevelError> {
        let message = match (topic, &self.identity) {
            (Topic::Workspace, Identity::Account { .. }) => {
                "this needs a workspace session: enter the workspace first"
            }
            (Topic::Viewer, Identity::Key { .. }) => "an API key is no person",
            _ => return Ok(()),
        };
        Err(TopLevelError::forbidden(message))
    }

    async fn listen_to_session(
        &mut self,
        id: &str,
        request_id: &RequestId,
        request: Request,
    ) -> Result<(), Vec<ServerError>> {
        let (rendering, _) = Rendering::start(request, |request| self.shared.subscribe(request)).await?;
        let (id, request_id) = (id.to_owned(), request_id.clone());
        let _counted = Counted::new(&self.shared.figures);
        self.operations.of_session.push(SessionSubscription { id, request_id, rendering, _counted });
        self.tell_interest();
        Ok(())
    }

    /// The subscription as of the head that its check saw, and the place after which it wants to begin.
    async fn listen_to_events(
        &mut self,
        id: &str,
        plan: Plan,
        place: Place,
        heads: [Option<i64>; 2],
    ) -> Result<(usize, Subscription, Option<EventCursor>), Vec<ServerError>> {
        let at = if plan.topic == Topic::Workspace { WORKSPACE } else { ACCOUNT };
        let head = heads[at].unwrap_or_default();
        let after = match place {
            Place::Plain(after) => after,
            Place::Unclear(request) => {
                Rendering::<EventItem>::start(*request, |request| self.shared.subscribe(request)).await?.1
            }
        };
        let Some(stream) = &self.streams[at] else {
            return Err(vec![TopLevelError::internal("a connection without this stream").into()]);
        };
        let key =
            Key { stream: stream.reader.stream(), plan: Arc::new(plan), permissions: self.permissions(at) };
        let subscription = Subscription {
            group: self.shared.join(key).await?,
            id: id.to_owned(),
            opening: protocol::opening(id).into(),
            cursor: head,
            begins_at: head,
            _counted: Counted::new(&self.shared.figures),
        };
        Ok((at, subscription, after))
    }

    /// Lets a subscription begin after the place that it names; where there is no such place, it is told.
    async fn begin_after(
        &mut self,
        at: usize,
        mut subscription: Subscription,
        after: Option<EventCursor>,
        head: i64,
    ) -> Result<(), Ending> {
        let (epoch, proven) = (self.history.epoch, self.epoch_id);
        let Some(stream) = &mut self.streams[at] else { return Ok(()) };
        let resync = match after {
            None => None,
            // The check may have read a history that the server is still to notice.
            Some(after) if after.epoch != epoch || Some(after.epoch.id) != proven => {
                Some(ResyncReason::OtherHistory)
            }
            Some(after) if after.stream != stream.reader.stream().as_uuid() => {
                Some(ResyncReason::OtherStream)
            }
            Some(after) if after.seq > head => Some(ResyncReason::BeyondHead),
            Some(_) if planted::is(Bug::ResubscribeAtHead) => None,
            Some(after) => {
                subscription.cursor = after.seq;
                None
            }
        };
        // Mostly there is one, and it stays.
        stream.subscriptions.reserve_exact(1);
        stream.subscriptions.push(subscription);
        let place = (at, stream.subscriptions.len() - 1);
        self.tell_interest();
        match resync {
            Some(reason) => self.resync(place, reason, head).await,
            None => Ok(()),
        }
    }

    /// After its rights have changed: moves each subscription to those who may the same from now on.
    pub(super) async fn regroup(&mut self) -> Result<(), Ending> {
        let permissions = self.permissions(WORKSPACE);
        let listener = Arc::clone(self.attachment.listener());
        let Some(stream) = &mut self.streams[WORKSPACE] else { return Ok(()) };
        for subscription in &mut stream.subscriptions {
            let old = subscription.group.key();
            if old.permissions == permissions {
                continue;
            }
            let key = Key { permissions: permissions.clone(), ..old.clone() };
            subscription.group =
                Self::unless_ended(&listener, self.shared.join(key)).await?.map_err(|_| {
                    Ending::Close(CloseCode::TryAgainLater, "Unavailable; go on from the last cursor")
                })?;
        }
        Ok(())
    }
}
