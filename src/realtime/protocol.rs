//! `graphql-transport-ws`: its messages and close codes, to the letter (enisdenjo/graphql-ws, PROTOCOL.md).
//!
//! Never interprets what travels inside: documents and answers are others' business.

use async_graphql::{Response, ServerError};
use serde::Deserialize;
use serde_json::{Map, Value};

/// Longest id of an operation: it stands in front of everything that is sent for it.
const ID_BYTES_MAX: usize = 256;

/// Why the server closes a socket.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum CloseCode {
    /// More sockets than one account or API key may have. Clients stop on it.
    PolicyViolation = 1008,
    /// The server goes down; connect again.
    ServiceRestart = 1012,
    /// Too busy, or the client too slow; connect again and go on from the last cursor.
    TryAgainLater = 1013,
    /// A message that the protocol doesn't know.
    BadRequest = 4400,
    /// No credential, or one that doesn't hold (any more). Clients stop on it.
    Unauthorized = 4401,
    /// `connection_init` did not come in time.
    InitTimeout = 4408,
    /// The id of an operation that is still open.
    DuplicateId = 4409,
    /// A second `connection_init`.
    TooManyInits = 4429,
}

/// A message from a client.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Incoming {
    ConnectionInit {
        #[serde(default)]
        payload: Option<Map<String, Value>>,
    },
    Ping {
        #[serde(default)]
        payload: Option<Map<String, Value>>,
    },
    Pong {},
    Subscribe {
        id: String,
        payload: Document,
    },
    Complete {
        id: String,
    },
}

/// A document and what it is to be run with.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Document {
    pub(super) query: String,
    pub(super) operation_name: Option<String>,
    pub(super) variables: Option<Map<String, Value>>,
    /// Read for its type alone: no extension is supported.
    #[serde(rename = "extensions")]
    _extensions: Option<Map<String, Value>>,
}

/// Reads a message; the error says what is wrong, in a close frame's 123 bytes.
pub(super) fn parse(text: &str) -> Result<Incoming, &'static str> {
    let message = serde_json::from_str(text).map_err(|_| "Invalid message received")?;
    match &message {
        Incoming::Subscribe { id, .. } if id.is_empty() || id.len() > ID_BYTES_MAX => {
            Err("The id of an operation has 1 to 256 bytes")
        }
        _ => Ok(message),
    }
}

pub(super) fn connection_ack() -> String {
    r#"{"type":"connection_ack"}"#.to_owned()
}

pub(super) fn pong(payload: Option<Map<String, Value>>) -> String {
    match payload {
        Some(payload) => serde_json::json!({ "type": "pong", "payload": payload }).to_string(),
        None => r#"{"type":"pong"}"#.to_owned(),
    }
}

/// `payload` is an execution result in JSON.
pub(super) fn next(id: &str, payload: &str) -> String {
    closed(&opening(id), payload).concat()
}

/// What stands before the payload in every `next` of an operation.
pub(super) fn opening(id: &str) -> String {
    format!(r#"{{"id":{},"type":"next","payload":"#, quoted(id))
}

/// The parts of a `next`, from its opening and its payload, which is shared by all who get the same.
pub(super) const fn closed<'a>(opening: &'a str, payload: &'a str) -> [&'a str; 3] {
    [opening, payload, "}"]
}

pub(super) fn error(id: &str, errors: &[ServerError]) -> String {
    let errors = serde_json::to_string(errors).expect("errors are plain data");
    format!(r#"{{"id":{},"type":"error","payload":{errors}}}"#, quoted(id))
}

pub(super) fn complete(id: &str) -> String {
    format!(r#"{{"id":{},"type":"complete"}}"#, quoted(id))
}

pub(super) fn result(response: &Response) -> String {
    serde_json::to_string(response).expect("an answer is plain data")
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).expect("text is plain data")
}

#[cfg(test)]
pub(super) fn document(query: &str, variables: Map<String, Value>) -> Document {
    Document { query: query.to_owned(), operation_name: None, variables: Some(variables), _extensions: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_of_the_protocol_are_read() {
        assert!(matches!(
            parse(r#"{"type":"connection_init"}"#),
            Ok(Incoming::ConnectionInit { payload: None })
        ));
        let init = parse(r#"{"type":"connection_init","payload":{"authorization":"Bearer x"}}"#);
        assert!(matches!(init, Ok(Incoming::ConnectionInit { payload: Some(_) })));
        assert!(matches!(
            parse(r#"{"type":"ping","payload":{"a":1}}"#),
            Ok(Incoming::Ping { payload: Some(_) })
        ));
        assert!(matches!(parse(r#"{"type":"pong","payload":null}"#), Ok(Incoming::Pong {})));
        let subscribe = parse(r#"{"type":"subscribe","id":"1","payload":{"query":"{a}","variables":null}}"#);
        assert!(
            matches!(subscribe, Ok(Incoming::Subscribe { id, payload }) if id == "1" && payload.query == "{a}")
        );
        assert!(
            matches!(parse(r#"{"type":"complete","id":"1"}"#), Ok(Incoming::Complete { id }) if id == "1")
        );
    }

    #[test]
    fn rubbish_is_refused() {
        for text in [
            "",
            "x",
            "[]",
            "{}",
            r#"{"type":"start"}"#,
            r#"{"type":"subscribe","id":"1"}"#,
            r#"{"type":"subscribe","id":"","payload":{"query":"{a}"}}"#,
            r#"{"type":"subscribe","id":1,"payload":{"query":"{a}"}}"#,
            r#"{"type":"subscribe","id":"1","payload":{"query":"{a}","variables":[]}}"#,
            r#"{"type":"complete"}"#,
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_id_is_written_as_json() {
        assert_eq!(next("a\"b", "{}"), r#"{"id":"a\"b","type":"next","payload":{}}"#);
        assert_eq!(complete("1"), r#"{"id":"1","type":"complete"}"#);
    }
}
