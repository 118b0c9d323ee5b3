//! What a client sends, and what becomes of its operations.
//!
//! Never runs a document that was not checked, nor an operation under an older check than its own.

use std::sync::Arc;

use async_graphql::parser::types::OperationType;
use async_graphql::{Request, ServerError};
use tokio::time::Instant;
use tungstenite::Message;

use super::connection::{Connection, Ending};
use super::operations::{Asked, Finished, Topic, Wish, operation_of};
use super::plan::{Plan, request};
use super::protocol::{self, CloseCode, Document, Incoming};
use super::wire::Turn;
use crate::access::Refusal;
use crate::graphql::errors::{TopLevelCode, TopLevelError};
use crate::graphql::length;
use crate::graphql::tokens::TokenDelivery;
use crate::platform::hub::Verdict;
use crate::primitives::actor::EndCause;
use crate::primitives::request::RequestId;

/// A document that may run.
enum Read {
    Document(Box<Request>),
    Subscription(Wish),
}

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
            Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => Ok(()),
            Message::Binary(_) => Err(Ending::Close(CloseCode::BadRequest, "Invalid message received")),
            Message::Close(_) => Err(Ending::Left),
        }
    }

    fn receive(&mut self, text: &str) -> Result<(), Ending> {
        match protocol::parse(text).map_err(|reason| Ending::Close(CloseCode::BadRequest, reason))? {
            Incoming::ConnectionInit { .. } => {
                Err(Ending::Close(CloseCode::TooManyInits, "Too many initialisation requests"))
            }
            Incoming::Ping { payload } => {
                self.wire.send(&protocol::pong(payload));
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
            Ok(Read::Document(request)) => self.run_document(id, request_id, *request),
            Ok(Read::Subscription(wish)) => self.check_for(Asked { id, request_id, wish }),
            Err(error) => self.refuse(&id, vec![error.into()], &request_id),
        }
        Ok(())
    }

    /// Checks a document; says what it listens to, if it is a subscription.
    fn read_document(&self, mut document: Document) -> Result<Read, TopLevelError> {
        document.operation_name = document.operation_name.filter(|name| !name.is_empty());
        let parsed = self.shared.parts.document_bounds.check(&document.query)?;
        let chosen = parsed.choose(document.operation_name.as_deref())?;
        let parsed = parsed.into_document();
        let mut topic = None;
        if chosen.kind == OperationType::Subscription {
            let root = chosen.root_fields.first().map(String::as_str).unwrap_or_default();
            topic = Some(Topic::of(root).ok_or_else(|| no_such_root(root))?);
            if let Some(operation) = operation_of(&parsed, document.operation_name.as_deref()) {
                self.shared.event_fields.check(&parsed, operation)?;
                if let Some(topic) = topic.filter(|topic| *topic != Topic::Session) {
                    let (plan, place) = Plan::of(topic, document, operation);
                    return Ok(Read::Subscription(Wish::Events { plan, place }));
                }
            }
        }
        let variables = document.variables.unwrap_or_default();
        let mut request = request(&document.query, document.operation_name.as_deref(), variables);
        request.set_parsed_query(parsed);
        Ok(match topic {
            Some(_) => Read::Subscription(Wish::Session(Box::new(request))),
            None => Read::Document(Box::new(request.data(chosen))),
        })
    }

    fn run_document(&mut self, id: String, request_id: RequestId, request: Request) {
        let (shared, secret) = (Arc::clone(&self.shared), self.secret.clone());
        let (client, by_cookie) = (self.client.clone(), self.by_cookie);
        self.operations.run(id.clone(), async move {
            let request = request.data(client).data(request_id.clone());
            let request = if by_cookie { request.data(TokenDelivery::Nowhere) } else { request };
            let response = shared.parts.documents.run(secret, request).await;
            Finished::Answer { id, request_id, response: Box::new(response) }
        });
    }

    /// The connection is registered; so nothing is missed between this check and the first event.
    fn check_for(&mut self, asked: Asked) {
        let (shared, secret) = (Arc::clone(&self.shared), self.secret.clone());
        let history = self.attachment.history();
        self.operations.check(asked.id.clone(), async move {
            let proof = Box::new(shared.parts.checker.check(&secret).await);
            Finished::Checked { asked: Box::new(asked), history, proof }
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
                self.answer(&id, *response, &request_id);
                Ok(())
            }
            // What it read of another history says nothing of this one: its head may be one that is still to come.
            Ok(Finished::Checked { asked, history, .. }) if history != self.attachment.history() => {
                self.check_for(*asked);
                Ok(())
            }
            Ok(Finished::Checked { asked, proof, .. }) => match *proof {
                Ok(proof) => self.listen(*asked, &proof).await,
                Err(Refusal::Ended(end)) => Err(Ending::Verdict(Verdict::Ended(end.cause))),
                Err(Refusal::Unknown) => Err(Ending::Verdict(Verdict::Ended(EndCause::Ended))),
                Err(Refusal::Unavailable) => {
                    self.refuse(&asked.id, vec![TopLevelError::unavailable().into()], &asked.request_id);
                    Ok(())
                }
            },
            Err(id) => {
                self.refuse_broken(&id);
                Ok(())
            }
        }
    }

    /// Answers the queries and mutations that still run; what was asked to listen comes back elsewhere.
    pub(super) async fn answer_what_runs(&mut self) {
        while self.operations.is_busy() {
            match self.operations.finished().await {
                Ok(Finished::Answer { id, request_id, response }) => self.answer(&id, *response, &request_id),
                Ok(Finished::Checked { .. }) => {}
                Err(id) => self.refuse_broken(&id),
            }
            self.operations.release();
        }
    }

    fn answer(&mut self, id: &str, response: async_graphql::Response, request_id: &RequestId) {
        let was_run =
            response.errors.is_empty() || response.errors.iter().any(|error| !error.path.is_empty());
        if !was_run {
            return self.refuse(id, response.errors, request_id);
        }
        let bytes_max = self.shared.parts.document_bounds.limits.answer_bytes_max;
        match length::json(&self.finish(response, request_id), bytes_max) {
            Some(answer) => {
                self.wire.send(&protocol::next(id, &answer));
                self.wire.send(&protocol::complete(id));
            }
            None => self.refuse(id, length::too_long(bytes_max).errors, request_id),
        }
    }

    fn refuse_broken(&mut self, id: &str) {
        let error = TopLevelError::internal("an operation on a socket broke off");
        self.refuse(id, vec![error.into()], &RequestId::mint());
    }

    pub(super) fn refuse(&mut self, id: &str, errors: Vec<ServerError>, request_id: &RequestId) {
        let response = self.finish(async_graphql::Response::from_errors(errors), request_id);
        self.wire.send(&protocol::error(id, &response.errors));
    }
}

fn no_such_root(root: &str) -> TopLevelError {
    let message = format!("there is no subscription \"{root}\"");
    TopLevelError::new(TopLevelCode::ValidationFailed, message)
}
