//! A PostgreSQL of a test's own, that can be brought down, brought up again, and set back to an earlier copy of itself.
//!
//! Never the shared one: whoever asks for this is about to hurt it.

use std::path::PathBuf;
use std::process::Command;

use sea_orm::{ConnectOptions, ConnectionTrait, Database};

use super::guarded::{Folder, Guarded, Launch, free_port};
use super::servers::{postgres_command, postgres_programs};

pub struct OwnPostgres {
    port: u16,
    programs: PathBuf,
    database: PathBuf,
    /// Before the keeper, so that it is gone when its folder goes.
    server: Option<Guarded>,
    /// Holds the folder that outlives the server, and removes it however this process ends.
    _keeper: Guarded,
}

impl OwnPostgres {
    pub fn start() -> Self {
        let folder = Folder::new(&["postgres", "nobody"]);
        let mut postgres = Self {
            port: free_port(),
            programs: postgres_programs(),
            database: folder.path.join("db"),
            server: None,
            _keeper: keeper(&folder),
        };
        postgres.start_again();
        postgres
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// How to reach a database of it without anything in between.
    pub fn url(&self, database: &str) -> String {
        url(self.port, database)
    }

    /// An immediate shutdown: no session is ended in order, and the next start recovers from the write-ahead log.
    pub fn stop(&mut self) {
        self.server = None;
    }

    /// Starts it where it was; when this returns it takes connections.
    pub fn start_again(&mut self) {
        self.stop();
        let pid_file = self.database.join("postmaster.pid");
        let _ = std::fs::remove_file(&pid_file);
        let ready = || std::fs::read_to_string(&pid_file).is_ok_and(|it| it.trim_end().ends_with("ready"));
        let folder = Folder::new(&["postgres", "nobody"]);
        let command = postgres_command(&self.programs, &self.database, self.port);
        let started = Guarded::start(Launch { folder: &folder, signal: "QUIT", command }, ready);
        self.server = Some(started.unwrap_or_else(|words| panic!("PostgreSQL did not start: {words}")));
    }

    /// Copies its files, as a backup does. It has to be stopped.
    pub fn back_up(&self) {
        assert!(self.server.is_none(), "files of a running server are no backup");
        copy(&self.database, &self.database.with_extension("backup"));
    }

    /// Puts the files of the last backup in the place of its own. It has to be stopped.
    pub fn set_back(&self) {
        assert!(self.server.is_none(), "a running server can't be set back");
        std::fs::remove_dir_all(&self.database).expect("its files go");
        copy(&self.database.with_extension("backup"), &self.database);
    }
}

pub fn url(port: u16, database: &str) -> String {
    format!("postgres://rollcall@127.0.0.1:{port}/{database}")
}

/// Runs a statement on a connection of its own.
pub async fn execute(url: &str, sql: &str) -> Result<(), sea_orm::DbErr> {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    let connection = Database::connect(options).await?;
    let done = connection.execute_unprepared(sql).await;
    connection.close().await?;
    done.map(|_| ())
}

/// A process that does nothing but hold a folder, which goes with it.
pub fn keeper(folder: &Folder) -> Guarded {
    let command = ["sleep", "100000000"].map(str::to_owned).to_vec();
    Guarded::spawn(Launch { folder, signal: "KILL", command })
}

fn copy(from: &PathBuf, to: &PathBuf) {
    let mut copying = Command::new("cp");
    assert!(copying.arg("-a").arg(from).arg(to).status().expect("`cp` runs").success());
}
