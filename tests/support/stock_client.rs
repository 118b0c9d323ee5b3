//! The graphql-ws package itself, run with Node: what people's frontends do when we close on them.
//!
//! It never decides for the client; `tests/node/graphql_ws_client.mjs` says what its lines mean.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use super::guarded::folder_with;

const LINE_SECONDS_MAX: u64 = 20;

/// A running client. It ends when this is dropped, and when the test process ends.
pub struct StockClient {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl StockClient {
    /// Subscribes at once; `options` are the script's. None where Node or the package is missing:
    /// the caller's test then proves nothing, which CI does not accept.
    pub fn start(url: &str, token: &str, document: &str, options: &[&str]) -> Option<Self> {
        let (node, scripts) = Self::node()?;
        let mut command = Command::new(node);
        command
            .current_dir(&scripts)
            .arg("graphql_ws_client.mjs")
            .args(options)
            .args(["--", url, token, document]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().expect("Node starts");
        let lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        Some(Self { child, lines })
    }

    /// Node, where it and what the scripts import is there. CI does not accept that it isn't.
    fn node() -> Option<(PathBuf, PathBuf)> {
        let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/node");
        let packages = ["graphql-ws", "@apollo/client"].map(|name| scripts.join("node_modules").join(name));
        let installed = packages.iter().all(|package| package.is_dir());
        let Some(folder) = folder_with(&["node"], Vec::new()).filter(|_| installed) else {
            assert!(std::env::var_os("CI").is_none(), "CI needs Node 20 and `npm ci` in tests/node");
            eprintln!("not tested: this needs Node 20 and `npm ci` in tests/node");
            return None;
        };
        Some((folder.join("node"), scripts))
    }

    /// Runs a file of tests with Node's own runner; they must hold.
    pub async fn run_tests(file: &str) {
        let Some((node, scripts)) = Self::node() else { return };
        let ran = Command::new(node).current_dir(scripts).args(["--test", file]).output().await;
        let ran = ran.expect("Node starts");
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stdout));
    }

    /// What it lived through next; None once it has ended.
    pub async fn next(&mut self) -> Option<Value> {
        let line = tokio::time::timeout(Duration::from_secs(LINE_SECONDS_MAX), self.lines.next_line());
        let line = line.await.unwrap_or_else(|_| panic!("the client was silent for {LINE_SECONDS_MAX} s"));
        line.expect("it writes text").map(|line| serde_json::from_str(&line).expect("it writes JSON"))
    }

    /// The next line of this type; those before it are passed over.
    pub async fn next_of(&mut self, kind: &str) -> Value {
        let mut before = Vec::new();
        while let Some(line) = self.next().await {
            if line["type"] == kind {
                return line;
            }
            before.push(line);
        }
        panic!("the client ended without {kind:?}; it told {before:?}")
    }

    /// All that it still tells; returns when it has ended by itself.
    pub async fn until_end(mut self) -> Vec<Value> {
        let mut lines = Vec::new();
        while let Some(line) = self.next().await {
            lines.push(line);
        }
        self.child.wait().await.expect("it has ended");
        lines
    }
}
