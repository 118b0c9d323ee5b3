//! The binary itself as a process: started, asked to stop, killed; and what it logged.
//!
//! Never outlives its test.

use std::net::SocketAddr;
use std::process::{ExitStatus, Output, Stdio};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::watch;
use tokio::time::timeout;

use super::app::DEADLINE;

/// A command of it, without the environment of whoever runs the tests.
pub fn rollcall(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rollcall"));
    command.args(arguments).env_clear().kill_on_drop(true);
    command
}

/// Runs a command to its end: whether it succeeded, and all that it said.
pub async fn run(arguments: &[&str]) -> (bool, String) {
    let run = timeout(DEADLINE, rollcall(arguments).output()).await;
    let Output { status, stdout, stderr } = run.expect("it ends by itself").expect("it runs");
    (status.success(), format!("{}{}", String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr)))
}

/// A server in a process of its own.
pub struct Process {
    child: Child,
    pub address: SocketAddr,
    log: Arc<Mutex<String>>,
    logged: watch::Receiver<usize>,
}

impl Process {
    /// `serve` on a free port, with these settings beside; returns when it listens.
    pub async fn serve(arguments: &[&str]) -> Self {
        Self::serve_at("127.0.0.1:0", arguments).await
    }

    pub async fn serve_at(listen: &str, arguments: &[&str]) -> Self {
        let mut command = rollcall(&["serve", "--listen", listen]);
        command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("it runs");
        let (log, (lines, logged)) = (Arc::<Mutex<String>>::default(), watch::channel(0));
        let lines = Arc::new(lines);
        keep(child.stdout.take().expect("piped"), Arc::clone(&log), Arc::clone(&lines));
        keep(child.stderr.take().expect("piped"), Arc::clone(&log), lines);
        let unknown = SocketAddr::from(([0, 0, 0, 0], 0));
        let mut process = Self { child, address: unknown, log, logged };
        process.says("listening").await;
        let log = process.log();
        let address = log.split("listening address=").nth(1).and_then(|rest| rest.split_whitespace().next());
        process.address = address.and_then(|it| it.parse().ok()).unwrap_or_else(|| panic!("{log}"));
        process
    }

    /// All that it has said up to now.
    pub fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// Returns when it has said this.
    pub async fn says(&self, words: &str) {
        let mut logged = self.logged.clone();
        let said = async {
            while !self.log().contains(words) {
                // Nobody writes any more: it has ended.
                if logged.changed().await.is_err() {
                    return;
                }
            }
        };
        let _ = timeout(DEADLINE, said).await;
        assert!(self.log().contains(words), "it never said {words:?}:\n{}", self.log());
    }

    /// Sends a signal by its name: `TERM`, `KILL`, `STOP`, `CONT`.
    pub async fn signal(&self, name: &str) {
        let id = self.child.id().expect("it has not been waited for").to_string();
        let sent = Command::new("kill").args([format!("-{name}"), id]).status().await;
        assert!(sent.expect("kill runs").success(), "it is gone");
    }

    /// Waits for its end: how it ended, and all that it said.
    pub async fn ended(mut self) -> (ExitStatus, String) {
        let status = timeout(DEADLINE, self.child.wait()).await;
        let status = status.unwrap_or_else(|_| panic!("it does not end:\n{}", self.log()));
        // What it said last may still be on its way through the pipe.
        while self.logged.changed().await.is_ok() {}
        (status.expect("its state is known"), self.log())
    }

    /// Asks it to stop, and waits until it has.
    pub async fn stop(self) -> (ExitStatus, String) {
        self.signal("TERM").await;
        self.ended().await
    }

    pub fn url(&self) -> String {
        format!("http://{}/graphql", self.address)
    }

    /// A request: the whole answer.
    pub async fn ask(&self, token: Option<&str>, query: &str, variables: Value) -> Value {
        let http = reqwest::Client::builder().timeout(DEADLINE).build().expect("a client");
        let mut request = http.post(self.url()).json(&json!({ "query": query, "variables": variables }));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        request.send().await.expect("it answers").json().await.expect("JSON")
    }

    /// A mutation that must succeed: its payload.
    pub async fn done(&self, token: Option<&str>, query: &str, input: Value) -> Value {
        let answer = self.ask(token, query, json!({ "input": input })).await;
        let payload = answer["data"].as_object().and_then(|data| data.values().next()).cloned();
        let payload = payload.unwrap_or_else(|| panic!("{query}\n{answer:#}"));
        assert_eq!(payload["userErrors"], json!([]), "{query}\n{payload:#}");
        payload
    }
}

fn keep(
    output: impl AsyncRead + Send + Unpin + 'static,
    log: Arc<Mutex<String>>,
    lines: Arc<watch::Sender<usize>>,
) {
    tokio::spawn(async move {
        let mut reader = BufReader::new(output).lines();
        while let Ok(Some(line)) = reader.next_line().await {
            log.lock().unwrap().push_str(&format!("{line}\n"));
            lines.send_modify(|count| *count += 1);
        }
    });
}
