//! Asking for the schema: answered as tools ask for it, never at the cost of others.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::app::{DEADLINE, Stage};
use crate::support::socket::Socket;

/// `getIntrospectionQuery()` of graphql-js 16, as GraphiQL, Apollo, urql, Relay and code generators send it.
const STANDARD: &str = "query IntrospectionQuery { __schema { queryType { name kind } mutationType { name kind } \
    subscriptionType { name kind } types { ...FullType } directives { name description locations args { ...InputValue } } } } \
    fragment FullType on __Type { kind name description fields(includeDeprecated: true) { name description args { \
    ...InputValue } type { ...TypeRef } isDeprecated deprecationReason } inputFields { ...InputValue } interfaces { \
    ...TypeRef } enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason } possibleTypes { \
    ...TypeRef } } fragment InputValue on __InputValue { name description type { ...TypeRef } defaultValue } \
    fragment TypeRef on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name \
    ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } } } }";

/// Half a kilobyte that once had ten megabytes for an answer.
fn circling() -> String {
    let names: String = (0..30).map(|number| format!("a{number}:description ")).collect();
    format!("{{__schema{{types{{interfaces{{possibleTypes{{{names}}}}}}}}}}}")
}

#[tokio::test]
async fn the_schema_is_told_to_anybody_as_tools_ask_for_it_and_not_in_circles() {
    let stage = Stage::sqlite().await;
    let told = stage.data(None, STANDARD, json!({})).await;
    assert!(told["__schema"]["types"].as_array().is_some_and(|types| types.len() > 200));
    let kinds = format!("{{__schema{{types{{interfaces{{possibleTypes{{{}}}}}}}}}}}", "kind ".repeat(650));
    for query in [circling(), kinds] {
        let refused = stage.failed(None, &query, json!({})).await;
        assert_eq!(refused["code"], "GRAPHQL_LIMIT_EXCEEDED", "{refused:#}");
    }
    stage.close().await;
}

/// One thread for all that the runtime lets block: while it is taken, the schema is told to nobody, and everything else
/// goes on. So it is told on such a thread, and holds up none that serve.
#[test]
fn whoever_is_told_the_schema_holds_up_nobody_else() {
    let runtime =
        tokio::runtime::Builder::new_current_thread().max_blocking_threads(1).enable_all().build().unwrap();
    runtime.block_on(async {
        let stage = Stage::sqlite().await;
        let (release, released) = std::sync::mpsc::channel::<()>();
        let busy = tokio::task::spawn_blocking(move || released.recv());
        let mut told = Box::pin(stage.data(None, STANDARD, json!({})));
        let others = async {
            for _ in 0..20 {
                stage.data(None, "{ __typename }", json!({})).await;
            }
        };
        tokio::select! {
            biased;
            _ = &mut told => panic!("it was told on a thread that serves others"),
            () = others => {}
        }
        release.send(()).expect("it waits");
        busy.await.expect("it ends").expect("it was released");
        tokio::time::timeout(DEADLINE, told).await.expect("it is told in the end");
        stage.close().await;
    });
}

/// An answer past the bound is refused and says so, over HTTP and on a socket.
#[tokio::test]
async fn an_answer_is_as_long_as_the_operator_allows() {
    let stage = Stage::sqlite_with(|config| config.document_limits.answer_bytes_max = 64 * 1024).await;
    let ada = stage.human("Ada").await;
    let answer = stage.ask(None, STANDARD, json!({})).await;
    assert_too_long(&answer["errors"]);
    assert!(answer.get("data").is_none(), "{answer:#}");
    let mut socket = Socket::open(stage.here(), &ada.token).await;
    socket.subscribe("1", STANDARD, json!({})).await;
    let heard = socket.hear_within(Duration::from_secs(20)).await;
    let crate::support::socket::Heard::Message(message) = heard.expect("in time") else { panic!("it ended") };
    assert_eq!((&message["type"], &message["id"]), (&json!("error"), &json!("1")));
    assert_too_long(&message["payload"]);
    // The operation is over, and the socket goes on.
    socket.fence().await;
    stage.close().await;
}

fn assert_too_long(errors: &Value) {
    assert_eq!(errors[0]["extensions"]["code"], "GRAPHQL_LIMIT_EXCEEDED", "{errors:#}");
    assert!(
        errors[0]["message"].as_str().is_some_and(|message| message.contains("65536 bytes")),
        "{errors:#}"
    );
}
