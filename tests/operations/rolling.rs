//! Three servers are replaced one after the other while people work: nobody is refused but for what they may simply try
//! again, and no subscriber loses or repeats an event (EVT-4).

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::sample::{ADA, Place, cursor, enter_wallet, sign_in};
use crate::realtime::company::seq;
use crate::support::app::DEADLINE;
use crate::support::binary::Process;
use crate::support::guarded::free_port;
use crate::support::people::{mutation, text};
use crate::support::servers::Redis;
use crate::support::socket::{Heard, Socket};

const EVENTS: &str = "subscription($after: EventCursor) { workspaceEvents(after: $after) { \
    __typename eventCursor ... on AssetRegistered { assetId } } }";
const WRITERS: usize = 3;
const SUBSCRIBERS: usize = 6;
/// Mutations done between one server's end and the next one's.
const PROGRESS: usize = 12;

/// What the load has done and seen, on whatever server.
struct Load {
    addresses: Vec<String>,
    token: String,
    http: reqwest::Client,
    stopped: AtomicBool,
    done: AtomicUsize,
    retried: AtomicUsize,
    /// Ids of the assets that were acknowledged.
    acknowledged: Mutex<Vec<String>>,
}

impl Load {
    /// One attempt at one server. `None`: to be tried again, as a client may always do.
    async fn attempt(&self, server: usize, query: &str, variables: &Value) -> Option<Value> {
        let url = format!("http://{}/graphql", self.addresses[server % self.addresses.len()]);
        let request = self.http.post(url).bearer_auth(&self.token);
        let request = request.header("accept", "application/graphql-response+json");
        let sent = request.json(&json!({ "query": query, "variables": variables })).send().await;
        let answer = match sent {
            Ok(answer) => answer,
            // Refused, or reset before there was any answer.
            Err(error) if error.is_connect() || error.is_request() => return None,
            Err(error) => panic!("not to be tried again: {error:?}"),
        };
        let status = answer.status().as_u16();
        let body: Value = answer.json().await.expect("an answer that begins is whole");
        if status == 503 {
            assert_eq!(body["errors"][0]["extensions"]["retryable"], true, "{body:#}");
            return None;
        }
        assert!(status == 200 && body.get("errors").is_none(), "{status}: {body:#}");
        Some(body["data"].clone())
    }

    async fn insist(&self, from: usize, query: &str, variables: Value) -> Value {
        for attempt in 0..200 {
            if let Some(data) = self.attempt(from + attempt, query, &variables).await {
                return data;
            }
            self.retried.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        panic!("no server took it");
    }

    async fn write(self: Arc<Self>, writer: usize) {
        let register = mutation("registerAsset", "asset { id }");
        let find = "query($kind: String!, $id: String!) { workspace { assetByExternalId(kind: $kind, externalId: $id) { id } } }";
        for number in 0.. {
            if self.stopped.load(Ordering::Relaxed) {
                return;
            }
            let id = format!("{writer}-{number}");
            let input = json!({ "input": { "kind": "FLOW", "name": id, "externalId": id } });
            let done = self.insist(writer + number, &register, input).await["registerAsset"].clone();
            let asset = match done["asset"]["id"].as_str() {
                Some(asset) => asset.to_owned(),
                // The attempt before had taken effect, only its answer was lost.
                None => {
                    let found = self.insist(writer, find, json!({ "kind": "FLOW", "id": id })).await;
                    text(&found["workspace"]["assetByExternalId"]["id"])
                }
            };
            self.acknowledged.lock().unwrap().push(asset);
            self.done.fetch_add(1, Ordering::Relaxed);
        }
    }

    async fn read(self: Arc<Self>) {
        for server in 0.. {
            if self.stopped.load(Ordering::Relaxed) {
                return;
            }
            let query = "{ workspace { members(first: 10) { nodes { id status } } } }";
            let data = self.insist(server, query, json!({})).await;
            let members = data["workspace"]["members"]["nodes"].as_array();
            assert!(members.is_some_and(|members| members.len() > 3), "{data}");
        }
    }

    /// Follows the workspace from a place on, across servers, up to the number that `until` tells in the end.
    async fn follow(self: Arc<Self>, from: usize, mut after: String, until: Arc<Mutex<Option<i64>>>) -> Seen {
        let mut seen = Seen::default();
        let mut server = from;
        loop {
            server += 1;
            let address = self.addresses[server % self.addresses.len()].parse().expect("an address");
            let Some(mut socket) = Socket::try_open_at(address, &self.token).await else {
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
                continue;
            };
            seen.connections += 1;
            socket.subscribe("e", EVENTS, json!({ "after": after })).await;
            loop {
                if until.lock().unwrap().is_some_and(|last| seq(&json!(after)) >= last) {
                    return seen;
                }
                match socket.hear_within(std::time::Duration::from_millis(100)).await {
                    None => {}
                    Some(Heard::Message(message)) => {
                        assert_eq!(message["type"], "next", "{message}");
                        let event = &message["payload"]["data"]["workspaceEvents"];
                        after = text(&event["eventCursor"]);
                        seen.events
                            .push((seq(&event["eventCursor"]), event["assetId"].as_str().map(Into::into)));
                    }
                    Some(Heard::Closed { code, reason }) => {
                        assert!(matches!(code, 1012 | 1013), "{code} {reason}");
                        *seen.closed.entry(code).or_default() += 1;
                        break;
                    }
                    Some(Heard::Cut) => {
                        *seen.closed.entry(0).or_default() += 1;
                        break;
                    }
                }
            }
        }
    }

    async fn progress(&self) {
        let wanted = self.done.load(Ordering::Relaxed) + PROGRESS;
        let progress = async {
            while self.done.load(Ordering::Relaxed) < wanted {
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(DEADLINE, progress).await.expect("work goes on");
    }
}

/// What one subscriber lived through.
#[derive(Default)]
struct Seen {
    events: Vec<(i64, Option<String>)>,
    closed: BTreeMap<u16, usize>,
    connections: usize,
}

/// One after the other goes down and is started anew at its address, while work goes on.
async fn replace_each(load: &Load, servers: &mut Vec<Process>, settings: &[&str]) {
    for (at, address) in load.addresses.iter().enumerate() {
        load.progress().await;
        let (status, log) = servers.remove(at).stop().await;
        assert!(status.success(), "{log}");
        assert!(!log.contains("WARN") && !log.contains("ERROR"), "{log}");
        load.progress().await;
        servers.insert(at, Process::serve_at(address, settings).await);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn evt_4_a_rolling_restart_loses_nothing_and_refuses_nobody_for_good() {
    let place = Place::postgres().await;
    let redis = Redis::shared().url();
    let settings = ["--database-url", &place.url, "--redis-url", &redis];
    let addresses: Vec<String> = (0..3).map(|_| format!("127.0.0.1:{}", free_port())).collect();
    let mut servers = Vec::new();
    for (at, address) in addresses.iter().enumerate() {
        let demo: &[&str] = if at == 0 { &["--demo"] } else { &[] };
        servers.push(Process::serve_at(address, &[&settings[..], demo].concat()).await);
    }
    let token = enter_wallet(&servers[0], &sign_in(&servers[0], ADA).await).await;
    let start = cursor(&servers[0], &token).await;
    let http = reqwest::Client::builder().timeout(DEADLINE).build().expect("a client");
    let load = Arc::new(Load {
        addresses: addresses.clone(),
        token,
        http,
        stopped: AtomicBool::new(false),
        done: AtomicUsize::new(0),
        retried: AtomicUsize::new(0),
        acknowledged: Mutex::default(),
    });
    let until = Arc::<Mutex<Option<i64>>>::default();
    let followers: Vec<_> = (0..SUBSCRIBERS)
        .map(|at| tokio::spawn(Arc::clone(&load).follow(at, start.clone(), Arc::clone(&until))))
        .collect();
    let mut workers: Vec<_> = (0..WRITERS).map(|at| tokio::spawn(Arc::clone(&load).write(at))).collect();
    workers.push(tokio::spawn(Arc::clone(&load).read()));

    replace_each(&load, &mut servers, &settings).await;
    load.progress().await;
    load.stopped.store(true, Ordering::Relaxed);
    for worker in workers {
        worker.await.expect("no request failed but retryable ones");
    }
    let end = cursor(&servers[0], &load.token).await;
    *until.lock().unwrap() = Some(seq(&json!(end)));

    let first = seq(&json!(start)) + 1;
    let wanted: Vec<i64> = (first..=seq(&json!(end))).collect();
    let mut acknowledged = load.acknowledged.lock().unwrap().clone();
    acknowledged.sort();
    for follower in followers {
        let seen = tokio::time::timeout(DEADLINE, follower).await.expect("all arrives").expect("it goes on");
        let numbers: Vec<i64> = seen.events.iter().map(|(seq, _)| *seq).collect();
        assert_eq!(numbers, wanted, "each once, in order");
        let mut assets: Vec<String> = seen.events.into_iter().filter_map(|(_, asset)| asset).collect();
        assets.sort();
        assert_eq!(assets, acknowledged, "what was acknowledged, once, and nothing else");
        assert!(
            seen.connections > 1 && !seen.closed.is_empty(),
            "nobody sat through it all: {:?}",
            seen.closed
        );
        assert!(seen.closed.keys().all(|code| *code == 1012), "{:?}", seen.closed);
    }
    drop(servers);
    place.close().await;
}
