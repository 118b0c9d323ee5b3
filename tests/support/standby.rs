//! A standby of a test's own PostgreSQL: streams from it, synchronously once it is asked to, and can be promoted.
//!
//! Never decides when the primary is gone; that is for the test.

use std::time::{Duration, Instant};

use super::guarded::{Folder, Guarded, Launch, free_port};
use super::own_postgres::{OwnPostgres, execute, url};
use super::servers::postgres_programs;

/// A copy of the primary, then a server that follows it.
const SCRIPT: &str = r#"
    "$1/pg_basebackup" -D "$2" -h 127.0.0.1 -p "$4" -U rollcall -R -X stream -c fast &&
    exec "$1/postgres" -D "$2" -p "$3" -h 127.0.0.1 -k '' -c max_connections=300 -c shared_buffers=64MB \
        -c primary_conninfo="host=127.0.0.1 port=$4 user=rollcall application_name=standby"
"#;

/// Fails while it is not.
const IS_SYNCHRONOUS: &str =
    "DO $$ BEGIN ASSERT EXISTS (SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'); END $$";
const SYNCHRONOUS_MAX: Duration = Duration::from_secs(60);

pub struct Standby {
    port: u16,
    _server: Guarded,
}

impl Standby {
    /// Follows the primary from now on; every commit there waits for it.
    pub async fn of(primary: &OwnPostgres) -> Self {
        let (programs, folder, port) =
            (postgres_programs(), Folder::new(&["postgres", "nobody"]), free_port());
        let database = folder.path.join("db");
        let pid_file = database.join("postmaster.pid");
        let mut command: Vec<String> = ["sh", "-c", SCRIPT, "standby"].map(Into::into).to_vec();
        command.extend([programs.display().to_string(), database.display().to_string()]);
        command.extend([port.to_string(), primary.port().to_string()]);
        let ready = || std::fs::read_to_string(&pid_file).is_ok_and(|it| it.trim_end().ends_with("ready"));
        let started = Guarded::start(Launch { folder: &folder, signal: "QUIT", command }, ready);
        let server = started.unwrap_or_else(|words| panic!("the standby did not start: {words}"));
        let primary = primary.url("postgres");
        for sql in ["ALTER SYSTEM SET synchronous_standby_names = 'standby'", "SELECT pg_reload_conf()"] {
            execute(&primary, sql).await.expect("it takes it");
        }
        let deadline = Instant::now() + SYNCHRONOUS_MAX;
        // A new connection each time: one that came before the setting was read would never hear of it.
        while execute(&primary, IS_SYNCHRONOUS).await.is_err() {
            assert!(Instant::now() < deadline, "the standby does not stream");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Self { port, _server: server }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn url(&self, database: &str) -> String {
        url(self.port, database)
    }

    /// Makes it the primary; returns when it takes writes.
    pub async fn promote(&self) {
        execute(&self.url("postgres"), "SELECT pg_promote(true, 60)").await.expect("it is promoted");
        execute(&self.url("postgres"), "CREATE TABLE promoted (it int)").await.expect("it takes writes");
    }
}
