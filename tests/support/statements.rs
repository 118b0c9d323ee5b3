//! What a stage's servers ask of their database, statement by statement, session checks left out.
//!
//! Never changes what runs: it only looks on.

use std::sync::{Arc, Mutex};

use sea_orm::Statement;

use super::app::Stage;

#[derive(Clone)]
pub struct Statements(Arc<Mutex<Vec<Statement>>>);

impl Statements {
    /// Looks on from now on, at every server.
    pub fn of(stage: &Stage) -> Self {
        let seen = Arc::<Mutex<Vec<Statement>>>::default();
        for server in &stage.servers {
            let seen = seen.clone();
            let observer = move |statement: &Statement| seen.lock().unwrap().push(statement.clone());
            server.app.gate.database().observe(Box::new(observer));
        }
        Self(seen)
    }

    /// What ran since the last time. What runs behind the answers whenever there is time is left out: the note that a
    /// session was used, and reading the journal for those who listen.
    pub fn take(&self) -> Vec<Statement> {
        let seen = std::mem::take(&mut *self.0.lock().unwrap());
        seen.into_iter().filter(|statement| !is_of_another_hand(&statement.sql)).collect()
    }
}

fn is_of_another_hand(sql: &str) -> bool {
    let is_note =
        sql.starts_with("UPDATE") && (sql.contains("last_used_at") || sql.contains("last_active_at = "));
    is_note || sql.contains("FROM events")
}
