//! Connections that are read through: what a broken one did not answer is asked again on the next.
//!
//! A connection of the pool may have broken while it lay idle (PostgreSQL was restarted, a failover, a firewall). Asking
//! each whether it still lives before it is used would be a second round trip for every statement, the check of a
//! session among them; so the statement itself is what finds out. Never tries a write again: it may have taken effect.

use std::future::Future;

use sea_orm::prelude::async_trait::async_trait;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr, SqlxError,
    Statement,
};

/// A pool for statements that read.
#[derive(Clone, Debug)]
pub struct ReadPool {
    pool: DatabaseConnection,
    /// As many as can have broken at once.
    tries_max: u32,
}

impl ReadPool {
    pub(super) const fn new(pool: DatabaseConnection, connections: u32) -> Self {
        Self { pool, tries_max: connections + 1 }
    }

    /// The connections themselves.
    pub(super) const fn pool(&self) -> &DatabaseConnection {
        &self.pool
    }

    pub(super) async fn close(&self) -> Result<(), DbErr> {
        self.pool.close_by_ref().await
    }
}

/// Tries until a connection answers, so many times at most. Only for what has done nothing where its connection broke.
pub(super) async fn until_answered<T, F>(tries_max: u32, ask: impl Fn() -> F) -> Result<T, DbErr>
where
    F: Future<Output = Result<T, DbErr>>,
{
    let mut left = tries_max;
    loop {
        left = left.saturating_sub(1);
        match ask().await {
            Err(error) if left > 0 && is_broken(&error) => {
                tracing::debug!(%error, "a connection to the database was broken; asking on another");
            }
            result => return result,
        }
    }
}

/// The connection broke, or the database ended it. One that can't be had at all is no such thing: trying at once again
/// would run at a database that is down.
fn is_broken(error: &DbErr) -> bool {
    let (DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error))) = error
    else {
        return false;
    };
    match &**error {
        SqlxError::Io(_) | SqlxError::Tls(_) | SqlxError::Protocol(_) | SqlxError::WorkerCrashed => true,
        // Class 08 is the connection; 57P01, 57P02: the server, or somebody there, ended it. A session that lay idle
        // for too long is 57P05, in a transaction 25P03.
        SqlxError::Database(error) => error.code().is_some_and(|code| {
            code.starts_with("08") || matches!(&*code, "25P03" | "57P01" | "57P02" | "57P05")
        }),
        _ => false,
    }
}

#[async_trait]
impl ConnectionTrait for ReadPool {
    fn get_database_backend(&self) -> DbBackend {
        self.pool.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.pool.execute_raw(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.pool.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        until_answered(self.tries_max, || self.pool.query_one_raw(statement.clone())).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        until_answered(self.tries_max, || self.pool.query_all_raw(statement.clone())).await
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::io::{Error, ErrorKind};
    use std::sync::Arc;

    use super::*;

    fn broken() -> DbErr {
        let reset = SqlxError::Io(Error::from(ErrorKind::ConnectionReset));
        DbErr::Query(RuntimeErr::SqlxError(Arc::new(reset)))
    }

    /// How often it is asked where the first so many connections are broken.
    async fn asked(broken_first: u32, tries_max: u32, error: fn() -> DbErr) -> (u32, bool) {
        let count = Cell::new(0);
        let answered = until_answered(tries_max, || {
            count.set(count.get() + 1);
            let answer = if count.get() > broken_first { Ok(()) } else { Err(error()) };
            std::future::ready(answer)
        });
        let answered = answered.await.is_ok();
        (count.get(), answered)
    }

    #[tokio::test]
    async fn each_broken_connection_is_passed_over_and_no_more_are_tried_than_there_are() {
        assert_eq!(asked(0, 3, broken).await, (1, true));
        assert_eq!(asked(2, 3, broken).await, (3, true));
        assert_eq!(asked(9, 3, broken).await, (3, false));
    }

    #[tokio::test]
    async fn a_database_that_lets_nobody_in_is_not_run_at() {
        let nobody = || DbErr::ConnectionAcquire(sea_orm::ConnAcquireErr::Timeout);
        assert_eq!(asked(9, 3, nobody).await, (1, false));
    }
}
