//! A migrated database of a test's own: a SQLite file, or a PostgreSQL database.
//!
//! Holds no row but the installation's.

use std::path::Path;
use std::time::Duration;

use rollcall::platform::database::{Database, DatabaseSettings};
use rollcall::platform::journal;
use rollcall::primitives::ids::OperationId;
use rollcall::primitives::time::Clock;

use super::servers::Postgres;

/// In a file in this folder, which has to outlive it. Opened again, it is the same database.
pub async fn in_folder(folder: &Path) -> Database {
    opened(&format!("sqlite://{}?mode=rwc", folder.join("rollcall.db").display())).await
}

/// A new one on the shared server.
pub async fn on_postgres() -> Database {
    let name = format!("storage_{}", OperationId::new().as_uuid().simple());
    let postgres = Postgres::shared();
    postgres
        .create_database_from_template(&name, "storage_template", async |url| {
            opened(&url).await.close().await;
        })
        .await;
    opened(&postgres.url(&name)).await
}

/// At an address; migrated, if it was not yet.
pub async fn opened(url: &str) -> Database {
    let settings = DatabaseSettings {
        url: url.to_owned(),
        checkers: 2,
        readers: 4,
        writers: 4,
        acquire_timeout: Duration::from_secs(10),
        allow_non_durable: false,
    };
    let database = Database::open(&settings).await.expect("it opens");
    database.migrate().await.expect("it migrates");
    let tx = database.begin().await.expect("a transaction");
    journal::ensure_installation(&tx, Clock::system().now()).await.expect("it has an epoch");
    tx.commit().await.expect("committed");
    database
}
