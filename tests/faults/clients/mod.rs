//! The people of a run and what they do, over HTTP and WebSocket, through lines that may be cut.
//!
//! Never gives up on a fault, and never claims to know what it does not: an answer that did not come is `Unknown`.

pub mod cast;
pub mod castle;
pub mod drill;
pub mod inviter;
pub mod keyring;
pub mod line;
pub mod lodger;
pub mod mortal;
pub mod reading;
pub mod roles;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rollcall::platform::database::Database;
use rollcall::primitives::cursor::EventCursor;
use rollcall::primitives::email::Email;
use rollcall::primitives::ids::split;
use serde_json::{Value, json};
use tokio::sync::watch;
use uuid::Uuid;

use super::dice::Dice;
use super::record::{Ask, CredentialId, Outcome, Recorder, What};

/// After so long without an answer a client goes elsewhere.
pub const PATIENCE: Duration = Duration::from_secs(3);

/// What every client shares.
#[derive(Clone)]
pub struct World {
    pub recorder: Recorder,
    pub http: reqwest::Client,
    /// Where the servers are reached, through their lines.
    pub fronts: Arc<Vec<SocketAddr>>,
    /// The operator's own way into the database: mails are read there.
    pub database: Database,
    /// Its address, for the operator at the command line.
    pub operator: Arc<str>,
    /// True when the work is over.
    pub over: watch::Receiver<bool>,
    /// True when nobody listens any more.
    pub curtain: watch::Receiver<bool>,
}

/// A bearer token, and what it stands for in the record.
#[derive(Clone, Debug)]
pub struct Token {
    pub id: CredentialId,
    pub secret: Arc<str>,
}

/// What came back.
pub struct Answer {
    pub outcome: Outcome,
    /// The payload of the one root field.
    pub payload: Value,
}

impl Answer {
    pub fn is_done(&self) -> bool {
        matches!(self.outcome, Outcome::Done(_))
    }

    /// Why it was refused; empty where it was not.
    pub fn code(&self) -> String {
        match &self.outcome {
            Outcome::Refused(code) => code.clone(),
            Outcome::Done(_) | Outcome::Unknown => String::new(),
        }
    }

    /// Was it refused for this reason?
    pub fn refused(&self, code: &str) -> bool {
        matches!(&self.outcome, Outcome::Refused(found) if found == code)
    }
}

impl World {
    pub fn is_over(&self) -> bool {
        *self.over.borrow()
    }

    /// Waits, but not longer than the work goes on.
    pub async fn pause(&self, time: Duration) {
        let mut over = self.over.clone();
        let _ = tokio::time::timeout(time, over.wait_for(|over| *over)).await;
    }

    /// One request, on record.
    pub async fn ask(
        &self,
        server: usize,
        by: &Token,
        what: What,
        (query, variables): (&str, Value),
    ) -> Answer {
        let begun = self.recorder.now();
        // Somebody without a credential has an empty one.
        let secret = Some(&*by.secret).filter(|secret| !secret.is_empty());
        let answer = self.send(server, secret, query, variables).await;
        let ended = self.recorder.now();
        let outcome = answer.outcome.clone();
        self.recorder.with().asks.push(Ask { by: by.id, server, what, begun, ended, outcome });
        answer
    }

    /// The same request again and again, at any server, until it is done or refused for one of these reasons. False
    /// when the work was over before.
    pub async fn insist(
        &self,
        dice: &mut Dice,
        by: &Token,
        what: &What,
        (query, variables, enough): (&str, Value, &[&str]),
    ) -> bool {
        while !self.is_over() {
            let server = dice.below(self.fronts.len());
            let answer = self.ask(server, by, what.clone(), (query, variables.clone())).await;
            if answer.is_done() || enough.iter().any(|code| answer.refused(code)) {
                return true;
            }
            self.pause(dice.millis(30, 200)).await;
        }
        false
    }

    /// One request, off the record.
    pub async fn send(&self, server: usize, token: Option<&str>, query: &str, variables: Value) -> Answer {
        let mut request = self
            .http
            .post(format!("http://{}/graphql", self.fronts[server]))
            .header("accept", "application/graphql-response+json")
            .timeout(PATIENCE)
            .json(&json!({ "query": query, "variables": variables }));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let answer = async { request.send().await?.json::<Value>().await };
        match answer.await {
            Ok(answer) => read(&answer),
            Err(_) => Answer { outcome: Outcome::Unknown, payload: Value::Null },
        }
    }

    /// The secret in the newest link that was mailed to an address, once it is there.
    pub async fn mailed_secret(&self, to: &str) -> Option<String> {
        self.mailed_since(to, None).await
    }

    /// The same, once it is another one than this.
    pub async fn mailed_since(&self, to: &str, known: Option<&str>) -> Option<String> {
        for _ in 0..200 {
            let newest = self.newest_secret(to).await.filter(|secret| Some(secret.as_str()) != known);
            if newest.is_some() || self.is_over() {
                return newest;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        None
    }

    /// The secret in the newest link that is there at this moment.
    pub async fn newest_secret(&self, to: &str) -> Option<String> {
        let email = Email::parse(to).expect("an address");
        let letters = rollcall::platform::mail::list(self.database.reader(), Some(email.key())).await;
        let mut letters = letters.unwrap_or_default();
        letters.sort_by_key(|letter| (letter.sent_at, letter.id));
        letters.iter().rev().find_map(|letter| {
            let (_, secret) = letter.body.split_once("token=")?;
            Some(secret.split_whitespace().next()?.to_owned())
        })
    }
}

/// What an answer says about the one thing that was asked.
fn read(answer: &Value) -> Answer {
    let payload =
        answer["data"].as_object().and_then(|data| data.values().next().cloned()).unwrap_or_default();
    // A call for many tells its place also where it has refused all of them; here each is for one.
    let row = payload["results"][0]["userErrors"].get(0);
    let outcome = if let Some(error) = row {
        Outcome::Refused(error["code"].as_str().unwrap_or_default().to_owned())
    } else if let Some(done) = payload.get("eventCursor").and_then(seq) {
        // The change stands at this place, whatever became of the fields that were asked back with it.
        Outcome::Done(Some(done))
    } else if let Some(error) = answer["errors"].get(0) {
        let code = error["extensions"]["code"].as_str().unwrap_or("NONE");
        // A defect may have happened after the change.
        let unknown = error["extensions"]["outcome"] == "UNKNOWN" || code == "INTERNAL" || code == "NONE";
        if unknown { Outcome::Unknown } else { Outcome::Refused(code.to_owned()) }
    } else if let Some(error) = payload["userErrors"].get(0) {
        Outcome::Refused(error["code"].as_str().unwrap_or_default().to_owned())
    } else if payload.is_null() {
        Outcome::Unknown
    } else {
        Outcome::Done(payload.get("eventCursor").and_then(seq))
    };
    Answer { outcome, payload }
}

/// The number in a cursor, for what no client may look at.
pub fn seq(cursor: &Value) -> Option<i64> {
    Some(EventCursor::parse(cursor.as_str()?).ok()?.seq)
}

/// The UUID in an id.
pub fn uuid(id: &Value) -> Uuid {
    let text = id.as_str().unwrap_or_else(|| panic!("{id} is no id"));
    split(text).unwrap_or_else(|| panic!("{text} is no id")).1
}
