//! SQL with its values, for both databases.
//!
//! Parameters are written `$1`, `$2` and so on everywhere; what SQLite needs instead, nobody but this module knows.

use sea_orm::{ConnectionTrait, DbBackend, DbErr, QueryResult, Statement, Value};

/// A statement for the database that this connection leads to.
///
/// To SQLite `$1` is a name: of thousands in one statement each would be compared with all before it, again for each
/// preparation. It is given their numbers.
pub fn statement<C: ConnectionTrait>(connection: &C, sql: &str, values: Vec<Value>) -> Statement {
    numbered(connection.get_database_backend(), sql, values)
}

/// All rows that a statement answers with.
pub async fn query_all<C: ConnectionTrait>(
    connection: &C,
    sql: &str,
    values: Vec<Value>,
) -> Result<Vec<QueryResult>, DbErr> {
    connection.query_all_raw(statement(connection, sql, values)).await
}

/// The one row that a statement answers with, if any.
pub async fn query_one<C: ConnectionTrait>(
    connection: &C,
    sql: &str,
    values: Vec<Value>,
) -> Result<Option<QueryResult>, DbErr> {
    connection.query_one_raw(statement(connection, sql, values)).await
}

/// How many rows a statement has changed.
pub async fn execute<C: ConnectionTrait>(
    connection: &C,
    sql: &str,
    values: Vec<Value>,
) -> Result<u64, DbErr> {
    Ok(connection.execute_raw(statement(connection, sql, values)).await?.rows_affected())
}

/// `$1, $2, …` for a list of values from the given number on.
pub fn placeholders(from: usize, count: usize) -> String {
    (from..from + count).map(|number| format!("${number}")).collect::<Vec<_>>().join(", ")
}

/// `($1, $2), ($3, $4), …`: rows of so many columns, from the given number on.
pub fn value_rows(from: usize, rows: usize, columns: usize) -> String {
    let row = |row: usize| format!("({})", placeholders(from + row * columns, columns));
    (0..rows).map(row).collect::<Vec<_>>().join(", ")
}

#[expect(clippy::disallowed_methods, reason = "the one place that gives SQLite what it needs")]
fn numbered(backend: DbBackend, sql: &str, values: Vec<Value>) -> Statement {
    match backend {
        DbBackend::Sqlite => Statement::from_sql_and_values(backend, numbers_for_names(sql), values),
        _ => Statement::from_sql_and_values(backend, sql, values),
    }
}

/// `?1` for `$1`; a dollar without a digit stays.
fn numbers_for_names(sql: &str) -> String {
    let mut parts = sql.split('$');
    let mut numbers = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        numbers.push(if part.starts_with(|next: char| next.is_ascii_digit()) { '?' } else { '$' });
        numbers.push_str(part);
    }
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sqlite_is_given_numbers_and_postgresql_what_is_written() {
        let sql = "SELECT '$' FROM t WHERE a = $1 AND b IN ($2, $10) AND c = $1";
        let of = |backend| numbered(backend, sql, vec![Value::from(1)]).sql;
        assert_eq!(of(DbBackend::Sqlite), "SELECT '$' FROM t WHERE a = ?1 AND b IN (?2, ?10) AND c = ?1");
        assert_eq!(of(DbBackend::Postgres), sql);
    }
}
