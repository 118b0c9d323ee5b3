//! The SQL of accounts that come to their end.

use sea_orm::{ConnectionTrait, DbErr, Value};

use super::super::account::Account;
use crate::access::AccountTx;
use crate::platform::database::{execute, query_all, query_one};
use crate::primitives::actor::EndCause;
use crate::primitives::email::EmailKey;
use crate::primitives::ids::AccountId;
use crate::primitives::time::Timestamp;

/// An account on its way to its end.
#[derive(Clone, Copy, Debug)]
pub struct EndingAccount {
    pub id: AccountId,
    /// The end has begun: there is no way back.
    pub begun: bool,
    pub since: Timestamp,
}

/// Those on their way, in the order of their ids.
pub async fn list_ending<C: ConnectionTrait>(
    connection: &C,
    after: Option<AccountId>,
    limit: u64,
) -> Result<Vec<EndingAccount>, DbErr> {
    let mut values: Vec<Value> = Vec::new();
    let after = after.map_or("", |after| {
        values.push(after.into());
        "AND id > $1"
    });
    let sql = format!(
        "SELECT id, ending = 'ENDING' AS begun, ending_since FROM accounts WHERE ending IS NOT NULL {after} \
         ORDER BY id LIMIT {limit}"
    );
    let rows = query_all(connection, &sql, values).await?;
    rows.iter()
        .map(|row| {
            Ok(EndingAccount {
                id: row.try_get("", "id")?,
                begun: row.try_get("", "begun")?,
                since: row.try_get("", "ending_since")?,
            })
        })
        .collect()
}

/// Has its end been asked for, or begun?
pub async fn is_ending<C: ConnectionTrait>(connection: &C, id: AccountId) -> Result<bool, DbErr> {
    let sql = "SELECT 1 AS it FROM accounts WHERE id = $1 AND ending IS NOT NULL";
    Ok(query_one(connection, sql, vec![id.into()]).await?.is_some())
}

async fn change(tx: &AccountTx, sql: &str, values: Vec<Value>) -> Result<bool, DbErr> {
    Ok(execute(tx.writer(), sql, values).await? == 1)
}

pub(in crate::accounts) async fn mark_asked(tx: &AccountTx, id: AccountId) -> Result<bool, DbErr> {
    let sql = "UPDATE accounts SET ending = 'ASKED', ending_since = $2 WHERE id = $1 AND ending IS NULL";
    change(tx, sql, vec![id.into(), tx.now().into()]).await
}

pub(in crate::accounts) async fn clear_asked(tx: &AccountTx, id: AccountId) -> Result<bool, DbErr> {
    let sql = "UPDATE accounts SET ending = NULL, ending_since = NULL WHERE id = $1 AND ending = 'ASKED'";
    change(tx, sql, vec![id.into()]).await
}

/// The addresses that the account has and wants, for the mails to them.
pub(in crate::accounts) async fn list_addresses(
    tx: &AccountTx,
    id: AccountId,
) -> Result<Vec<EmailKey>, DbErr> {
    let sql = "SELECT email_key FROM accounts WHERE id = $1 \
               UNION SELECT new_email_key FROM accounts WHERE id = $1 AND new_email_key IS NOT NULL \
               UNION SELECT email_key FROM email_links WHERE account_id = $1";
    let rows = query_all(tx.reader(), sql, vec![id.into()]).await?;
    rows.iter().map(|row| row.try_get("", "email_key")).collect()
}

/// Nothing personal is left but that there is somebody whose memberships are still to end, and the address, free for
/// anybody, that those are to remember. The account bears the raised generation already. False where it was not asked for,
/// or has been done.
pub(in crate::accounts) async fn erase(tx: &AccountTx, account: &Account) -> Result<bool, DbErr> {
    let sql = "DELETE FROM email_links WHERE account_id = $1";
    execute(tx.writer(), sql, vec![account.id.into()]).await?;
    let sql = "UPDATE accounts SET ending = 'ENDING', ended_email_key = verified_email_key, email = '', email_key = '', \
               verified_email_key = NULL, name = '', password_hash = '', new_email = NULL, new_email_key = NULL, \
               new_email_session = NULL, generation = $2, generation_cause = $3, revision = $4, untold = TRUE, \
               copies_due = FALSE WHERE id = $1 AND ending = 'ASKED'";
    let values = vec![
        account.id.into(),
        account.generation.into(),
        EndCause::AccountDeleted.into(),
        account.revision.into(),
    ];
    change(tx, sql, values).await
}

/// The address that an account had whose end has begun.
pub async fn find_ended_address<C: ConnectionTrait>(
    connection: &C,
    id: AccountId,
) -> Result<Option<EmailKey>, DbErr> {
    let sql = "SELECT ended_email_key FROM accounts WHERE id = $1";
    let row = query_one(connection, sql, vec![id.into()]).await?;
    row.map_or(Ok(None), |row| row.try_get("", "ended_email_key"))
}

/// The end has begun, and no membership and nothing kept leads to the account any more.
pub(in crate::accounts) async fn is_let_go(tx: &AccountTx, id: AccountId) -> Result<bool, DbErr> {
    let sql = "SELECT 1 AS it FROM accounts a WHERE a.id = $1 AND a.ending = 'ENDING' AND NOT a.untold \
               AND NOT EXISTS (SELECT 1 FROM members m WHERE m.account_id = a.id) \
               AND NOT EXISTS (SELECT 1 FROM assets t WHERE t.held_by_account_id = a.id)";
    Ok(query_one(tx.reader(), sql, vec![id.into()]).await?.is_some())
}
