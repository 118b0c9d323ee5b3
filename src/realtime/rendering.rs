//! One subscription's document at work: events in, answers out, one for one.
//!
//! Never knows for whom: what it renders depends on the document, its variables and the permissions that come with
//! each event, so that one rendering can serve all who share these.

use async_graphql::{Request, Response, ServerError};
use futures_util::StreamExt;
use futures_util::stream::BoxStream;

use crate::graphql::errors::TopLevelError;
use crate::graphql::events::{Feeder, source};
use crate::primitives::cursor::EventCursor;

pub(super) struct Rendering<T> {
    answers: BoxStream<'static, Response>,
    feeder: Feeder<T>,
    /// Whoever asked last went away before the answer was there.
    owes_answer: bool,
}

impl<T: Send + 'static> Rendering<T> {
    /// Validates and starts the document; says after which place it wants to begin.
    pub(super) async fn start(
        request: Request,
        subscribe: impl FnOnce(Request) -> BoxStream<'static, Response>,
    ) -> Result<(Self, Option<EventCursor>), Vec<ServerError>> {
        let (request, mut feeder) = source(request);
        let mut answers = subscribe(request);
        tokio::select! {
            biased;
            Ok(after) = &mut feeder.begun => Ok((Self { answers, feeder, owes_answer: false }, after)),
            // Before anything was fed, only a refusal can come.
            answer = answers.next() => Err(refusal(answer)),
        }
    }

    /// Renders one item. Whoever stops waiting leaves an answer behind that nobody else gets.
    pub(super) async fn render(&mut self, item: T) -> Response {
        if self.owes_answer {
            self.answers.next().await;
            self.owes_answer = false;
        }
        let fed = self.feeder.items.try_send(item).is_ok();
        self.owes_answer = fed;
        let answer = if fed { self.answers.next().await } else { None };
        self.owes_answer = false;
        answer.unwrap_or_else(|| TopLevelError::internal("a subscription ended by itself").into_response())
    }
}

fn refusal(answer: Option<Response>) -> Vec<ServerError> {
    let errors = answer.map(|answer| answer.errors).unwrap_or_default();
    if errors.is_empty() {
        return TopLevelError::internal("a subscription answered before it began").into_response().errors;
    }
    errors
}
