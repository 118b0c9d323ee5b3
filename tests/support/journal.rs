//! A journal of a test's own, written without any room: for tests of what carries events.

use std::sync::Arc;

use rollcall::platform::database::Database;
use rollcall::platform::journal::{self, Authorship, Effect, Event, NewEvent, StreamId, Subject};
use rollcall::primitives::actor::{Actor, Audience, Origin};
use rollcall::primitives::cursor::Epoch;
use rollcall::primitives::ids::OperationId;
use rollcall::primitives::time::Timestamp;
use sea_orm::ConnectionTrait;

use super::servers::Postgres;
use super::storage;

/// What a test's events are about; the rest of them is of no importance.
#[derive(Clone, Debug)]
pub struct Fact {
    pub audience: Audience,
    pub subject: Option<Subject>,
    pub effect: Option<Effect>,
    pub payload: serde_json::Value,
}

impl Fact {
    /// Something that everybody may know.
    pub fn plain() -> Self {
        Self { audience: Audience::Members, subject: None, effect: None, payload: serde_json::json!({}) }
    }

    pub fn with_effect(effect: Effect) -> Self {
        Self { effect: Some(effect), ..Self::plain() }
    }
}

pub struct Journal {
    pub database: Database,
    folder: Option<tempfile::TempDir>,
}

impl Journal {
    /// On a SQLite file of its own.
    pub async fn on_sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        Self { database: storage::in_folder(folder.path()).await, folder: Some(folder) }
    }

    /// In a PostgreSQL database of its own.
    pub async fn on_postgres() -> Self {
        Self { database: storage::on_postgres().await, folder: None }
    }

    /// Another server's connections to the same database.
    pub async fn reopened(&self) -> Database {
        let row = "it is the same database";
        match &self.folder {
            Some(folder) => storage::in_folder(folder.path()).await,
            None => {
                let statement = self.database.statement("SELECT current_database() AS it", []);
                let name = self.database.reader().query_one_raw(statement).await.expect(row).expect(row);
                storage::opened(&Postgres::shared().url(&name.try_get::<String>("", "it").expect(row))).await
            }
        }
    }

    pub async fn epoch(&self) -> Epoch {
        journal::epoch(self.database.reader()).await.expect("the installation has one")
    }

    pub async fn create(&self, stream: StreamId) {
        let tx = self.database.begin().await.expect("a transaction");
        journal::create_stream(&tx, stream, Timestamp::from_micros(0)).await.expect("a new stream");
        tx.commit().await.expect("committed");
    }

    /// Commits facts in one transaction; nobody is told.
    pub async fn append(&self, stream: StreamId, facts: Vec<Fact>) -> Vec<Arc<Event>> {
        let tx = self.database.begin().await.expect("a transaction");
        let mut locked = journal::lock_stream(&tx, stream).await.expect("it answers").expect("it exists");
        let authorship = Authorship {
            operation: OperationId::new(),
            actor: Actor::System,
            origin: Origin::System,
            now: Timestamp::from_micros(locked.seq),
        };
        let news = facts.into_iter().map(announced).collect();
        let events = journal::append(&tx, vec![(&mut locked, news)], authorship).await.expect("written");
        tx.commit().await.expect("committed");
        events.into_iter().map(Arc::new).collect()
    }

    /// Commits so many plain facts.
    pub async fn append_plain(&self, stream: StreamId, count: usize) -> Vec<Arc<Event>> {
        self.append(stream, vec![Fact::plain(); count]).await
    }

    pub async fn execute(&self, sql: &str) {
        let tx = self.database.begin().await.expect("a transaction");
        tx.execute_unprepared(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
        tx.commit().await.expect("committed");
    }
}

fn announced(fact: Fact) -> NewEvent {
    NewEvent {
        kind: "ChairMoved",
        version: 1,
        audience: fact.audience,
        subject: fact.subject,
        effect: fact.effect,
        payload: fact.payload,
        occurred_at: None,
    }
}
