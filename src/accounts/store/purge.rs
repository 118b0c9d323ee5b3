//! The SQL of what goes by itself.

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, Value};

use crate::platform::database::{Database, execute, query_all, query_one};
use crate::primitives::ids::AccountId;
use crate::primitives::time::Timestamp;

/// Never proved, made before `$1`, without a link that holds at `$2` or a mail that waits, and nobody's membership.
const UNPROVED: &str = "a.verified_email_key IS NULL AND a.ending IS NULL AND a.created_at < $1 \
    AND NOT EXISTS (SELECT 1 FROM email_links l WHERE l.account_id = a.id AND l.expires_at > $2) \
    AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.subject_id = a.id) \
    AND NOT EXISTS (SELECT 1 FROM members m WHERE m.account_id = a.id)";

/// Accounts that may go, in the order of their ids.
pub(in crate::accounts) async fn list_unproved<C: ConnectionTrait>(
    connection: &C,
    (made_before, now): (Timestamp, Timestamp),
    after: Option<AccountId>,
    limit: u64,
) -> Result<Vec<AccountId>, DbErr> {
    let mut values: Vec<Value> = vec![made_before.into(), now.into()];
    let after = after.map_or("", |after| {
        values.push(after.into());
        "AND a.id > $3"
    });
    let sql = format!("SELECT a.id FROM accounts a WHERE {UNPROVED} {after} ORDER BY a.id LIMIT {limit}");
    let rows = query_all(connection, &sql, values).await?;
    rows.iter().map(|row| row.try_get("", "id")).collect()
}

pub(in crate::accounts) async fn is_unproved<C: ConnectionTrait>(
    connection: &C,
    id: AccountId,
    (made_before, now): (Timestamp, Timestamp),
) -> Result<bool, DbErr> {
    let sql = format!("SELECT a.id FROM accounts a WHERE {UNPROVED} AND a.id = $3");
    let values = vec![made_before.into(), now.into(), id.into()];
    Ok(query_one(connection, &sql, values).await?.is_some())
}

/// Takes an account away with its sessions and links.
pub(in crate::accounts) async fn delete(tx: &DatabaseTransaction, id: AccountId) -> Result<(), DbErr> {
    let sql = "DELETE FROM accounts WHERE id = $1";
    execute(tx, sql, vec![id.into()]).await.map(|_| ())
}

/// Links that were dead by then. Says how many.
pub(in crate::accounts) async fn delete_dead_links(
    database: &Database,
    before: Timestamp,
) -> Result<u64, DbErr> {
    let sql = "DELETE FROM email_links WHERE expires_at < $1";
    let tx = database.begin().await?;
    let deleted = execute(&tx, sql, vec![before.into()]).await?;
    tx.commit().await?;
    Ok(deleted)
}
