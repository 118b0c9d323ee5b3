//! A stage for tests: the real service on real sockets, once on SQLite with in-process events, once as two servers on
//! PostgreSQL with Redis. Time is a clock that the test moves; jobs run when the test says so.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rollcall::app::{App, Settings};
use rollcall::config::Config;
use rollcall::primitives::email::Email;
use rollcall::primitives::time::{Clock, Timestamp};
use serde_json::{Value, json};
use tokio::sync::oneshot;

use super::servers::{Postgres, Redis};

/// 2026-03-01T12:00:00Z.
const START: Timestamp = Timestamp::from_micros(1_772_366_400_000_000);

/// Waiting longer than this means that something never came.
pub const DEADLINE: Duration = Duration::from_secs(20);

/// One running server.
pub struct Server {
    pub app: App,
    pub address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.app.hub.shut_down();
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
    }
}

/// The service as a test sees it.
pub struct Stage {
    pub clock: Clock,
    pub servers: Vec<Server>,
    pub http: reqwest::Client,
    pub config: Config,
    database: Place,
}

enum Place {
    Sqlite(PathBuf),
    Postgres(String),
}

fn fresh_name(prefix: &str) -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    format!("{prefix}_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

impl Stage {
    /// One server, SQLite, events in the process.
    pub async fn sqlite() -> Self {
        Self::sqlite_with(|_| {}).await
    }

    /// The same with other settings.
    pub async fn sqlite_with(change: impl FnOnce(&mut Config)) -> Self {
        let file = std::env::temp_dir().join(format!("{}.db", fresh_name("rollcall")));
        let mut config = Config::default();
        config.database.database_url = format!("sqlite://{}?mode=rwc", file.display()).parse().unwrap();
        change(&mut config);
        Self::open(config, Place::Sqlite(file), 1).await
    }

    /// Two servers on PostgreSQL, joined by the test process' Redis.
    pub async fn postgres() -> Self {
        Self::postgres_with(Redis::shared().url()).await
    }

    /// Two servers on PostgreSQL, joined by this Redis.
    pub async fn postgres_with(redis: String) -> Self {
        let name = fresh_name("stage");
        let postgres = Postgres::shared();
        postgres.create_database_from_template(&name, "rollcall_template", migrate).await;
        let mut config = Config::default();
        config.database.database_url = postgres.url(&name).parse().unwrap();
        config.database.database_connections_max = 8;
        config.delivery.redis_url = Some(redis.parse().unwrap());
        Self::open(config, Place::Postgres(name), 2).await
    }

    async fn open(config: Config, database: Place, servers: usize) -> Self {
        let clock = Clock::manual(START);
        let http = reqwest::Client::builder().timeout(DEADLINE).build().unwrap();
        let mut stage = Self { clock, servers: Vec::new(), http, config, database };
        for _ in 0..servers {
            stage.start_server().await;
        }
        stage
    }

    /// Starts one more server on the same database.
    pub async fn start_server(&mut self) -> usize {
        let settings = Settings {
            config: self.config.clone(),
            clock: self.clock.clone(),
            public_url: "https://app.example.com".into(),
            migrate: true,
        };
        let app = App::start(settings).await.expect("the server starts");
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let (router, limits) = (app.router(), self.config.request_limits.clone());
        tokio::spawn(async move {
            let stopped = async move { drop(stopped.await) };
            rollcall::http::serve(listener, router, &limits, stopped).await;
        });
        self.servers.push(Server { app, address, stop: Some(stop) });
        self.servers.len() - 1
    }

    /// The first server.
    pub fn here(&self) -> &Server {
        &self.servers[0]
    }

    /// Another server, where there is one.
    pub fn elsewhere(&self) -> &Server {
        self.servers.last().unwrap()
    }

    /// A request to the first server.
    pub async fn ask(&self, token: Option<&str>, query: &str, variables: Value) -> Value {
        self.ask_at(self.here(), token, query, variables).await
    }

    /// A request to a server: the whole answer.
    pub async fn ask_at(&self, server: &Server, token: Option<&str>, query: &str, variables: Value) -> Value {
        let mut request = self
            .http
            .post(format!("http://{}/graphql", server.address))
            .header("accept", "application/graphql-response+json")
            .json(&json!({ "query": query, "variables": variables }));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        request.send().await.expect("the server answers").json().await.expect("the answer is JSON")
    }

    /// A request that must succeed: its data.
    pub async fn data(&self, token: Option<&str>, query: &str, variables: Value) -> Value {
        let answer = self.ask(token, query, variables).await;
        assert!(answer.get("errors").is_none(), "{query}\n{answer:#}");
        answer["data"].clone()
    }

    /// A mutation that must succeed: its payload.
    pub async fn done(&self, token: Option<&str>, query: &str, input: Value) -> Value {
        let data = self.data(token, query, json!({ "input": input })).await;
        let payload = data.as_object().expect("data").values().next().expect("a payload").clone();
        assert_eq!(payload["userErrors"], json!([]), "{query}\n{payload:#}");
        payload
    }

    /// A mutation that must be refused: its first user error.
    pub async fn refused(&self, token: Option<&str>, query: &str, input: Value) -> Value {
        let data = self.data(token, query, json!({ "input": input })).await;
        let payload = data.as_object().expect("data").values().next().expect("a payload").clone();
        let errors = payload["userErrors"].as_array().expect("userErrors").clone();
        errors.into_iter().next().unwrap_or_else(|| panic!("was not refused: {query}\n{payload:#}"))
    }

    /// A request that must fail as a whole: the code and extensions of its first error.
    pub async fn failed(&self, token: Option<&str>, query: &str, variables: Value) -> Value {
        let answer = self.ask(token, query, variables).await;
        answer["errors"][0]["extensions"]
            .as_object()
            .cloned()
            .map(Value::Object)
            .unwrap_or_else(|| panic!("did not fail: {query}\n{answer:#}"))
    }

    /// Runs each job once, on the first server.
    pub async fn run_jobs(&self) {
        self.here().app.run_jobs().await.expect("the jobs run");
    }

    /// Bodies of the mails to an address, oldest first, after everything that waits has been sent.
    pub async fn mails(&self, to: &str) -> Vec<String> {
        self.run_jobs().await;
        let key = Email::parse(to).unwrap();
        let database = self.here().app.gate.database().reader();
        let mut letters = rollcall::platform::mail::list(database, Some(key.key())).await.unwrap();
        letters.sort_by_key(|letter| (letter.sent_at, letter.id));
        letters.into_iter().map(|letter| letter.body).collect()
    }

    /// The secret in the link of the newest mail to an address.
    pub async fn mailed_token(&self, to: &str) -> String {
        let body = self.mails(to).await.pop().unwrap_or_else(|| panic!("no mail to {to}"));
        let at = body.find("token=").unwrap_or_else(|| panic!("no link in {body}")) + "token=".len();
        body[at..].split_whitespace().next().unwrap().to_owned()
    }

    /// Moves the clock of all servers.
    pub fn advance_hours(&self, hours: i64) {
        self.clock.advance_seconds(hours * 3600);
    }

    /// Runs a statement on the stage's database, for what no API shows.
    pub async fn sql(&self, sql: &str) -> Vec<sea_orm::QueryResult> {
        use sea_orm::ConnectionTrait;
        let db = self.here().app.gate.database().reader();
        let statement = sea_orm::Statement::from_string(db.get_database_backend(), sql);
        db.query_all_raw(statement).await.unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    /// Ends the servers and removes the database. A stage that is only dropped leaves its database to the harness.
    pub async fn close(mut self) {
        for server in &self.servers {
            server.app.hub.shut_down();
            let _ = tokio::time::timeout(DEADLINE, server.app.hub.drained()).await;
            server.app.gate.database().close().await;
        }
        self.servers.clear();
        match &self.database {
            Place::Postgres(name) => Postgres::shared().drop_database(name).await,
            Place::Sqlite(file) => {
                for suffix in ["", "-wal", "-shm"] {
                    let _ = std::fs::remove_file(format!("{}{suffix}", file.display()));
                }
            }
        }
    }
}

async fn migrate(url: String) {
    let mut config = Config::default();
    config.database.database_url = url.parse().unwrap();
    let database =
        rollcall::platform::database::Database::open(&rollcall::platform::database::DatabaseSettings {
            url,
            checkers: 2,
            readers: 1,
            writers: 1,
            acquire_timeout: DEADLINE,
            allow_non_durable: true,
        })
        .await
        .expect("the template opens");
    database.migrate().await.expect("the template is brought up to date");
    database.close().await;
}

/// Defines a test that runs on both set-ups: `on_both_stages! { async fn name(stage) { … } }`.
#[macro_export]
macro_rules! on_both_stages {
    ($($(#[$attribute:meta])* async fn $name:ident($stage:ident) $body:block)*) => { $(
        $(#[$attribute])*
        mod $name {
            #[allow(unused_imports, reason = "each test takes what it needs")]
            use super::*;

            async fn play($stage: &$crate::support::app::Stage) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                let stage = $crate::support::app::Stage::sqlite().await;
                play(&stage).await;
                stage.close().await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_two_servers_with_postgresql_and_redis() {
                let stage = $crate::support::app::Stage::postgres().await;
                play(&stage).await;
                stage.close().await;
            }
        }
    )* };
}
