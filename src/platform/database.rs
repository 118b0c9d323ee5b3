//! The database: one pool to read through and one to write through, on SQLite or PostgreSQL.
//!
//! Never caches an answer, and never reads from anything but the primary: the revocation guarantee rests on it
//! (delivery.md, "The check on every request").

mod statements;
mod tried;

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use migrations::{Migrator, MigratorTrait};
use sea_orm::sqlx::Connection;
use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database as SeaDatabase, DatabaseConnection, DatabaseTransaction,
    DbBackend, DbErr, RuntimeErr, SqliteTransactionMode, SqlxError, Statement, TransactionOptions,
    TransactionTrait, Value,
};
use tokio::time::timeout;

pub use self::statements::{execute, placeholders, query_all, query_one, statement, value_rows};
pub use self::tried::ReadPool;
use self::tried::until_answered;
/// What a statement fails with. Rooms pass it on by this name; only their stores know more of the database.
pub use sea_orm::DbErr as DatabaseError;

/// How to reach the database. Sizes count connections.
#[derive(Clone, Debug)]
pub struct DatabaseSettings {
    pub url: String,
    /// Connections for session checks and the look at the heads alone, so that no query and no writer ever holds them
    /// up: a request that can't be checked is refused (REV-2).
    pub checkers: u32,
    /// Connections for queries.
    pub readers: u32,
    /// Connections for transactions that write; SQLite has one writer whatever is set here.
    pub writers: u32,
    /// How long a request waits for a free connection before it is refused as unavailable.
    pub acquire_timeout: Duration,
    /// Start although a crash could lose what was acknowledged (`fsync=off`): for tests and trials.
    pub allow_non_durable: bool,
}

/// An open database. Clones share the pools.
#[derive(Clone, Debug)]
pub struct Database {
    checkers: ReadPool,
    readers: ReadPool,
    writers: DatabaseConnection,
    /// Something was purged that may still lie in SQLite's log.
    unscrubbed: Arc<AtomicBool>,
    /// How many of them can have broken at once.
    writers_max: u32,
    observed: Observed,
}

/// Is shown each statement that queries and writers run, with its values.
pub type Observer = Box<dyn Fn(&Statement) + Send + Sync>;

/// Whoever looks on, if anybody does: plans and counts of statements are taken from what really runs.
#[derive(Clone, Default)]
struct Observed(Arc<OnceLock<Observer>>);

impl fmt::Debug for Observed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Observed")
    }
}

/// A statement failed because the database can't be reached or has no room, not because it is wrong.
pub fn is_unavailable(error: &DbErr) -> bool {
    match error {
        DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => true,
        DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error)) => {
            match &**error {
                SqlxError::Io(_)
                | SqlxError::Tls(_)
                | SqlxError::Protocol(_)
                | SqlxError::PoolTimedOut
                | SqlxError::PoolClosed
                | SqlxError::WorkerCrashed => true,
                SqlxError::Database(error) => error.code().is_some_and(|code| is_unavailable_code(&code)),
                _ => false,
            }
        }
        _ => false,
    }
}

/// PostgreSQL's classes 08 (connection), 53 (resources), 57P (operator intervention), read-only 25006, idle in a
/// transaction 25P03, lock timeout 55P03; SQLite's busy codes (PostgreSQL documentation, appendix A; SQLite "Result and
/// Error Codes").
fn is_unavailable_code(code: &str) -> bool {
    code.starts_with("08")
        || code.starts_with("53")
        || code.starts_with("57P")
        || matches!(code, "25006" | "25P03" | "55P03")
        || is_busy(code)
}

fn is_busy(code: &str) -> bool {
    matches!(code, "5" | "261" | "517" | "6")
}

/// The transaction lost against another one and may be tried again: serialization failure or deadlock.
pub fn is_retryable(error: &DbErr) -> bool {
    database_code(error).is_some_and(|code| code == "40001" || code == "40P01")
}

/// A row that must be unique stands already.
pub fn is_unique_violation(error: &DbErr) -> bool {
    matches!(error.sql_err(), Some(sea_orm::SqlErr::UniqueConstraintViolation(_)))
}

fn database_code(error: &DbErr) -> Option<String> {
    let (DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error))) = error
    else {
        return None;
    };
    error.as_database_error().and_then(|error| error.code()).map(|code| code.into_owned())
}

/// What is wrong with a database that can't be served from.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("the database can't be opened: {0}")]
    Connect(#[from] DbErr),
    #[error(
        "the database isn't durable ({0}): what was acknowledged could be lost; set it right or allow it explicitly"
    )]
    NotDurable(String),
    #[error("the database is a standby (in recovery): give the primary's address")]
    InRecovery,
}

impl Database {
    /// Opens both pools and refuses a database that the promises can't rest on.
    pub async fn open(settings: &DatabaseSettings) -> Result<Self, OpenError> {
        let sqlite = settings.url.starts_with("sqlite:");
        let writers_max = if sqlite { 1 } else { settings.writers };
        let mut writers = SeaDatabase::connect(options(settings, writers_max)).await?;
        let mut readers = SeaDatabase::connect(options(settings, settings.readers)).await?;
        let checkers = SeaDatabase::connect(options(settings, settings.checkers)).await?;
        let observed = Observed::default();
        for pool in [&mut writers, &mut readers] {
            let Observed(observer) = observed.clone();
            pool.set_metric_callback(move |ran| {
                if let Some(observer) = observer.get() {
                    observer(ran.statement);
                }
            });
        }
        let readers = ReadPool::new(readers, settings.readers);
        let checkers = ReadPool::new(checkers, settings.checkers);
        // At the start nobody knows what the process before has left.
        let unscrubbed = Arc::new(AtomicBool::new(sqlite));
        let database = Self { checkers, readers, writers, writers_max, unscrubbed, observed };
        database.refuse_standby().await?;
        if !settings.allow_non_durable {
            database.refuse_non_durable().await?;
        }
        Ok(database)
    }

    async fn refuse_standby(&self) -> Result<(), OpenError> {
        if !self.is_postgres() {
            return Ok(());
        }
        let row = self.readers.query_one_raw(self.statement("SELECT pg_is_in_recovery() AS it", [])).await?;
        match row.map(|row| row.try_get::<bool>("", "it")).transpose()? {
            Some(true) => Err(OpenError::InRecovery),
            _ => Ok(()),
        }
    }

    /// SQLite needs no look: this process sets `FULL` itself on each connection.
    async fn refuse_non_durable(&self) -> Result<(), OpenError> {
        if !self.is_postgres() {
            return Ok(());
        }
        for setting in ["fsync", "synchronous_commit", "full_page_writes"] {
            let sql = "SELECT current_setting($1) AS it";
            let row = self.readers.query_one_raw(self.statement(sql, [setting.into()])).await?;
            let value: String = row.map(|row| row.try_get("", "it")).transpose()?.unwrap_or_default();
            if value == "off" {
                return Err(OpenError::NotDurable(format!("{setting}={value}")));
            }
        }
        Ok(())
    }

    /// Brings the schema up to date. On PostgreSQL under an advisory lock: several servers may start at once.
    pub async fn migrate(&self) -> Result<(), DbErr> {
        if !self.is_postgres() {
            return Migrator::up(&self.writers, None).await;
        }
        let tx = self.writers.begin().await?;
        // "rollcall" in ASCII; released with the transaction.
        tx.execute_unprepared("SET LOCAL lock_timeout = 0").await?;
        tx.execute_unprepared("SELECT pg_advisory_xact_lock(8245935277855761516)").await?;
        Migrator::up(&tx, None).await?;
        tx.commit().await
    }

    /// Changes that the schema still lacks, by name.
    pub async fn pending_migrations(&self) -> Result<Vec<String>, DbErr> {
        let pending = Migrator::get_pending_migrations(self.readers.pool()).await?;
        Ok(pending.iter().map(|migration| migration.name().to_owned()).collect())
    }

    /// Shows somebody every statement from now on but those of the checks. The first who asks sees them; later ones don't.
    pub fn observe(&self, observer: Observer) {
        let _ = self.observed.0.set(observer);
    }

    /// Where queries read. Each statement sees all that was committed before it began.
    pub const fn reader(&self) -> &ReadPool {
        &self.readers
    }

    /// For session checks and the look at the heads, and nothing else.
    pub const fn checker(&self) -> &ReadPool {
        &self.checkers
    }

    /// Begins a transaction that writes. On SQLite it is the only one from here on. A connection that turns out to be
    /// broken is passed over: nothing was written on it.
    pub async fn begin(&self) -> Result<DatabaseTransaction, DbErr> {
        let sqlite_transaction_mode = (!self.is_postgres()).then_some(SqliteTransactionMode::Immediate);
        until_answered(self.writers_max + 1, || {
            self.writers
                .begin_with_options(TransactionOptions { sqlite_transaction_mode, ..Default::default() })
        })
        .await
    }

    pub fn is_postgres(&self) -> bool {
        self.readers.get_database_backend() == DbBackend::Postgres
    }

    /// A statement with `$1`, `$2`, … for its values; both databases read them.
    pub fn statement<const N: usize>(&self, sql: &str, values: [Value; N]) -> Statement {
        statement(&self.readers, sql, values.into())
    }

    /// Something was purged: see to it that it lies in no log either.
    pub fn want_scrub(&self) {
        self.unscrubbed.store(!self.is_postgres(), Ordering::Release);
    }

    /// Writes SQLite's log back and empties it, where something was purged; what was deleted is overwritten in the file
    /// (`secure_delete`). False where readers stood in the way: it is to be tried again. PostgreSQL's own files are its
    /// vacuum's and its operator's matter (operations.md).
    pub async fn scrub(&self) -> Result<bool, DbErr> {
        if !self.unscrubbed.swap(false, Ordering::AcqRel) {
            return Ok(true);
        }
        let checkpoint = self.statement("PRAGMA wal_checkpoint(TRUNCATE)", []);
        let done = match self.writers.query_one_raw(checkpoint).await {
            Ok(Some(row)) => row.try_get_by_index::<i64>(0).map(|busy| busy == 0),
            Ok(None) => Ok(true),
            Err(error) => Err(error),
        };
        if !matches!(done, Ok(true)) {
            self.want_scrub();
        }
        done
    }

    /// Closes all pools and waits for what is under way, but not for what never ends: a database that has gone deaf keeps
    /// no process from going down.
    pub async fn close(&self) {
        let closed = async {
            let _ = self.checkers.close().await;
            let _ = self.readers.close().await;
            let _ = self.writers.close_by_ref().await;
        };
        if timeout(CLOSE_MAX, closed).await.is_err() {
            tracing::warn!("the database did not answer in time; its connections are left to the system");
        }
    }
}

/// Longer than anything that waits for a lock; see below.
const CLOSE_MAX: Duration = Duration::from_secs(7);

/// What each connection asks of PostgreSQL: said once for a connection instead of in each transaction.
const POSTGRES_OPTIONS: [(&str, &str); 7] = [
    ("default_transaction_isolation", "read committed"),
    // A writer that waits longer for a workspace's lock is refused as unavailable and gives its connection back.
    ("lock_timeout", "5s"),
    // A server that froze or lost its network in a transaction holds a workspace's lock: nobody could be put out there
    // any more (REV-1). Between two statements of a transaction lie milliseconds.
    ("idle_in_transaction_session_timeout", "10s"),
    // The same for a server whose machine is gone and can't say so: noticed after 20 seconds, and not after two hours.
    ("tcp_keepalives_idle", "10"),
    ("tcp_keepalives_interval", "5"),
    ("tcp_keepalives_count", "2"),
    ("tcp_user_timeout", "20s"),
];

/// How long a connection that comes back to its pool may take to answer, in seconds: after a statement that was given up
/// it may lead nowhere any more, and would keep its place in the pool until the system notices.
const RETURN_MAX: Duration = Duration::from_secs(2);

fn options(settings: &DatabaseSettings, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(settings.url.clone());
    options
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(settings.acquire_timeout)
        // It would be a round trip for each statement and each transaction; see `tried`.
        .test_before_acquire(false)
        .sqlx_logging(false)
        .map_sqlx_postgres_opts(|postgres| postgres.options(POSTGRES_OPTIONS))
        .map_sqlx_postgres_pool_opts(|pool| {
            pool.after_release(|connection, _| {
                Box::pin(async move {
                    match timeout(RETURN_MAX, connection.ping()).await {
                        Ok(answered) => answered.map(|()| true),
                        Err(late) => Err(SqlxError::Io(late.into())),
                    }
                })
            })
        })
        .map_sqlx_sqlite_opts(|sqlite| {
            sqlite
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .foreign_keys(true)
                // What is deleted is overwritten, so that a purge leaves nothing in the file (DEL-1).
                .pragma("secure_delete", "ON")
                .busy_timeout(Duration::from_secs(5))
        });
    options
}
