//! What a client gets to read when something fails, and what it never does.

use async_graphql::{EmptyMutation, EmptySubscription, Object, Request, Schema, Variables};
use serde_json::json;

use super::*;

struct Query;

#[Object]
impl Query {
    async fn coded(&self) -> async_graphql::Result<Option<i32>> {
        Err(TopLevelError::rate_limited(30).into())
    }

    async fn broken(&self) -> async_graphql::Result<Option<i32>> {
        Err("relation \"members\" does not exist".into())
    }

    async fn failed(&self) -> async_graphql::Result<Option<i32>> {
        Err(TopLevelError::internal("disk is on fire").into())
    }

    async fn posing(&self) -> async_graphql::Result<Option<i32>> {
        Err(std::io::Error::other("Failed to parse \"password hunter2\"").into())
    }

    async fn member(&self, name: String, size: Option<i32>) -> String {
        format!("{name} {size:?}")
    }
}

async fn answer_with(hints: bool, request: Request) -> serde_json::Value {
    let schema = Schema::new(Query, EmptyMutation, EmptySubscription);
    let id = RequestId::parse("r1").expect("sane");
    let response = finish(schema.execute(request).await, &id, hints);
    let mut errors = serde_json::to_value(&response.errors).expect("JSON");
    errors[0].take()
}

async fn answer(query: &str) -> serde_json::Value {
    answer_with(true, Request::new(query)).await
}

#[tokio::test]
async fn an_error_with_a_code_keeps_it_and_gets_the_requests_id() {
    let error = answer("{ coded }").await;
    let extensions =
        json!({ "code": "RATE_LIMITED", "retryable": true, "requestId": "r1", "retryAfterSeconds": 30 });
    assert_eq!(error["extensions"], extensions);
    assert_eq!(error["path"], json!(["coded"]));
}

#[tokio::test]
async fn what_an_error_says_inside_is_never_sent() {
    for query in ["{ broken }", "{ failed }", "{ posing }"] {
        let error = answer(query).await;
        assert_eq!(error["message"], INTERNAL_MESSAGE, "{query}");
        assert_eq!(error["extensions"], json!({ "code": "INTERNAL", "retryable": false, "requestId": "r1" }));
    }
}

#[tokio::test]
async fn a_document_that_does_not_fit_the_schema_is_told_apart_from_bad_input() {
    let invalid = ["{ nothing }", "{ member }", "query($n: Nope) { member(name: $n) }"];
    for query in invalid {
        assert_eq!(answer(query).await["extensions"]["code"], "GRAPHQL_VALIDATION_FAILED", "{query}");
    }
    for query in ["{ member(name: 1) }", "{ member(name: $n) }", "{ member(name: \"a\", size: 9999999999) }"]
    {
        assert_eq!(answer(query).await["extensions"]["code"], "BAD_USER_INPUT", "{query}");
    }
    for variables in [json!({}), json!({ "n": 1 }), json!({ "n": null })] {
        let request = Request::new("query($n: String!) { member(name: $n) }");
        let request = request.variables(Variables::from_json(variables.clone()));
        let error = answer_with(true, request).await;
        assert_eq!(error["extensions"]["code"], "BAD_USER_INPUT", "{variables} {error}");
    }
}

#[tokio::test]
async fn names_are_suggested_only_with_hints() {
    for query in ["{ membr(name: \"a\") }", "{ member(name: \"a\", siz: 1) }"] {
        let with = answer(query).await;
        assert!(with["message"].as_str().is_some_and(|message| message.contains(HINT)), "{with}");
        let without = answer_with(false, Request::new(query)).await;
        assert!(without["message"].as_str().is_some_and(|message| !message.contains(HINT)), "{without}");
    }
}

#[test]
fn an_ended_session_is_told_with_cause_and_contact() {
    let ended = SessionEnded {
        cause: EndCause::Blocked,
        message: "your membership is blocked".into(),
        contact: Some(Contact { text: None, email: Some("ada@example.com".into()) }),
    };
    let response = TopLevelError::unauthenticated(Some(&ended)).into_response();
    let response = finish(response, &RequestId::parse("r1").expect("sane"), true);
    let error = serde_json::to_value(&response.errors[0]).expect("JSON");
    assert_eq!(
        error,
        json!({
            "message": "your membership is blocked",
            "extensions": {
                "code": "UNAUTHENTICATED", "retryable": false, "requestId": "r1",
                "sessionEnd": {
                    "cause": "BLOCKED", "message": "your membership is blocked",
                    "contact": { "text": null, "email": "ada@example.com" },
                },
            },
        })
    );
}

#[test]
fn an_unknown_outcome_is_not_to_be_retried_blindly() {
    let error = ServerError::from(TopLevelError::outcome_unknown());
    let extensions = serde_json::to_value(error.extensions).expect("JSON");
    assert_eq!(extensions, json!({ "code": "UNAVAILABLE", "retryable": false, "outcome": "UNKNOWN" }));
}

#[test]
fn bad_input_names_its_field() {
    let error = ServerError::from(TopLevelError::bad_input("input.memberId", "not an id"));
    assert_eq!(error.message, "input.memberId: not an id");
    let extensions = serde_json::to_value(error.extensions).expect("JSON");
    assert_eq!(extensions["field"], json!(["input", "memberId"]));
}
