//! `/graphql`: queries and mutations over HTTP, and the way to a socket.
//!
//! Never runs what wasn't checked, and never asks the database on behalf of a request that can't be run.

use std::any::TypeId;
use std::sync::Arc;

use async_graphql::parser::types::OperationType;
use async_graphql::{Request, Response};
use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::Method;
use axum::http::header::{HeaderMap, HeaderName};
use axum::http::request::Parts;
use tokio::sync::OwnedSemaphorePermit;

use super::credentials::Credential;
use super::refusal::HttpRefusal;
use super::schema_answers::SchemaAnswers;
use super::{Arrival, HttpEdge, answer, cookies, credentials, negotiate, request, socket};
use crate::access::Refusal;
use crate::graphql::caller::Caller;
use crate::graphql::document::{Chosen, DocumentFault, DocumentRefusal};
use crate::graphql::tokens::{Jar, TokenDelivery};
use crate::primitives::idempotency::{IdempotencyKey, KEY_CHARS_MAX};
use crate::primitives::secret::Secret;

pub(super) const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

pub(super) async fn serve(
    State(edge): State<Arc<HttpEdge>>,
    Extension(arrival): Extension<Arrival>,
    Extension(schema_answers): Extension<SchemaAnswers>,
    request: axum::extract::Request,
) -> axum::response::Response {
    let (parts, body) = request.into_parts();
    if socket::is_wanted(&parts) {
        return socket::upgrade(&edge, arrival, parts).await;
    }
    answered(&edge, &schema_answers, &arrival, (parts, body)).await
}

async fn answered(
    edge: &HttpEdge,
    schema_answers: &SchemaAnswers,
    arrival: &Arrival,
    (parts, body): (Parts, Body),
) -> axum::response::Response {
    let limits = &edge.document_bounds.limits;
    let media = match negotiate::accepted(&parts.headers) {
        Ok(media) => media,
        Err(refusal) => {
            return answer::refuse(refusal, negotiate::Media::Json, &arrival.request_id, limits);
        }
    };
    match run(edge, schema_answers, arrival, (&parts, body)).await {
        Ok(Ran { response, jar, place }) => {
            let mut answer = answer::answer(response, media, &arrival.request_id, limits, place);
            if let Some(jar) = jar {
                cookies::write(&jar, answer.headers_mut());
            }
            answer
        }
        Err(refusal) => answer::refuse(refusal, media, &arrival.request_id, limits),
    }
}

/// What came of a request, and what becomes of the client's cookies.
struct Ran {
    response: Response,
    jar: Option<Jar>,
    /// Of an answer that there may not be many of at a time.
    place: Option<OwnedSemaphorePermit>,
}

/// From the cheapest check to the dearest. A document that is refused is an answer of GraphQL, not of HTTP.
async fn run(
    edge: &HttpEdge,
    schema_answers: &SchemaAnswers,
    arrival: &Arrival,
    (parts, body): (&Parts, Body),
) -> Result<Ran, HttpRefusal> {
    let is_get = parts.method == Method::GET;
    if !is_get && parts.method != Method::POST {
        return Err(HttpRefusal::method("send a POST, or a GET for queries", "GET, POST"));
    }
    if !is_get {
        negotiate::check_body(&parts.headers)?;
    }
    let key = idempotency_key(&parts.headers)?;
    let Credential { secret, jar } = credentials::read(&parts.headers, &edge.origins, !is_get)?;
    let request = if is_get {
        request::from_url(&parts.uri)?
    } else {
        request::from_body(&parts.headers, body, &edge.limits).await?
    };
    let (request, chosen) = match checked(edge, request) {
        Ok(checked) => checked,
        Err(refusal) => {
            let response = Response::from_errors(vec![refused(refusal)]);
            return Ok(Ran { response, jar: None, place: None });
        }
    };
    if is_get && chosen.kind != OperationType::Query {
        return Err(HttpRefusal::method("a GET runs queries alone; send this by POST", "POST"));
    }
    let place = schema_answers.place(&chosen).await?;
    let mut request = request.data(arrival.client.clone()).data(arrival.request_id.clone()).data(chosen);
    if let Some(jar) = &jar {
        request = request.data(TokenDelivery::Jar(jar.clone()));
    }
    if let Some(key) = key {
        request = request.data(key);
    }
    let kind = secret.as_ref().map(Secret::kind);
    let request = edge.authenticate.authenticate(secret, request).await?;
    // A script can't take away what has ended, and would be kept from the other session by it.
    if let (Some(jar), Some(kind), true) = (&jar, kind, is_dead(&request)) {
        jar.drop_session(kind);
    }
    Ok(Ran { response: edge.execute.execute(request).await, jar, place })
}

/// Did it come with a credential that holds no more, or never did?
fn is_dead(request: &Request) -> bool {
    let caller = request.data.get(&TypeId::of::<Caller>()).and_then(|caller| caller.downcast_ref::<Caller>());
    caller.is_some_and(|caller| matches!(caller.credential, Err(Refusal::Ended(_) | Refusal::Unknown)))
}

/// What the client names the call by, if it does (LIF-6).
fn idempotency_key(headers: &HeaderMap) -> Result<Option<IdempotencyKey>, HttpRefusal> {
    let mut values = headers.get_all(IDEMPOTENCY_KEY).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let key = value.to_str().ok().filter(|_| values.next().is_none()).and_then(IdempotencyKey::parse);
    key.map(Some).ok_or_else(|| {
        HttpRefusal::malformed(format!(
            "`Idempotency-Key` is one word of 1 to {KEY_CHARS_MAX} visible characters"
        ))
    })
}

fn checked(edge: &HttpEdge, mut request: Request) -> Result<(Request, Chosen), DocumentRefusal> {
    let parsed = edge.document_bounds.check(&request.query)?;
    let chosen = parsed.choose(request.operation_name.as_deref())?;
    if chosen.kind == OperationType::Subscription {
        let message = "subscriptions travel over a WebSocket on this path, in graphql-transport-ws";
        return Err(DocumentRefusal {
            fault: DocumentFault::Invalid,
            message: message.into(),
            locations: Vec::new(),
        });
    }
    request.set_parsed_query(parsed.into_document());
    Ok((request, chosen))
}

fn refused(refusal: DocumentRefusal) -> async_graphql::ServerError {
    crate::graphql::errors::TopLevelError::from(refusal).into()
}
