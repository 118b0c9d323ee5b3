//! Errors of a mutation that has had its effect: what was asked back with it could not be read any more.
//!
//! Never lets such an error be called retryable: whoever sends the request again would do it twice.

use async_graphql::parser::types::OperationType;
use async_graphql::{Request, Response, Value};

use super::document::Chosen;

/// Is it a mutation?
pub(super) fn is_mutation(request: &Request) -> bool {
    let chosen = request.data.get(&std::any::TypeId::of::<Chosen>());
    chosen
        .and_then(|chosen| chosen.downcast_ref::<Chosen>())
        .is_some_and(|chosen| chosen.kind == OperationType::Mutation)
}

/// Takes a mutation's answer before it is completed: as long as a root field that failed is left out of it.
pub(super) fn forbid_retries(response: &mut Response) {
    let answered = matches!(&response.data, Value::Object(fields) if !fields.is_empty());
    // An error below a root field: the field itself was decided, even where nothing is left of its payload.
    if !answered && response.errors.iter().all(|error| error.path.len() < 2) {
        return;
    }
    for error in &mut response.errors {
        error.extensions.get_or_insert_default().set("retryable", false);
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::{EmptySubscription, Object, Schema};

    use super::*;
    use crate::graphql::errors::{self, TopLevelError};
    use crate::primitives::request::RequestId;

    struct Payload;

    #[Object]
    impl Payload {
        async fn cursor(&self) -> &str {
            "1"
        }

        async fn member(&self) -> async_graphql::Result<Option<i32>> {
            Err(TopLevelError::unavailable().into())
        }

        async fn required(&self) -> async_graphql::Result<i32> {
            Err(TopLevelError::unavailable().into())
        }
    }

    struct Root;

    #[Object]
    impl Root {
        async fn done(&self) -> Payload {
            Payload
        }

        async fn refused(&self) -> async_graphql::Result<Payload> {
            Err(TopLevelError::unavailable().into())
        }
    }

    /// What each error says of trying again.
    async fn retryable(document: &str) -> Vec<bool> {
        let schema = Schema::new(Root, Root, EmptySubscription);
        let mut response = schema.execute(document).await;
        forbid_retries(&mut response);
        let response = errors::finish(response, &RequestId::mint(), true);
        let said = response.errors.iter().map(|error| {
            let extensions = error.extensions.as_ref().expect("finished");
            extensions.get("retryable") == Some(&Value::from(true))
        });
        said.collect()
    }

    #[tokio::test]
    async fn only_a_mutation_of_which_nothing_was_done_may_be_tried_again() {
        assert_eq!(retryable("mutation { refused { cursor } }").await, [true]);
        assert_eq!(retryable("mutation { done { cursor member } }").await, [false]);
        assert_eq!(retryable("mutation { done { member } }").await, [false]);
        assert_eq!(retryable("mutation { done { cursor required } }").await, [false]);
        assert_eq!(retryable("mutation { done { cursor } refused { cursor } }").await, [false]);
    }
}
