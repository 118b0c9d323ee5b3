//! Real PostgreSQL and Redis for the integration tests, on free ports, in temporary folders.
//!
//! One of each serves all tests of the process and starts with the first test that asks; tests are
//! kept apart by a database each. The module knows no table: whoever asks fills the template.

use std::collections::HashSet;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use sea_orm::{ConnectOptions, ConnectionTrait, Database};
use tokio::sync::Mutex;

use super::guarded::{Folder, Guarded, Launch, folder_with, free_port};

/// How often a start is tried again when somebody else took the port in between.
const START_ATTEMPTS: usize = 3;

/// A PostgreSQL server, with the durability that production has.
pub struct Postgres {
    port: u16,
    /// Names of the templates that are filled. Held while databases are made: PostgreSQL copies
    /// a template only while nobody else uses it.
    templates: Mutex<HashSet<String>>,
    _server: Guarded,
}

impl Postgres {
    /// The one server of this test process.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Postgres> = OnceLock::new();
        SHARED.get_or_init(Self::start)
    }

    /// How to reach a database of it.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://rollcall@127.0.0.1:{}/{database}", self.port)
    }

    /// Makes a database from the template, which `fill` migrates when it is asked for the first
    /// time. `fill` gets the template's URL and has closed its connections when it is done.
    pub async fn create_database_from_template(
        &self,
        name: &str,
        template: &str,
        fill: impl AsyncFnOnce(String),
    ) {
        let mut templates = self.templates.lock().await;
        if !templates.contains(template) {
            self.execute(&format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", quoted(template))).await;
            self.execute(&format!("CREATE DATABASE {}", quoted(template))).await;
            fill(self.url(template)).await;
            templates.insert(template.to_owned());
        }
        self.execute(&format!("CREATE DATABASE {} TEMPLATE {}", quoted(name), quoted(template))).await;
    }

    /// Drops a test's database, whoever is still connected to it.
    pub async fn drop_database(&self, name: &str) {
        self.execute(&format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", quoted(name))).await;
    }

    /// On a connection of its own: a pool would belong to the runtime of the first test.
    async fn execute(&self, sql: &str) {
        let mut options = ConnectOptions::new(self.url("postgres"));
        options.max_connections(1).sqlx_logging(false);
        let connection = Database::connect(options).await.expect("PostgreSQL answers");
        connection.execute_unprepared(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
        connection.close().await.expect("the connection closes");
    }

    fn start() -> Self {
        let programs = postgres_programs();
        let (port, server) = started("PostgreSQL", || {
            let folder = Folder::new(&["postgres", "nobody"]);
            let port = free_port();
            let pid_file = folder.path.join("db/postmaster.pid");
            let command = postgres_command(&programs, &folder.path.join("db"), port);
            let ready =
                || std::fs::read_to_string(&pid_file).is_ok_and(|it| it.trim_end().ends_with("ready"));
            Ok((port, Guarded::start(Launch { folder: &folder, signal: "QUIT", command }, ready)?))
        });
        Self { port, templates: Mutex::default(), _server: server }
    }
}

/// Where the server's programs are.
pub(super) fn postgres_programs() -> PathBuf {
    folder_with(&["postgres", "initdb"], debian_postgres()).expect(
        "the tests need PostgreSQL: install it (Debian: apt-get install postgresql; macOS: brew install postgresql)",
    )
}

/// One command, so that what ends the server ends it in any state: make the cluster where there is none, then become
/// the server.
pub(super) fn postgres_command(programs: &Path, database: &Path, port: u16) -> Vec<String> {
    const SCRIPT: &str = r#"
        [ -f "$2/PG_VERSION" ] ||
            "$1/initdb" -D "$2" -U rollcall -A trust --locale=C.UTF-8 --encoding=UTF8 --no-sync --no-instructions &&
        exec "$1/postgres" -D "$2" -p "$3" -h 127.0.0.1 -k '' \
            -c max_connections=300 -c shared_buffers=64MB -c autovacuum=off -c timezone=UTC \
            -c track_activity_query_size=8192
    "#;
    let (programs, database) = (programs.display().to_string(), database.display().to_string());
    vec!["sh".into(), "-c".into(), SCRIPT.into(), "postgres".into(), programs, database, port.to_string()]
}

/// Where Debian keeps the server's programs, the newest version first.
fn debian_postgres() -> Vec<PathBuf> {
    let Ok(versions) = std::fs::read_dir("/usr/lib/postgresql") else { return Vec::new() };
    let mut versions: Vec<_> = versions.flatten().map(|version| version.path()).collect();
    versions.sort_by_key(|path| path.file_name().and_then(|name| name.to_str()?.parse::<u32>().ok()));
    versions.into_iter().rev().map(|version| version.join("bin")).collect()
}

/// A name is ours and plain, or the test is wrong.
fn quoted(name: &str) -> String {
    let plain = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    assert!(
        plain && (1..=63).contains(&name.len()),
        "a database is named in [a-z0-9_]{{1,63}}, not {name:?}"
    );
    format!("\"{name}\"")
}

/// A Redis server that keeps nothing.
pub struct Redis {
    port: u16,
    server: Option<Guarded>,
}

impl Redis {
    /// The one server of this test process: for tests that leave it running.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Redis> = OnceLock::new();
        SHARED.get_or_init(Self::start)
    }

    /// A server of the test's own, to be stopped and started again.
    pub fn start() -> Self {
        let (port, server) = started("Redis", || {
            let port = free_port();
            Ok((port, Self::serve(port)?))
        });
        Self { port, server: Some(server) }
    }

    /// How to reach it; the same after it was started again.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/", self.port)
    }

    /// Kills it; when this returns, its port refuses connections.
    pub fn stop(&mut self) {
        self.server = None;
    }

    /// Sends it a signal, `STOP` or `CONT`: stopped, it is up but deaf.
    pub fn signal(&self, name: &str) {
        if let Some(server) = &self.server {
            server.signal(name);
        }
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Starts it on the port that it had, empty.
    pub fn start_again(&mut self) {
        self.stop();
        self.server =
            Some(Self::serve(self.port).unwrap_or_else(|words| panic!("Redis did not start again: {words}")));
    }

    fn serve(port: u16) -> Result<Guarded, String> {
        let programs = folder_with(&["redis-server"], Vec::new()).expect(
            "the tests need Redis: install it (Debian: apt-get install redis-server; macOS: brew install redis)",
        );
        let folder = Folder::new(&["redis", "nobody"]);
        let program = programs.join("redis-server").display().to_string();
        let settings = format!("--port {port} --bind 127.0.0.1 --appendonly no --daemonize no --dir");
        let mut command = vec![program];
        command.extend(settings.split(' ').map(str::to_owned));
        command.extend([folder.path.display().to_string(), "--save".into(), String::new()]);
        Guarded::start(Launch { folder: &folder, signal: "KILL", command }, || answers_ping(port))
    }
}

fn answers_ping(port: u16) -> bool {
    let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)) else { return false };
    let mut answer = [0; 5];
    stream.set_read_timeout(Some(Duration::from_secs(1))).expect("a second is a valid time");
    stream.write_all(b"PING\r\n").is_ok() && stream.read_exact(&mut answer).is_ok() && &answer == b"+PONG"
}

fn started<S>(name: &str, start: impl Fn() -> Result<S, String>) -> S {
    let mut words = String::new();
    for _ in 0..START_ATTEMPTS {
        match start() {
            Ok(server) => return server,
            Err(last) => words = last,
        }
    }
    panic!("{name} did not start: {words}")
}
