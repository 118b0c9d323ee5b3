//! Requests over HTTP from many connections at once, one after the other on each.

use std::io;
use std::time::Instant;

use serde::{Deserialize, Serialize};
use tokio::task::JoinSet;

use super::caller::Caller;
use super::load::Request;

#[derive(Serialize, Deserialize)]
pub struct Storm {
    /// One for each connection.
    pub requests: Vec<Request>,
    /// How often each connection asks.
    pub times: usize,
}

/// Seconds that each request took, and all of them together.
#[derive(Serialize, Deserialize)]
pub struct Weathered {
    pub took: Vec<f64>,
    pub all: f64,
}

impl Storm {
    pub async fn run(self) -> io::Result<String> {
        let began = Instant::now();
        let mut asking = JoinSet::new();
        for request in self.requests {
            asking.spawn(ask(request, self.times));
        }
        let mut took = Vec::new();
        while let Some(asked) = asking.join_next().await {
            took.extend(asked.expect("nothing panics there")?);
        }
        let weathered = Weathered { took, all: began.elapsed().as_secs_f64() };
        Ok(serde_json::to_string(&weathered)?)
    }
}

async fn ask(request: Request, times: usize) -> io::Result<Vec<f64>> {
    let mut caller = Caller::connect(&request.address).await?;
    let mut took = Vec::with_capacity(times);
    for _ in 0..times {
        let asked_at = Instant::now();
        let answer = caller.call(request.token.as_deref(), &request.body).await?;
        took.push(asked_at.elapsed().as_secs_f64());
        if answer.contains("\"errors\"") {
            return Err(io::Error::other(answer));
        }
    }
    Ok(took)
}
