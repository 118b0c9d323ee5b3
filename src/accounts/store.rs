//! The SQL of accounts. That of their mailed links stands in `store/links.rs`.
//!
//! Never lets a password's hash out but to be compared.

mod end;
mod links;
mod purge;

use std::collections::HashMap;

use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait,
};

pub use self::end::{EndingAccount, find_ended_address, is_ending, list_ending};
pub(super) use self::end::{clear_asked, erase, is_let_go, list_addresses, mark_asked};
pub(super) use self::links::{
    NewLink, close_reset_links, count_reset_links, find_claim, has_link, mint_link, use_link,
};
pub(super) use self::purge::{delete, delete_dead_links, is_unproved, list_unproved};
use super::account::{Account, WantedAddress};
use super::hasher::PasswordHash;
use crate::entities::accounts;
use crate::platform::database::{Database, execute, is_unique_violation, placeholders, query_all, statement};
use crate::primitives::actor::EndCause;
use crate::primitives::email::EmailKey;
use crate::primitives::ids::AccountId;

fn account(model: accounts::Model) -> Account {
    Account {
        id: model.id,
        email: model.email,
        email_key: model.email_key,
        email_verified: model.verified_email_key.is_some(),
        name: model.name,
        generation: model.generation,
        revision: model.revision,
        created_at: model.created_at,
        wanted: match (model.new_email, model.new_email_key) {
            (Some(email), Some(email_key)) => {
                Some(WantedAddress { email, email_key, session: model.new_email_session })
            }
            _ => None,
        },
    }
}

fn with_hash(model: accounts::Model) -> (Account, PasswordHash) {
    let hash = PasswordHash::from_stored(model.password_hash.clone());
    (account(model), hash)
}

/// A person by id.
pub async fn find<C: ConnectionTrait>(connection: &C, id: AccountId) -> Result<Option<Account>, DbErr> {
    Ok(accounts::Entity::find_by_id(id).one(connection).await?.map(account))
}

/// The person who has proved this address.
pub async fn find_by_verified_email<C: ConnectionTrait>(
    connection: &C,
    key: &EmailKey,
) -> Result<Option<Account>, DbErr> {
    let found = accounts::Entity::find().filter(accounts::Column::VerifiedEmailKey.eq(key.clone()));
    Ok(found.one(connection).await?.map(account))
}

/// Those who have proved one of these addresses, by address.
pub async fn load_many_by_verified_email<C: ConnectionTrait>(
    connection: &C,
    keys: &[EmailKey],
) -> Result<HashMap<EmailKey, AccountId>, DbErr> {
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    let sql = format!(
        "SELECT id, verified_email_key FROM accounts WHERE verified_email_key IN ({})",
        placeholders(1, keys.len())
    );
    let values = keys.iter().map(|key| key.clone().into()).collect();
    let rows = query_all(connection, &sql, values).await?;
    rows.iter().map(|row| Ok((row.try_get("", "verified_email_key")?, row.try_get("", "id")?))).collect()
}

/// Who signs in with this address: the account that holds it, else the newest that claims it.
pub(super) async fn find_claimant<C: ConnectionTrait>(
    connection: &C,
    key: &EmailKey,
) -> Result<Option<(Account, PasswordHash)>, DbErr> {
    let sql = "SELECT a.* FROM accounts a WHERE email_key = $1 ORDER BY \
               CASE WHEN verified_email_key = $1 THEN 0 ELSE 1 END, created_at DESC, id DESC LIMIT 1";
    let select = statement(connection, sql, vec![key.clone().into()]);
    let found = accounts::Entity::find().from_raw_sql(select).one(connection).await?;
    Ok(found.map(with_hash))
}

/// Inserts an account; `false` where its verified address is held by another.
pub(super) async fn insert(
    tx: &DatabaseTransaction,
    new: &Account,
    hash: &PasswordHash,
) -> Result<bool, DbErr> {
    let model = accounts::Model {
        id: new.id,
        email: new.email.clone(),
        email_key: new.email_key.clone(),
        verified_email_key: new.email_verified.then(|| new.email_key.clone()),
        name: new.name.clone(),
        password_hash: hash.as_str().to_owned(),
        generation: new.generation,
        generation_cause: None,
        revision: new.revision,
        created_at: new.created_at,
        new_email: None,
        new_email_key: None,
        new_email_session: None,
        untold: false,
        copies_due: false,
    };
    let inserted = accounts::Entity::insert(model.into_active_model()).exec_without_returning(tx).await;
    unless_taken(inserted.map(|_| ()))
}

/// Lets the account hold its address; `false` where another does.
pub(super) async fn hold_address(tx: &DatabaseTransaction, account: &Account) -> Result<bool, DbErr> {
    let sql = "UPDATE accounts SET verified_email_key = email_key, revision = $2 WHERE id = $1";
    let values = vec![account.id.into(), account.revision.into()];
    unless_taken(execute(tx, sql, values).await.map(|_| ()))
}

/// The index over verified addresses decides between two who prove one at the same time.
fn unless_taken(result: Result<(), DbErr>) -> Result<bool, DbErr> {
    match result {
        Ok(()) => Ok(true),
        Err(error) if is_unique_violation(&error) => Ok(false),
        Err(error) => Err(error),
    }
}

/// A person by id, with what their password is compared with.
pub(super) async fn find_with_hash<C: ConnectionTrait>(
    connection: &C,
    id: AccountId,
) -> Result<Option<(Account, PasswordHash)>, DbErr> {
    Ok(accounts::Entity::find_by_id(id).one(connection).await?.map(with_hash))
}

/// Stores another password; the account bears the raised generation already.
pub(super) async fn set_password(
    tx: &DatabaseTransaction,
    account: &Account,
    hash: &PasswordHash,
) -> Result<(), DbErr> {
    let sql = "UPDATE accounts SET password_hash = $2, generation = $3, generation_cause = $4, revision = $5, \
               untold = TRUE WHERE id = $1";
    let values = vec![
        account.id.into(),
        hash.as_str().into(),
        account.generation.into(),
        EndCause::PasswordChanged.into(),
        account.revision.into(),
    ];
    execute(tx, sql, values).await.map(|_| ())
}

/// Stores the address that the person wants, in place of one that they wanted before.
pub(super) async fn want_address(
    tx: &DatabaseTransaction,
    account: &Account,
    wanted: &WantedAddress,
) -> Result<(), DbErr> {
    let sql = "UPDATE accounts SET new_email = $2, new_email_key = $3, new_email_session = $4, revision = $5 \
               WHERE id = $1";
    let values = vec![
        account.id.into(),
        wanted.email.as_str().into(),
        wanted.email_key.clone().into(),
        wanted.session.into(),
        account.revision.into(),
    ];
    execute(tx, sql, values).await.map(|_| ())
}

/// Lets the account hold another address; `false` where somebody else does. It bears address and generation already.
pub(super) async fn move_address(tx: &DatabaseTransaction, account: &Account) -> Result<bool, DbErr> {
    let sql = "UPDATE accounts SET email = $2, email_key = $3, verified_email_key = $3, new_email = NULL, \
               new_email_key = NULL, new_email_session = NULL, generation = $4, generation_cause = $5, \
               revision = $6, untold = TRUE, copies_due = TRUE WHERE id = $1";
    let values = vec![
        account.id.into(),
        account.email.as_str().into(),
        account.email_key.clone().into(),
        account.generation.into(),
        EndCause::EmailChanged.into(),
        account.revision.into(),
    ];
    unless_taken(execute(tx, sql, values).await.map(|_| ()))
}

pub(super) async fn rename(tx: &DatabaseTransaction, account: &Account) -> Result<(), DbErr> {
    let sql = "UPDATE accounts SET name = $2, revision = $3, copies_due = TRUE WHERE id = $1";
    let values = vec![account.id.into(), account.name.as_str().into(), account.revision.into()];
    execute(tx, sql, values).await.map(|_| ())
}

/// Accounts whose generation was raised, and not every workspace has been told yet.
pub async fn list_untold<C: ConnectionTrait>(
    connection: &C,
    after: Option<AccountId>,
    limit: u64,
) -> Result<Vec<AccountId>, DbErr> {
    list_marked(connection, accounts::Column::Untold, after, limit).await
}

/// Every workspace has been told, unless the generation was raised again meanwhile.
pub async fn mark_told(database: &Database, id: AccountId, generation: i64) -> Result<(), DbErr> {
    let sql = "UPDATE accounts SET untold = FALSE WHERE id = $1 AND generation = $2";
    let tx = database.begin().await?;
    execute(&tx, sql, vec![id.into(), generation.into()]).await?;
    tx.commit().await
}

/// Accounts whose name or address not every membership has yet.
pub async fn list_uncopied<C: ConnectionTrait>(
    connection: &C,
    after: Option<AccountId>,
    limit: u64,
) -> Result<Vec<AccountId>, DbErr> {
    list_marked(connection, accounts::Column::CopiesDue, after, limit).await
}

/// Every membership has them, unless they were changed again meanwhile.
pub async fn mark_copied(database: &Database, id: AccountId, revision: i64) -> Result<(), DbErr> {
    let sql = "UPDATE accounts SET copies_due = FALSE WHERE id = $1 AND revision = $2";
    let tx = database.begin().await?;
    execute(&tx, sql, vec![id.into(), revision.into()]).await?;
    tx.commit().await
}

async fn list_marked<C: ConnectionTrait>(
    connection: &C,
    mark: accounts::Column,
    after: Option<AccountId>,
    limit: u64,
) -> Result<Vec<AccountId>, DbErr> {
    accounts::Entity::find()
        .select_only()
        .column(accounts::Column::Id)
        .filter(mark.eq(true))
        .apply_if(after, |query, after| query.filter(accounts::Column::Id.gt(after)))
        .order_by_asc(accounts::Column::Id)
        .limit(limit)
        .into_tuple()
        .all(connection)
        .await
}

/// Every account session is of an older generation from here on.
pub(super) async fn raise_every_generation(tx: &DatabaseTransaction, cause: EndCause) -> Result<(), DbErr> {
    let sql = "UPDATE accounts SET generation = generation + 1, generation_cause = $1";
    execute(tx, sql, vec![cause.into()]).await.map(|_| ())
}
