//! What a client sends, and what becomes of its operations.
//!
//! Never runs a document that was not checked, nor an operation under an older check than its own.

use async_graphql::parser::types::OperationType;
use async_graphql::{Request, ServerError, Variables};
use axum::extract::ws::Message;
use serde_json::Value;
use tokio::time::Instant;

use super::connection::{ACCOUNT, Connection, Ending, WORKSPACE};
use super::following::Subscription;
use super::operations::{Asked, Finished, SessionSubscription, Topic, operation_of};
use super::protocol::{self, CloseCode, Document, Incoming};
use super::rendering::Rendering;
use super::wire::Turn;
use crate::access::{Proof, Refusal};
use crate::graphql::document;
use crate::graphql::errors::{TopLevelCode, TopLevelError};
use crate::graphql::events::ResyncReason;
use crate::platform::hub::{Identity, Verdict};
use crate::primitives::actor::EndCause;
use crate::primitives::cursor::EventCursor;
use crate::primitives::request::RequestId;

impl Connection {
    pub(super) fn take_turn(&mut self, turn: Turn) -> Result<(), Ending> {
        let message = match turn {
            Turn::Written => return Ok(()),
            Turn::Gone => return Err(Ending::Gone),
            Turn::Unreadable => return Err(Ending::Close(CloseCode::BadRequest, "Too long, or malformed")),
            Turn::Received(message) => message,
        };
        self.heard_at = Instant::now();
        match message {
            Message::Text(text) => self.receive(&text),
            Message::Ping(_) | Message::Pong(_) => Ok(()),
            Message::Binary(_) => Err(Ending::Close(CloseCode::BadRequest, "Invalid message received")),
            Message::Close(_) => Err(Ending::Gone),
        }
    }

    fn receive(&mut self, text: &str) -> Result<(), Ending> {
        match protocol::parse(text).map_err(|reason| Ending::Close(CloseCode::BadRequest, reason))? {
            Incoming::ConnectionInit { .. } => {
                Err(Ending::Close(CloseCode::TooManyInits, "Too many initialisation requests"))
            }
            Incoming::Ping { payload } => {
                self.wire.send(protocol::pong(payload));
                Ok(())
            }
            Incoming::Pong {} => Ok(()),
            Incoming::Subscribe { id, payload } => self.open(id, payload),
            Incoming::Complete { id } => {
                self.stop(&id);
                Ok(())
            }
        }
    }

    fn stop(&mut self, id: &str) {
        for stream in self.streams.iter_mut().flatten() {
            stream.subscriptions.retain(|subscription| subscription.id != id);
        }
        self.operations.stop(id);
        self.tell_interest();
    }

    fn is_open(&self, id: &str) -> bool {
        self.operations.ids().any(|open| open == id) || self.listening().any(|open| open == id)
    }

    pub(super) fn listening(&self) -> impl Iterator<Item = &str> {
        let streams = self.streams.iter().flatten();
        streams.flat_map(|stream| stream.subscriptions.iter().map(|subscription| subscription.id.as_str()))
    }

    fn open(&mut self, id: String, document: Document) -> Result<(), Ending> {
        if self.is_open(&id) {
            return Err(Ending::Close(CloseCode::DuplicateId, "An operation with this id is still open"));
        }
        let request_id = RequestId::mint();
        if !self.operations.has_room(self.listening().count()) {
            let message = "too many operations on this socket; complete one, or open another socket";
            let error = TopLevelError::new(TopLevelCode::LimitExceeded, message);
            self.refuse(&id, vec![error.into()], &request_id);
            return Ok(());
        }
        match self.read_document(document) {
            Ok((request, topic)) => self.start(Asked { id, request_id, request }, topic),
            Err(error) => self.refuse(&id, vec![error.into()], &request_id),
        }
        Ok(())
    }

    /// Checks a document; says what it listens to, if it is a subscription.
    fn read_document(&self, document: Document) -> Result<(Request, Option<Topic>), TopLevelError> {
        let name = document.operation_name.filter(|name| !name.is_empty());
        let parsed = document::check(&document.query, &self.shared.parts.document_limits)?;
        let chosen = parsed.choose(name.as_deref())?;
        let parsed = parsed.into_document();
        let mut topic = None;
        if chosen.kind == OperationType::Subscription {
            let root = chosen.root_fields.first().map(String::as_str).unwrap_or_default();
            topic = Some(Topic::of(root).ok_or_else(|| no_such_root(root))?);
            if let Some(operation) = operation_of(&parsed, name.as_deref()) {
                self.shared.event_fields.check(&parsed, operation)?;
            }
        }
        let variables = document.variables.map(|map| Variables::from_json(Value::Object(map)));
        let mut request = Request::new(document.query).variables(variables.unwrap_or_default());
        request.operation_name = name;
        request.set_parsed_query(parsed);
        Ok((if topic.is_none() { request.data(chosen) } else { request }, topic))
    }

    fn start(&mut self, asked: Asked, topic: Option<Topic>) {
        let (shared, secret) = (std::sync::Arc::clone(&self.shared), self.secret.clone());
        let id = asked.id.clone();
        if let Some(topic) = topic {
            // The connection is registered; so nothing is missed between this check and the first event.
            return self.operations.check(id, async move {
                let proof = Box::new(shared.parts.checker.check(&secret).await);
                Finished::Checked { asked: Box::new(asked), topic, proof }
            });
        }
        let client = self.client.clone();
        self.operations.run(id, async move {
            let Asked { id, request_id, request } = asked;
            let request = request.data(client).data(request_id.clone());
            let response = shared.parts.documents.run(secret, request).await;
            Finished::Answer { id, request_id, response: Box::new(response) }
        });
    }

    pub(super) async fn take_finished(&mut self, finished: Result<Finished, String>) -> Result<(), Ending> {
        let taken = self.take_one(finished).await;
        self.operations.release();
        taken
    }

    async fn take_one(&mut self, finished: Result<Finished, String>) -> Result<(), Ending> {
        match finished {
            Ok(Finished::Answer { id, request_id, response }) => {
                let was_run =
                    response.errors.is_empty() || response.errors.iter().any(|error| !error.path.is_empty());
                if was_run {
                    self.send_next(&id, *response, &request_id);
                    self.wire.send(protocol::complete(&id));
                } else {
                    self.refuse(&id, response.errors, &request_id);
                }
                Ok(())
            }
            Ok(Finished::Checked { asked, topic, proof }) => match *proof {
                Ok(proof) => self.listen(*asked, topic, &proof).await,
                Err(Refusal::Ended(end)) => Err(Ending::Verdict(Verdict::Ended(end.cause))),
                Err(Refusal::Unknown) => Err(Ending::Verdict(Verdict::Ended(EndCause::Ended))),
                Err(Refusal::Unavailable) => {
                    self.refuse(&asked.id, vec![TopLevelError::unavailable().into()], &asked.request_id);
                    Ok(())
                }
            },
            Err(id) => {
                let error = TopLevelError::internal("an operation on a socket broke off");
                self.refuse(&id, vec![error.into()], &RequestId::mint());
                Ok(())
            }
        }
    }

    fn refuse(&mut self, id: &str, errors: Vec<ServerError>, request_id: &RequestId) {
        let response = self.finish(async_graphql::Response::from_errors(errors), request_id);
        self.wire.send(protocol::error(id, &response.errors));
    }

    /// Begins a subscription under its own check.
    async fn listen(&mut self, asked: Asked, topic: Topic, proof: &Proof) -> Result<(), Ending> {
        let heads = self.learn(proof);
        let Asked { id, request_id, request } = asked;
        if let Err(error) = self.may_listen(topic) {
            self.refuse(&id, vec![error.into()], &request_id);
            return Ok(());
        }
        let shared = std::sync::Arc::clone(&self.shared);
        let subscribe = |request| shared.parts.documents.subscribe(request);
        if topic == Topic::Session {
            match Rendering::start(request, subscribe).await {
                Ok((rendering, _)) => {
                    self.operations.of_session.push(SessionSubscription { id, request_id, rendering });
                    self.tell_interest();
                }
                Err(errors) => self.refuse(&id, errors, &request_id),
            }
            return Ok(());
        }
        let at = if topic == Topic::Workspace { WORKSPACE } else { ACCOUNT };
        let head = heads[at].unwrap_or_default();
        match Rendering::start(request, subscribe).await {
            Ok((rendering, after)) => {
                let subscription = Subscription { id, request_id, rendering, cursor: head, begins_at: head };
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

    /// Lets a subscription begin after the place that it names; where there is no such place, it is told.
    async fn begin_after(
        &mut self,
        at: usize,
        mut subscription: Subscription,
        after: Option<EventCursor>,
        head: i64,
    ) -> Result<(), Ending> {
        let epoch = self.history.epoch;
        let Some(stream) = &mut self.streams[at] else { return Ok(()) };
        let resync = match after {
            None => None,
            Some(after) if after.epoch != epoch => Some(ResyncReason::OtherHistory),
            Some(after) if after.stream != stream.reader.stream().as_uuid() => {
                Some(ResyncReason::OtherStream)
            }
            Some(after) if after.seq > head => Some(ResyncReason::BeyondHead),
            Some(after) => {
                subscription.cursor = after.seq;
                None
            }
        };
        stream.subscriptions.push(subscription);
        let place = (at, stream.subscriptions.len() - 1);
        self.tell_interest();
        match resync {
            Some(reason) => self.resync(place, reason, head).await,
            None => Ok(()),
        }
    }
}

fn no_such_root(root: &str) -> TopLevelError {
    let message = format!("there is no subscription \"{root}\"");
    TopLevelError::new(TopLevelCode::ValidationFailed, message)
}
