//! The endpoints over a real router: credentials, limits, status codes.

use std::sync::Mutex;

use async_graphql::{EmptySubscription, Object, Schema, SimpleObject};
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request as HttpRequest, StatusCode};
use serde_json::{Value, json};
use tower::ServiceExt;

use super::*;
use crate::config::DocumentLimits;
use crate::graphql::document::Chosen;
use crate::primitives::actor::EndCause;
use crate::primitives::request::Client;
use crate::primitives::secret::SecretKind;

struct Query;

#[Object]
impl Query {
    async fn hello(&self, name: Option<String>) -> String {
        format!("hello {}", name.unwrap_or_default())
    }

    async fn down(&self) -> async_graphql::Result<i32> {
        Err(TopLevelError::unavailable().into())
    }

    async fn unsure(&self) -> async_graphql::Result<Option<i32>> {
        Err(TopLevelError::forbidden("not you").into())
    }
}

struct Mutation;

#[derive(SimpleObject)]
struct Done {
    done: bool,
}

#[Object]
impl Mutation {
    async fn act(&self) -> Done {
        Done { done: true }
    }
}

/// What the gate was told of one request.
type Asked = (Option<SecretKind>, Client, Chosen);

/// A gate that counts who asks, and an executor over a small schema.
#[derive(Clone)]
struct House {
    schema: Schema<Query, Mutation, EmptySubscription>,
    refusal: Option<TopLevelError>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Authenticate for House {
    fn authenticate(
        &self,
        secret: Option<Secret>,
        request: Request,
    ) -> BoxFuture<'_, Result<Request, TopLevelError>> {
        let client =
            request.data.get(&std::any::TypeId::of::<Client>()).and_then(|client| client.downcast_ref());
        let chosen =
            request.data.get(&std::any::TypeId::of::<Chosen>()).and_then(|chosen| chosen.downcast_ref());
        let (client, chosen) = (Client::clone(client.expect("told")), Chosen::clone(chosen.expect("told")));
        self.asked.lock().expect("whole").push((secret.map(|secret| secret.kind()), client, chosen));
        Box::pin(async { self.refusal.clone().map_or(Ok(request), Err) })
    }
}

impl Exports for House {
    fn page<'a>(
        &'a self,
        _secret: &'a Secret,
        _request: &'a crate::audit::ExportRequest,
    ) -> BoxFuture<'a, Result<crate::audit::ExportPage, TopLevelError>> {
        Box::pin(async { Err(TopLevelError::forbidden("not you")) })
    }
}

impl Execute for House {
    fn execute(&self, request: Request) -> BoxFuture<'_, Response> {
        Box::pin(self.schema.execute(request))
    }
}

impl Sockets for House {
    fn serve(&self, socket: Upgraded, _arrival: Arrival) -> BoxFuture<'static, ()> {
        Box::pin(socket::close(socket, 4400, "reached"))
    }
}

fn house() -> House {
    let schema = Schema::new(Query, Mutation, EmptySubscription);
    House { schema, refusal: None, asked: Arc::default() }
}

fn edge(house: &House) -> HttpEdge {
    HttpEdge {
        authenticate: Arc::new(house.clone()),
        execute: Arc::new(house.clone()),
        sockets: Arc::new(house.clone()),
        exports: Arc::new(house.clone()),
        readiness: Arc::new(|| Ok(())),
        telemetry: Arc::default(),
        limits: HttpLimits::default(),
        document_bounds: Arc::new(DocumentBounds::new(DocumentLimits::default())),
        origins: Origins::default(),
        trust_forwarded_for: false,
        graphiql: true,
        cors_origins: Vec::new(),
    }
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    text: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).expect(&self.text)
    }

    fn code(&self) -> String {
        self.json()["errors"][0]["extensions"]["code"].as_str().expect("a code").to_owned()
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("text"))
    }
}

async fn send(edge: HttpEdge, request: HttpRequest<Body>) -> Answer {
    let response = router(edge).oneshot(request).await.expect("always answers");
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.expect("a body");
    let text = String::from_utf8(bytes.to_vec()).expect("UTF-8");
    Answer { status: parts.status, headers: parts.headers, text }
}

fn post(body: impl Into<Body>, headers: &[(&str, &str)]) -> HttpRequest<Body> {
    let mut request = HttpRequest::post("/graphql");
    if !headers.iter().any(|(name, _)| *name == "content-type") {
        request = request.header("content-type", "application/json");
    }
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    request.body(body.into()).expect("a request")
}

fn ask(query: &str, headers: &[(&str, &str)]) -> HttpRequest<Body> {
    post(json!({ "query": query }).to_string(), headers)
}

fn get_request(path: &str) -> HttpRequest<Body> {
    HttpRequest::get(path).body(Body::empty()).expect("a request")
}

const OLD: (&str, &str) = ("accept", "application/json");

#[tokio::test]
async fn a_query_is_answered_in_the_media_type_that_was_asked_for() {
    let body = json!({
        "query": "query A($n: String) { hello(name: $n) } query B { hello }",
        "operationName": "A", "variables": { "n": "Ada" }, "extensions": {},
    });
    let answer = send(edge(&house()), post(body.to_string(), &[])).await;
    assert_eq!((answer.status, answer.json()), (StatusCode::OK, json!({ "data": { "hello": "hello Ada" } })));
    assert_eq!(answer.header("content-type"), "application/graphql-response+json; charset=utf-8");
    assert_eq!(answer.header("cache-control"), "no-store");
    let answer = send(edge(&house()), ask("{ hello }", &[OLD])).await;
    assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");
}

#[tokio::test]
async fn a_get_runs_queries_alone() {
    let answer = send(edge(&house()), get_request("/graphql?query=query+Q($n:String)%7Bhello(name:$n)%7D&operationName=Q&variables=%7B%22n%22:%22Ada%22%7D")).await;
    assert_eq!(answer.json()["data"]["hello"], "hello Ada", "{}", answer.text);
    let answer = send(edge(&house()), get_request("/graphql?query=mutation%7Bact%7Bdone%7D%7D")).await;
    assert_eq!((answer.status, answer.header("allow")), (StatusCode::METHOD_NOT_ALLOWED, "POST"));
    let answer = send(edge(&house()), get_request("/graphql?query=%7Bhello%7D&variables=5")).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    let answer = send(edge(&house()), get_request("/graphql")).await;
    assert_eq!((answer.status, answer.code().as_str()), (StatusCode::BAD_REQUEST, "BAD_REQUEST"));
}

#[tokio::test]
async fn the_status_tells_what_became_of_a_request() {
    let invalid =
        ["{", "{ nothing }", "{ hello(name: 5) }", "subscription { x }", "{...f} fragment f on Query{...f}"];
    for query in invalid {
        let answer = send(edge(&house()), ask(query, &[])).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{query}");
        assert!(answer.json().get("data").is_none(), "{}", answer.text);
        assert_eq!(send(edge(&house()), ask(query, &[OLD])).await.status, StatusCode::OK, "{query}");
    }
    let partly = send(edge(&house()), ask("{ hello unsure }", &[])).await;
    assert_eq!((partly.status, partly.code().as_str()), (StatusCode::OK, "FORBIDDEN"));
    let down = send(edge(&house()), ask("{ down }", &[])).await;
    assert_eq!((down.status, down.code().as_str()), (StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE"));
    assert_eq!((down.json()["data"].clone(), down.header("retry-after")), (Value::Null, "1"));
}

#[tokio::test]
async fn what_is_no_graphql_request_is_refused_by_http() {
    let big = format!("{{\"query\": \"{}\"}}", "x".repeat(70_000));
    for (request, status) in [
        (post("{}", &[("content-type", "text/plain")]), StatusCode::UNSUPPORTED_MEDIA_TYPE),
        (ask("{ hello }", &[("accept", "text/event-stream")]), StatusCode::NOT_ACCEPTABLE),
        (post("{", &[]), StatusCode::BAD_REQUEST),
        (post("\u{0}", &[]), StatusCode::BAD_REQUEST),
        (post("{}", &[]), StatusCode::BAD_REQUEST),
        (post("{\"query\": 5}", &[]), StatusCode::BAD_REQUEST),
        (post("{\"query\": \"{hello}\", \"variables\": []}", &[]), StatusCode::BAD_REQUEST),
        (post(" [{\"query\": \"{hello}\"}]", &[]), StatusCode::BAD_REQUEST),
        (post(format!("{{\"variables\": {}", "[".repeat(60_000)), &[]), StatusCode::BAD_REQUEST),
        (post(big.clone(), &[]), StatusCode::PAYLOAD_TOO_LARGE),
        (post(Body::from_stream(pieces(big)), &[OLD]), StatusCode::PAYLOAD_TOO_LARGE),
        (post("", &[("content-length", "99999999")]), StatusCode::PAYLOAD_TOO_LARGE),
    ] {
        let shown = format!("{request:?}");
        let house = house();
        let answer = send(edge(&house), request).await;
        assert_eq!((answer.status, answer.code().as_str()), (status, "BAD_REQUEST"), "{shown}");
        assert!(house.asked.lock().expect("whole").is_empty(), "{shown}");
    }
    let delete =
        HttpRequest::builder().method(Method::DELETE).uri("/graphql").body(Body::empty()).expect("a request");
    let answer = send(edge(&house()), delete).await;
    assert_eq!((answer.status, answer.header("allow")), (StatusCode::METHOD_NOT_ALLOWED, "GET, POST"));
    assert_eq!(send(edge(&house()), get_request("/nothing")).await.status, StatusCode::NOT_FOUND);
}

fn pieces(text: String) -> impl futures_util::Stream<Item = Result<Vec<u8>, std::io::Error>> {
    let pieces: Vec<_> = text.into_bytes().chunks(1000).map(|piece| Ok(piece.to_vec())).collect();
    futures_util::stream::iter(pieces)
}

#[tokio::test]
async fn a_body_that_does_not_come_is_not_waited_for() {
    let never = futures_util::stream::pending::<Result<Vec<u8>, std::io::Error>>();
    let limits = HttpLimits { body_seconds_max: 0, ..HttpLimits::default() };
    let answer = send(HttpEdge { limits, ..edge(&house()) }, post(Body::from_stream(never), &[])).await;
    assert_eq!(answer.status, StatusCode::REQUEST_TIMEOUT);
}

#[tokio::test]
async fn a_stranger_does_not_reach_the_database() {
    let house = house();
    let secret = Secret::mint(SecretKind::WorkspaceSession);
    let typo = format!("Bearer {}x", secret.reveal());
    let link = format!("Bearer {}", Secret::mint(SecretKind::InvitationLink).reveal());
    for token in [typo.as_str(), link.as_str(), "Basic YTpi"] {
        let answer = send(edge(&house), ask("{ hello }", &[("authorization", token), OLD])).await;
        assert_eq!((answer.status, answer.code().as_str()), (StatusCode::UNAUTHORIZED, "UNAUTHENTICATED"));
        assert_eq!(answer.header("www-authenticate"), "Bearer");
    }
    let bomb = "{...a}fragment a on Query{...b ...b}fragment b on Query{...a}";
    assert_eq!(send(edge(&house), ask(bomb, &[])).await.status, StatusCode::BAD_REQUEST);
    assert!(house.asked.lock().expect("whole").is_empty());

    // A token in the URL is no credential.
    let in_url = format!("/graphql?query=%7Bhello%7D&authorization=Bearer+{0}&token={0}", secret.reveal());
    assert_eq!(send(edge(&house), get_request(&in_url)).await.status, StatusCode::OK);
    let token = format!("Bearer {}", secret.reveal());
    send(edge(&house), ask("mutation { a: act { done } b: act { done } }", &[("authorization", &token)]))
        .await;
    let asked = house.asked.lock().expect("whole");
    assert_eq!((asked[0].0, asked[1].0), (None, Some(SecretKind::WorkspaceSession)));
    assert_eq!(asked[1].2.root_fields, ["act", "act"]);
}

#[tokio::test]
async fn a_refused_credential_refuses_the_request_with_its_status() {
    use crate::graphql::errors::SessionEnded;
    let ended = SessionEnded { cause: EndCause::Blocked, message: "blocked".into(), contact: None };
    for (refusal, status) in [
        (TopLevelError::unauthenticated(Some(&ended)), StatusCode::UNAUTHORIZED),
        (TopLevelError::unavailable(), StatusCode::SERVICE_UNAVAILABLE),
    ] {
        for headers in [&[][..], &[OLD]] {
            let house = House { refusal: Some(refusal.clone()), ..house() };
            let answer = send(edge(&house), ask("{ hello }", headers)).await;
            assert_eq!(answer.status, status);
            assert!(answer.json().get("data").is_none());
        }
    }
    let house = House { refusal: Some(TopLevelError::unauthenticated(Some(&ended))), ..house() };
    let answer = send(edge(&house), ask("{ hello }", &[])).await;
    assert_eq!(answer.json()["errors"][0]["extensions"]["sessionEnd"]["cause"], "BLOCKED");
}

#[tokio::test]
async fn every_answer_carries_the_requests_id_and_the_careful_headers() {
    let answer = send(edge(&house()), ask("{", &[("x-request-id", "trace-7")])).await;
    assert_eq!(answer.header("x-request-id"), "trace-7");
    assert_eq!(answer.json()["errors"][0]["extensions"]["requestId"], "trace-7");
    let answer = send(edge(&house()), ask("{", &[("x-request-id", "a b<script>")])).await;
    assert_eq!(answer.json()["errors"][0]["extensions"]["requestId"], answer.header("x-request-id"));
    for path in ["/graphql", "/healthz", "/graphiql", "/nothing"] {
        let answer = send(edge(&house()), get_request(path)).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert!(answer.header("content-security-policy").starts_with("default-src 'none'"), "{path}");
        assert!(!answer.header("x-request-id").is_empty(), "{path}");
    }
}

#[tokio::test]
async fn a_forwarded_address_counts_only_behind_a_trusted_proxy() {
    for (trust, address) in [(false, None), (true, Some("10.0.0.2"))] {
        let house = house();
        let edge = HttpEdge { trust_forwarded_for: trust, ..edge(&house) };
        let headers = [("x-forwarded-for", "6.6.6.6, 10.0.0.2"), ("user-agent", "Test/1")];
        send(edge, ask("{ hello }", &headers)).await;
        let client = house.asked.lock().expect("whole")[0].1.clone();
        assert_eq!(client.address, address.map(|address| address.parse().expect("an address")));
        assert_eq!(client.device.as_deref(), Some("Test/1"));
    }
}

#[tokio::test]
async fn the_explorer_fetches_nothing_from_elsewhere_and_can_be_switched_off() {
    for path in ["/graphiql", "/graphiql/page.js", "/graphiql/page.css", "/graphiql/queries.json"] {
        let answer = send(edge(&house()), get_request(path)).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert!(!answer.text.contains("://"), "{path} names another place");
        assert!(answer.header("content-security-policy").contains("connect-src 'self'"));
        let off = HttpEdge { graphiql: false, ..edge(&house()) };
        assert_eq!(send(off, get_request(path)).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    let bounds = DocumentBounds::new(DocumentLimits::default());
    let saved: Vec<Value> = serde_json::from_str(SAVED_QUERIES).expect("JSON");
    for query in saved {
        let text = query["query"].as_str().expect("a text");
        bounds.check(text).expect(text);
    }
}

#[tokio::test]
async fn health_readiness_and_figures_are_told() {
    assert_eq!(send(edge(&house()), get_request("/healthz")).await.status, StatusCode::OK);
    assert_eq!(send(edge(&house()), get_request("/readyz")).await.status, StatusCode::OK);
    let unready =
        HttpEdge { readiness: Arc::new(|| Err("no answer from the database".into())), ..edge(&house()) };
    let answer = send(unready, get_request("/readyz")).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.text.contains("no answer from the database"));
    let edge = edge(&house());
    send(edge.clone(), get_request("/nothing")).await;
    let figures = send(edge, get_request("/metrics")).await;
    assert!(figures.text.contains("rollcall_http_answers_total{status=\"4xx\"} 1"), "{}", figures.text);
}

/// Starts a real server, offers `protocol`, and tells with which code the socket was closed.
async fn close_code(protocol: Option<&str>) -> u16 {
    use futures_util::StreamExt;
    use tokio_tungstenite::tungstenite::Message;
    use tokio_tungstenite::tungstenite::client::IntoClientRequest;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("bound");
    let server = tokio::spawn(async move {
        serve(listener, router(edge(&house())), &HttpLimits::default(), std::future::pending()).await;
    });
    let mut request = format!("ws://{address}/graphql").into_client_request().expect("a request");
    if let Some(protocol) = protocol {
        request.headers_mut().insert("sec-websocket-protocol", protocol.parse().expect("a header"));
    }
    let (mut socket, _) = tokio_tungstenite::connect_async(request).await.expect("upgraded");
    let message = socket.next().await.expect("a message").expect("whole");
    server.abort();
    match message {
        Message::Close(Some(frame)) => frame.code.into(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_upgrade_reaches_the_sockets_when_it_speaks_their_protocol() {
    assert_eq!(close_code(Some("graphql-transport-ws")).await, 4400);
    assert_eq!(close_code(None).await, 4406);
}
