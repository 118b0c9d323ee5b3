//! Answers that tell the schema: long ones, which a stranger may have for a line. So few exist at a time, each until its
//! client has taken it.
//!
//! Never counts what is asked of the rooms.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::graphql::document::Chosen;
use crate::graphql::errors::TopLevelError;

const ANSWERS_MAX: usize = 8;
/// How long to wait for a place, and when to ask again without one.
const PATIENCE: Duration = Duration::from_secs(5);

/// Places for them. Clones share them.
#[derive(Clone)]
pub(super) struct SchemaAnswers(Arc<Semaphore>);

impl SchemaAnswers {
    pub(super) fn new() -> Self {
        Self(Arc::new(Semaphore::new(ANSWERS_MAX)))
    }

    /// A place, where one is needed.
    pub(super) async fn place(&self, chosen: &Chosen) -> Result<Option<OwnedSemaphorePermit>, TopLevelError> {
        if !chosen.introspects() {
            return Ok(None);
        }
        let place = timeout(PATIENCE, Arc::clone(&self.0).acquire_owned()).await;
        place
            .ok()
            .and_then(Result::ok)
            .map(Some)
            .ok_or_else(|| TopLevelError::schema_in_demand(PATIENCE.as_secs()))
    }
}

/// A body that gives its place back when the last of it was written, or the client has gone.
pub(super) fn body(text: String, place: Option<OwnedSemaphorePermit>) -> Body {
    match place {
        None => Body::from(text),
        Some(place) => Body::from(Bytes::from_owner(Held { text, _place: place })),
    }
}

struct Held {
    text: String,
    _place: OwnedSemaphorePermit,
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        self.text.as_bytes()
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::types::OperationType;
    use futures_util::FutureExt;

    use super::*;

    fn chosen(field: &str) -> Chosen {
        Chosen { kind: OperationType::Query, root_fields: vec!["viewer".to_owned(), field.to_owned()] }
    }

    #[tokio::test]
    async fn an_answer_that_tells_the_schema_holds_its_place_until_it_is_taken() {
        let answers = SchemaAnswers::new();
        let place = |field: &str| answers.place(&chosen(field)).now_or_never();
        let take = |field: &str| place(field).expect("at once").expect("a place").expect("one is needed");
        let mut bodies: Vec<_> =
            (0..ANSWERS_MAX).map(|_| body("x".to_owned(), Some(take("__schema")))).collect();
        assert!(place("__type").is_none(), "it waits");
        assert!(matches!(place("workspace"), Some(Ok(None))), "what tells no schema needs none");
        bodies.pop();
        drop(take("__type"));
    }
}
