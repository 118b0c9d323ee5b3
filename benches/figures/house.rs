//! The real thing: PostgreSQL with the durability of production, Redis, and the release binary of the server.
//!
//! Everything is on free ports and in temporary folders, and gone when the program is, however it ends.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use sea_orm::{ConnectOptions, ConnectionTrait, DatabaseConnection, QueryResult};

use super::cores::{self, Core};
use super::plan::Plan;
use super::support::guarded::{Folder, Guarded, Launch, free_port};
use super::support::servers::{Postgres, Redis};

/// Which database a house stands on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Ground {
    /// With Redis; for several servers.
    Postgres,
    /// With `synchronous=FULL`; for one.
    Sqlite,
}

/// A database with its servers.
pub struct House {
    pub ground: Ground,
    url: String,
    pub database: DatabaseConnection,
    /// Holds the SQLite file.
    _folder: tempfile::TempDir,
}

/// A server of it.
pub struct Server {
    pub address: String,
    pub process: u32,
    _guarded: Guarded,
}

impl House {
    /// On a new database, which the first server brings up to date.
    pub async fn new(ground: Ground) -> Self {
        static COUNT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
        let folder = tempfile::tempdir().expect("a temporary folder");
        let url = match ground {
            Ground::Sqlite => format!("sqlite://{}?mode=rwc", folder.path().join("rollcall.db").display()),
            Ground::Postgres => {
                let number = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                let name = format!("figures_{number}");
                let postgres = Postgres::shared();
                postgres.create_database_from_template(&name, "figures_template", async |_| ()).await;
                postgres.url(&name)
            }
        };
        let mut options = ConnectOptions::new(url.clone());
        options.max_connections(1).sqlx_logging(false);
        let database = sea_orm::Database::connect(options).await.expect("the database answers");
        Self { ground, url, database, _folder: folder }
    }

    /// Starts a server and waits until it is ready.
    pub fn serve(&self, plan: &Plan, core: Core, settings: &[&str]) -> Server {
        let folder = Folder::new(&[]);
        let process_file = folder.path.join("process");
        let address = format!("127.0.0.1:{}", free_port());
        let redis = (self.ground == Ground::Postgres).then(|| Redis::shared().url());
        let mut command: Vec<String> =
            ["sh", "-c", "echo $$ >\"$0\"; exec \"$@\""].map(str::to_owned).to_vec();
        command.push(process_file.display().to_string());
        command.extend(cores::prefix(core));
        let words = [plan.binary(), "serve", "--log", "warn", "--listen", &address];
        command.extend(words.map(str::to_owned));
        command.extend(["--database-url".to_owned(), self.url.clone()]);
        // All sockets come from this machine.
        command.extend(["--connections-per-network-max", "1000000"].map(str::to_owned));
        command.extend(redis.into_iter().flat_map(|url| ["--redis-url".to_owned(), url]));
        command.extend(settings.iter().map(|word| (*word).to_owned()));
        let guarded =
            Guarded::start(Launch { folder: &folder, signal: "KILL", command }, || is_ready(&address))
                .unwrap_or_else(|words| panic!("the server did not start: {words}"));
        let process = std::fs::read_to_string(&process_file).expect("written before the server began");
        let process = process.trim().parse().expect("the number of a process");
        Server { address, process, _guarded: guarded }
    }

    pub async fn execute(&self, sql: &str) {
        let short = &sql[..sql.len().min(200)];
        self.database.execute_unprepared(sql).await.unwrap_or_else(|error| panic!("{short}: {error}"));
    }

    /// Lets no mail leave, so that nothing but what was asked for makes events: an invitation's mail makes one of its own.
    pub async fn hold_mails_back(&self) {
        let later = "next_attempt_at = next_attempt_at + 86400000000";
        match self.ground {
            Ground::Postgres => {
                self.execute(
                    "CREATE FUNCTION hold_back() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
                     NEW.next_attempt_at := NEW.next_attempt_at + 86400000000; RETURN NEW; END $$",
                )
                .await;
                let sql = "CREATE TRIGGER hold_back BEFORE INSERT ON outbox FOR EACH ROW EXECUTE FUNCTION hold_back()";
                self.execute(sql).await;
            }
            Ground::Sqlite => {
                let sql = format!("UPDATE outbox SET {later} WHERE id = NEW.id");
                self.execute(&format!("CREATE TRIGGER hold_back AFTER INSERT ON outbox BEGIN {sql}; END"))
                    .await;
            }
        }
    }

    pub async fn rows(&self, sql: &str) -> Vec<QueryResult> {
        let statement = sea_orm::Statement::from_string(self.database.get_database_backend(), sql);
        self.database.query_all_raw(statement).await.unwrap_or_else(|error| panic!("{sql}: {error}"))
    }
}

fn is_ready(address: &str) -> bool {
    let Ok(mut stream) = TcpStream::connect(address) else { return false };
    stream.set_read_timeout(Some(Duration::from_secs(1))).expect("a second is a valid time");
    let asked = stream.write_all(b"GET /readyz HTTP/1.1\r\nHost: it\r\nConnection: close\r\n\r\n");
    let mut answer = [0; 12];
    asked.is_ok() && stream.read_exact(&mut answer).is_ok() && answer.ends_with(b"200")
}
