//! Running a mutation again that lost against another transaction: the database gave up on it, nothing was changed, and
//! nobody outside need know.
//!
//! Never runs one again whose outcome isn't known, nor a document with other root fields beside it that took effect.

use std::any::{Any, TypeId};
use std::time::Duration;

use async_graphql::parser::types::OperationType;
use async_graphql::{Request, Response, Variables};

use super::caller::Caller;
use super::document::Chosen;
use super::tokens::TokenDelivery;
use crate::access::Gate;
use crate::primitives::request::{Client, RequestId};

/// How often a mutation is tried at most.
pub(super) const ATTEMPTS_MAX: u32 = 4;
const PAUSE: Duration = Duration::from_millis(10);

/// Beside an error: the operation lost against another transaction and changed nothing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Overtaken;

/// A mutation, as it was asked.
pub(super) struct Mutation {
    query: String,
    operation: Option<String>,
    variables: Variables,
    caller: Option<Caller>,
    chosen: Option<Chosen>,
    client: Option<Client>,
    request_id: Option<RequestId>,
    /// Where a token goes that it makes: a second try must not put into the payload what belongs into a cookie.
    delivery: Option<TokenDelivery>,
    /// Of a run under an idempotency key.
    gate: Option<Gate>,
}

fn told<T: Any + Clone>(request: &Request) -> Option<T> {
    request.data.get(&TypeId::of::<T>()).and_then(|told| told.downcast_ref::<T>()).cloned()
}

impl Mutation {
    /// Keeps what it takes to ask once more; none where that can't be.
    pub(super) fn of(request: &Request) -> Option<Self> {
        let chosen: Chosen = told(request)?;
        let alone = chosen.kind == OperationType::Mutation && chosen.root_fields.len() == 1;
        alone.then(|| Self {
            query: request.query.clone(),
            operation: request.operation_name.clone(),
            variables: request.variables.clone(),
            caller: told(request),
            client: told(request),
            request_id: told(request),
            delivery: told(request),
            gate: told(request),
            chosen: Some(chosen),
        })
    }

    pub(super) fn request(&self) -> Request {
        let mut request = Request::new(&self.query).variables(self.variables.clone());
        request.operation_name = self.operation.clone();
        if let Some(caller) = &self.caller {
            request = request.data(caller.clone());
        }
        if let Some(chosen) = &self.chosen {
            request = request.data(chosen.clone());
        }
        if let Some(client) = &self.client {
            request = request.data(client.clone());
        }
        if let Some(request_id) = &self.request_id {
            request = request.data(request_id.clone());
        }
        if let Some(delivery) = &self.delivery {
            request = request.data(delivery.clone());
        }
        if let Some(gate) = &self.gate {
            request = request.data(gate.clone());
        }
        request
    }
}

/// Did the one operation in it lose?
pub(super) fn was_overtaken(response: &Response) -> bool {
    response.errors.iter().any(|error| error.source::<Overtaken>().is_some())
}

/// Gives the winner time to end.
pub(super) async fn pause(attempt: u32) {
    tokio::time::sleep(PAUSE * attempt).await;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graphql::tokens::Jar;

    /// SES-2: a token that belongs into a cookie is in no payload, however often the mutation is tried.
    #[test]
    fn ses_2_a_second_try_hands_tokens_over_as_the_first_would_have() {
        let chosen =
            Chosen { kind: OperationType::Mutation, root_fields: vec!["acceptInvitation".to_owned()] };
        let first = Request::new("mutation { x }").data(chosen).data(TokenDelivery::Jar(Jar::default()));
        let second = Mutation::of(&first).expect("it may be tried again").request();
        assert!(matches!(told::<TokenDelivery>(&second), Some(TokenDelivery::Jar(_))));
    }
}
