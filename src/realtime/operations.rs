//! The operations that are open on a connection, by the ids that the client gave them.
//!
//! Never more than the limit at a time; what runs for a connection ends with it. A query or mutation never overtakes a
//! subscription that was asked for before it: whoever subscribes and then changes something hears of the change.

use std::collections::HashMap;
use std::task::{Context, Poll, ready};

use async_graphql::parser::types::ExecutableDocument;
use async_graphql::{Request, Response};
use futures_util::future::BoxFuture;
use tokio::task::{self, AbortHandle, JoinSet};

use super::figures::Counted;
use super::plan::{Place, Plan};
use super::rendering::Rendering;
use crate::access::{Proof, Refusal};
use crate::graphql::events::SessionItem;
use crate::platform::hub::History;
use crate::primitives::request::RequestId;

/// What a subscription listens to.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Hash)]
pub(super) enum Topic {
    Workspace,
    Viewer,
    Session,
}

impl Topic {
    pub(super) fn of(root_field: &str) -> Option<Self> {
        match root_field {
            "workspaceEvents" => Some(Self::Workspace),
            "viewerEvents" => Some(Self::Viewer),
            "sessionEvents" => Some(Self::Session),
            _ => None,
        }
    }
}

/// A subscription that was asked for.
pub(super) struct Asked {
    pub(super) id: String,
    pub(super) request_id: RequestId,
    pub(super) wish: Wish,
}

/// What a subscription is to tell.
pub(super) enum Wish {
    /// The session's own fate, which nobody shares.
    Session(Box<Request>),
    Events {
        plan: Plan,
        place: Place,
    },
}

impl Wish {
    pub(super) const fn topic(&self) -> Topic {
        match self {
            Self::Session(_) => Topic::Session,
            Self::Events { plan, .. } => plan.topic,
        }
    }
}

/// Something that ran for an operation has come to an end.
pub(super) enum Finished {
    /// A query's or mutation's answer.
    Answer { id: String, request_id: RequestId, response: Box<Response> },
    /// The session was checked for a subscription, in the history that the server knew of before.
    Checked { asked: Box<Asked>, history: History, proof: Box<Result<Proof, Refusal>> },
}

pub(super) struct SessionSubscription {
    pub(super) id: String,
    pub(super) request_id: RequestId,
    pub(super) rendering: Rendering<SessionItem>,
    pub(super) _counted: Counted,
}

struct Running {
    handle: AbortHandle,
    /// Is it the check of a subscription?
    is_check: bool,
}

pub(super) struct Operations {
    limit: usize,
    tasks: JoinSet<Finished>,
    running: HashMap<String, Running>,
    /// What waits for subscriptions that were asked for before it.
    held: Vec<(String, BoxFuture<'static, Finished>)>,
    pub(super) of_session: Vec<SessionSubscription>,
}

impl Operations {
    pub(super) fn new(limit: usize) -> Self {
        let (running, held) = (HashMap::new(), Vec::new());
        Self { limit, tasks: JoinSet::new(), running, held, of_session: Vec::new() }
    }

    /// May one more be opened, besides so many subscriptions to events?
    pub(super) fn has_room(&self, listening: usize) -> bool {
        // Tasks that were aborted count until they are gone.
        self.tasks.len() + self.held.len() + self.of_session.len() + listening < self.limit
    }

    /// Checks the session for a subscription.
    pub(super) fn check(&mut self, id: String, work: impl Future<Output = Finished> + Send + 'static) {
        let handle = self.tasks.spawn(work);
        self.running.insert(id, Running { handle, is_check: true });
    }

    /// Runs a query or mutation.
    pub(super) fn run(&mut self, id: String, work: impl Future<Output = Finished> + Send + 'static) {
        self.held.push((id, Box::pin(work)));
        self.release();
    }

    /// Lets go what was held, once no subscription is being checked.
    pub(super) fn release(&mut self) {
        if self.running.values().any(|running| running.is_check) {
            return;
        }
        for (id, work) in std::mem::take(&mut self.held) {
            let handle = self.tasks.spawn(work);
            self.running.insert(id, Running { handle, is_check: false });
        }
    }

    /// Does anything still run, or wait to?
    pub(super) fn is_busy(&self) -> bool {
        !self.running.is_empty() || !self.held.is_empty()
    }

    /// The client no longer wants it.
    pub(super) fn stop(&mut self, id: &str) {
        if let Some(running) = self.running.remove(id) {
            running.handle.abort();
        }
        self.held.retain(|(held, _)| held != id);
        self.of_session.retain(|subscription| subscription.id != id);
        self.release();
    }

    /// The next one to end; never ready while nothing runs. What was stopped in the meantime is passed over.
    pub(super) fn poll_finished(&mut self, cx: &mut Context<'_>) -> Poll<Result<Finished, String>> {
        while !self.tasks.is_empty() {
            match ready!(self.tasks.poll_join_next_with_id(cx)) {
                None => break,
                Some(Ok((task, finished))) => {
                    if self.forget(task).is_some() {
                        return Poll::Ready(Ok(finished));
                    }
                }
                Some(Err(error)) => {
                    if let Some(id) = self.forget(error.id()) {
                        return Poll::Ready(Err(id));
                    }
                }
            }
        }
        Poll::Pending
    }

    /// The next one to end.
    pub(super) async fn finished(&mut self) -> Result<Finished, String> {
        std::future::poll_fn(|cx| self.poll_finished(cx)).await
    }

    /// Which operation a task ran for; none where it was stopped, also when its id is in use again.
    fn forget(&mut self, task: task::Id) -> Option<String> {
        let mut running = self.running.iter();
        let id = running.find(|(_, running)| running.handle.id() == task).map(|(id, _)| id.clone())?;
        self.running.remove(&id);
        if self.running.is_empty() {
            // Mostly nothing runs: then it takes no room.
            self.running = HashMap::new();
        }
        Some(id)
    }

    /// Ids of all that is open, subscriptions to events apart.
    pub(super) fn ids(&self) -> impl Iterator<Item = &str> {
        let of_session = self.of_session.iter().map(|subscription| subscription.id.as_str());
        let held = self.held.iter().map(|(id, _)| id.as_str());
        self.running.keys().map(String::as_str).chain(held).chain(of_session)
    }
}

/// A document with the operation that a request runs.
pub(super) fn operation_of<'a>(
    document: &'a ExecutableDocument,
    name: Option<&str>,
) -> Option<&'a async_graphql::parser::types::OperationDefinition> {
    let mut operations = document.operations.iter();
    let chosen = match name {
        Some(name) => operations.find(|(own, _)| own.is_some_and(|own| own.as_str() == name)),
        None => operations.next(),
    };
    chosen.map(|(_, operation)| &operation.node)
}
