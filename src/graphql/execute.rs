//! Running a request: the loaders that it needs, and what is added to its errors before they leave.
//!
//! Never checks who is calling; the edges did.

use std::any::TypeId;
use std::sync::Arc;
use std::time::Duration;

use async_graphql::dataloader::DataLoader;
use async_graphql::{Request, Response, ServerError, Value};
use tokio::runtime::Handle;
use tokio::sync::Semaphore;

use super::again::{self, ATTEMPTS_MAX, Mutation, was_overtaken};
use super::assets::AssetShares;
use super::billing::{DeletionQuotes, SeatQuotes};
use super::complete::{Asked, Completion};
use super::connection::NestedPages;
use super::contacts::Contacts;
use super::decided::{forbid_retries, is_mutation};
use super::document::Chosen;
use super::errors::{SessionEnded, TopLevelError};
use super::guards::Guards;
use super::invitations::{OpenInvitations, PromisedRoles};
use super::keyed::{self, Secretive};
use super::member_loader::VisibleMembers;
use super::members::NamesInAnswer;
use super::members::loaders::{Assignments, Attempts, Notes, Requests, Sights};
use super::outcome::end_message;
use super::schema::{RollcallSchema, definitions};
use crate::access::answers::KeyLimit;
use crate::access::{Gate, SessionEnd};

/// How long a loader waits for more to load at once. A debug build needs a millisecond from one row to the next.
const GATHERED_FOR: Duration = Duration::from_millis(if cfg!(debug_assertions) { 8 } else { 1 });

fn loader<L>(load: L) -> DataLoader<L> {
    DataLoader::new(load, tokio::spawn).delay(GATHERED_FOR)
}

/// Runs requests against the schema. Clones share everything.
#[derive(Clone)]
pub struct Executor {
    schema: RollcallSchema,
    contacts: Contacts,
    completion: Arc<Completion>,
    secretive: Arc<Secretive>,
    guards: Arc<Guards>,
    key_limit: KeyLimit,
    /// Whose turn it is to be told the schema.
    introspection: Arc<Semaphore>,
}

impl Executor {
    pub fn new(schema: RollcallSchema, contacts: Contacts, key_limit: KeyLimit) -> Self {
        let (completion, secretive) = (Completion::of(definitions()), Secretive::of(definitions()));
        let (completion, secretive) = (Arc::new(completion), Arc::new(secretive));
        let (guards, introspection) = (Arc::new(Guards::of(definitions())), Arc::new(Semaphore::new(1)));
        Self { schema, contacts, completion, secretive, guards, key_limit, introspection }
    }

    pub(super) const fn gate(&self) -> &Gate {
        self.contacts.gate()
    }

    pub(super) fn secretive(&self) -> &Secretive {
        &self.secretive
    }

    pub(super) fn guards(&self) -> &Guards {
        &self.guards
    }

    pub(super) const fn key_limit(&self) -> KeyLimit {
        self.key_limit
    }

    pub const fn schema(&self) -> &RollcallSchema {
        &self.schema
    }

    /// A loader lives as long as its request: what it has read is as old as the request at most.
    pub fn prepare(&self, request: Request) -> Request {
        request
            .data(loader(Assignments))
            .data(loader(Attempts))
            .data(loader(Notes))
            .data(loader(Requests))
            .data(loader(NamesInAnswer(self.contacts.gate().clone())))
            .data(loader(Sights))
            .data(loader(SeatQuotes))
            .data(loader(DeletionQuotes))
            .data(NestedPages::default())
            .data(loader(VisibleMembers))
            .data(loader(AssetShares))
            .data(loader(OpenInvitations))
            .data(loader(PromisedRoles))
    }

    /// Runs a query or a mutation; under an idempotency key, where the client named one.
    pub async fn execute(&self, request: Request) -> Response {
        match keyed::key_of(&request) {
            None => self.run(request).await,
            Some(key) => {
                let mut response = keyed::run(self, request, key).await;
                self.name_contacts(&mut response.errors).await;
                response
            }
        }
    }

    /// Runs it now.
    pub(super) async fn run(&self, request: Request) -> Response {
        if lifts_many(&request) {
            let message = "one request lifts one block at most; send one request for each member";
            return TopLevelError::bad_input("unblockMember", message).into_response();
        }
        let asked = Asked {
            query: request.query.clone(),
            operation: request.operation_name.clone(),
            variables: request.variables.clone(),
        };
        let mutates = is_mutation(&request);
        let mut response = self.insist(request).await;
        if mutates {
            forbid_retries(&mut response);
        }
        self.completion.complete(&mut response, &asked);
        self.name_contacts(&mut response.errors).await;
        response
    }

    /// Runs it, and once more where it lost against another transaction and changed nothing.
    async fn insist(&self, request: Request) -> Response {
        let mutation = Mutation::of(&request);
        let mut response = self.run_once(request).await;
        let Some(mutation) = mutation else { return response };
        for attempt in 1..ATTEMPTS_MAX {
            if !was_overtaken(&response) {
                break;
            }
            again::pause(attempt).await;
            response = self.run_once(mutation.request()).await;
        }
        response
    }

    /// What asks for the schema itself never waits for anything and would hold a worker of the runtime from its first field
    /// to its last: that runs on a thread of its own, one at a time.
    async fn run_once(&self, request: Request) -> Response {
        let request = self.prepare(request);
        if !chosen(&request).is_some_and(Chosen::introspects) {
            return self.schema.execute(request).await;
        }
        let turn = Arc::clone(&self.introspection).acquire_owned().await;
        let (schema, runtime) = (self.schema.clone(), Handle::current());
        let running = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            runtime.block_on(schema.execute(request))
        });
        running.await.unwrap_or_else(|error| TopLevelError::internal(error.to_string()).into_response())
    }

    /// Whoever was put out learns whom to turn to, also when they missed the socket (BLK-2).
    pub async fn name_contacts(&self, errors: &mut [ServerError]) {
        for error in errors {
            let Some(end) = error.source::<SessionEnd>().copied() else { continue };
            let ended = self.ended(end).await;
            let named: ServerError = TopLevelError::unauthenticated(Some(&ended)).into();
            let value = named.extensions.and_then(|extensions| extensions.get("sessionEnd").cloned());
            error.extensions.get_or_insert_default().set("sessionEnd", value.unwrap_or(Value::Null));
            error.source = None;
        }
    }

    /// The end of a session, with the workspace's contact where there is one.
    pub async fn ended(&self, end: SessionEnd) -> SessionEnded {
        let contact = match end.workspace {
            Some(workspace) => self.contacts.find(workspace).await,
            None => None,
        };
        SessionEnded { cause: end.cause, message: end_message(end.cause).to_owned(), contact }
    }
}

/// An admin's own hand lifts one block at a time (rules.md, section 1, "origin").
fn lifts_many(request: &Request) -> bool {
    chosen(request)
        .is_some_and(|chosen| chosen.root_fields.iter().filter(|field| *field == "unblockMember").count() > 1)
}

fn chosen(request: &Request) -> Option<&Chosen> {
    request.data.get(&TypeId::of::<Chosen>())?.downcast_ref()
}
