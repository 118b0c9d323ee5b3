//! The service as it is run: processes of the built binary, with a line that can be cut between each of them and its
//! database, its Redis and its clients.
//!
//! Never tells a server apart from one in production: each gets flags and nothing else.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rollcall::platform::database::{Database, DatabaseSettings};
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::proxy::Proxy;
use crate::support::guarded::{Folder, Guarded, Launch, free_port};
use crate::support::own_postgres::{OwnPostgres, execute, keeper, url};
use crate::support::servers::Redis;

const DATABASE: &str = "rollcall";
/// A server that is not ready after this long does not come back by itself.
const READY_MAX: Duration = Duration::from_secs(60);

/// One server: what starts it again, and the lines that lead to and from it.
pub struct ServerPart {
    command: Vec<String>,
    port: u16,
    running: Mutex<Option<Guarded>>,
    /// Whoever runs services starts one again that has gone, unless it is to stay down.
    wanted: AtomicBool,
    pub front: Proxy,
    /// To PostgreSQL and to Redis, where there are.
    pub to_database: Option<Proxy>,
    pub to_redis: Option<Proxy>,
}

impl ServerPart {
    /// `kill -9`, and stays down.
    pub async fn kill(&self) {
        self.wanted.store(false, Ordering::SeqCst);
        self.signal("KILL").await;
    }

    pub fn revive(&self) {
        self.wanted.store(true, Ordering::SeqCst);
    }

    pub async fn signal(&self, name: &str) {
        if let Some(running) = &*self.running.lock().await {
            running.signal(name);
        }
    }

    pub fn lines(&self) -> impl Iterator<Item = &Proxy> {
        std::iter::once(&self.front).chain(&self.to_database).chain(&self.to_redis)
    }

    async fn keep_up(&self) {
        let mut running = self.running.lock().await;
        if self.wanted.load(Ordering::SeqCst) && !running.as_mut().is_some_and(Guarded::is_running) {
            let folder = Folder::new(&[]);
            *running = Some(Guarded::spawn(Launch {
                folder: &folder,
                signal: "KILL",
                command: self.command.clone(),
            }));
        }
    }

    async fn is_ready(&self) -> bool {
        let asked = reqwest::get(format!("http://127.0.0.1:{}/readyz", self.port));
        let answer = tokio::time::timeout(Duration::from_secs(1), asked).await;
        answer.is_ok_and(|answer| answer.is_ok_and(|answer| answer.status().is_success()))
    }
}

/// How servers on PostgreSQL are set up.
#[derive(Clone, Copy, Debug)]
pub struct Making {
    pub servers: usize,
    pub lease_ms: u64,
    pub planted: Option<&'static str>,
}

impl Default for Making {
    fn default() -> Self {
        Self { servers: 3, lease_ms: 3000, planted: None }
    }
}

/// All parts of a run.
pub struct Cluster {
    pub servers: Vec<Arc<ServerPart>>,
    pub postgres: Option<Mutex<OwnPostgres>>,
    pub redis: Option<Mutex<Redis>>,
    /// The database's address without a line in between: for the harness itself.
    pub direct: String,
    logs: PathBuf,
    _keeper: Guarded,
}

/// Where a server finds things.
struct Places {
    log: PathBuf,
    database_url: String,
    redis_url: Option<String>,
    making: Making,
}

impl Cluster {
    /// Servers on PostgreSQL and Redis of their own.
    pub async fn postgres(making: Making) -> Self {
        let folder = Folder::new(&[]);
        let postgres = OwnPostgres::start();
        execute(&postgres.url("postgres"), &format!("CREATE DATABASE {DATABASE}")).await.expect("a database");
        let redis = Redis::start();
        let mut servers = Vec::new();
        for at in 0..making.servers {
            let to_database = Proxy::to(postgres.port()).await;
            let to_redis = Proxy::to(redis.port()).await;
            let places = Places {
                log: folder.path.join(format!("server-{at}.log")),
                database_url: url(to_database.address.port(), DATABASE),
                redis_url: Some(format!("redis://{}/", to_redis.address)),
                making,
            };
            servers.push(server(places, Some(to_database), Some(to_redis)).await);
        }
        let direct = postgres.url(DATABASE);
        Self::start(servers, Some(postgres), Some(redis), (direct, folder)).await
    }

    /// One server on a SQLite file.
    pub async fn sqlite() -> Self {
        let folder = Folder::new(&[]);
        let file = format!("sqlite://{}?mode=rwc", folder.path.join("rollcall.db").display());
        let log = folder.path.join("server-0.log");
        let places = Places { log, database_url: file.clone(), redis_url: None, making: Making::default() };
        let servers = vec![server(places, None, None).await];
        Self::start(servers, None, None, (file, folder)).await
    }

    async fn start(
        servers: Vec<Arc<ServerPart>>,
        postgres: Option<OwnPostgres>,
        redis: Option<Redis>,
        (direct, folder): (String, Folder),
    ) -> Self {
        for server in &servers {
            tokio::spawn(watch_over(Arc::downgrade(server)));
        }
        let cluster = Self {
            servers,
            postgres: postgres.map(Mutex::new),
            redis: redis.map(Mutex::new),
            direct,
            logs: folder.path.clone(),
            _keeper: keeper(&folder),
        };
        cluster.ready().await;
        cluster
    }

    /// Returns when every server says that it is ready.
    pub async fn ready(&self) {
        let deadline = Instant::now() + READY_MAX;
        for (at, server) in self.servers.iter().enumerate() {
            while !server.is_ready().await {
                assert!(Instant::now() < deadline, "server {at} is not ready:\n{}", self.last_words());
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }

    /// The harness' own way into the database.
    pub async fn open_database(&self) -> Database {
        let settings = DatabaseSettings {
            url: self.direct.clone(),
            checkers: 1,
            readers: 2,
            writers: 1,
            acquire_timeout: Duration::from_secs(5),
            allow_non_durable: false,
        };
        Database::open(&settings).await.expect("the database opens")
    }

    /// The ends of the servers' logs.
    pub fn last_words(&self) -> String {
        let logs = (0..self.servers.len()).map(|at| {
            let log = std::fs::read_to_string(self.logs.join(format!("server-{at}.log"))).unwrap_or_default();
            let lines: Vec<&str> = log.lines().collect();
            let last = lines[lines.len().saturating_sub(40)..].join("\n");
            format!("--- server {at}\n{last}\n")
        });
        logs.collect()
    }

    /// Lines of the servers' logs that hold a text.
    pub fn log_lines(&self, text: &str) -> Vec<String> {
        let logs = (0..self.servers.len()).map(|at| {
            std::fs::read_to_string(self.logs.join(format!("server-{at}.log"))).unwrap_or_default()
        });
        logs.flat_map(|log| {
            log.lines().filter(|line| line.contains(text)).map(str::to_owned).collect::<Vec<_>>()
        })
        .collect()
    }
}

async fn server(places: Places, to_database: Option<Proxy>, to_redis: Option<Proxy>) -> Arc<ServerPart> {
    let port = free_port();
    Arc::new(ServerPart {
        command: command(port, &places),
        port,
        running: Mutex::new(None),
        wanted: AtomicBool::new(true),
        front: Proxy::to(port).await,
        to_database,
        to_redis,
    })
}

/// Patience is set short, so that a run of minutes sees what production sees in days; limits on attempts are out of
/// the way, because all clients come from one address.
fn command(port: u16, places: &Places) -> Vec<String> {
    const SCRIPT: &str = r#"log=$1; shift; exec "$@" >>"$log" 2>&1"#;
    const SETTINGS: &str = "--database-connections-max 10 --database-wait-ms 1500 --head-poll-ms 150 \
         --sign-in-account-attempts-max 1000000 --sign-in-account-total-attempts-max 1000000 \
         --sign-in-address-attempts-max 1000000 --invitations-per-hour-max 1000000 --log warn";
    let mut command: Vec<String> = ["sh", "-c", SCRIPT, "server"].map(str::to_owned).to_vec();
    command.push(places.log.display().to_string());
    command.extend(["env", "-i"].map(str::to_owned));
    command.extend(places.making.planted.map(|bug| format!("ROLLCALL_PLANTED_BUG={bug}")));
    let built = env!("CARGO_BIN_EXE_rollcall").to_owned();
    command.push(std::env::var("ROLLCALL_FAULT_BINARY").unwrap_or(built));
    command.extend(["serve", "--listen"].map(str::to_owned));
    command.push(format!("127.0.0.1:{port}"));
    command.extend(["--database-url".to_owned(), places.database_url.clone()]);
    command.extend(["--lease-ms".to_owned(), places.making.lease_ms.to_string()]);
    command.extend(SETTINGS.split_whitespace().map(str::to_owned));
    if let Some(redis) = &places.redis_url {
        command.extend(["--redis-url".to_owned(), redis.clone()]);
    }
    command
}

/// What every service manager does: a server that has gone is started again.
async fn watch_over(server: std::sync::Weak<ServerPart>) {
    while let Some(server) = server.upgrade() {
        server.keep_up().await;
        drop(server);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
