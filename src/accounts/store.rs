//! The SQL of accounts and their mailed links.
//!
//! Never lets a password's hash out but to be compared.

use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel, QueryFilter,
    Statement, Value,
};

use super::account::Account;
use super::hasher::PasswordHash;
use super::rules::{Claim, EmailLink};
use crate::entities::{accounts, email_links};
use crate::platform::database::is_unique_violation;
use crate::primitives::actor::EndCause;
use crate::primitives::email::EmailKey;
use crate::primitives::ids::AccountId;
use crate::primitives::secret::{Secret, SecretHash, SecretKind};
use crate::primitives::time::Timestamp;

fn statement<C: ConnectionTrait>(connection: &C, sql: &str, values: Vec<Value>) -> Statement {
    Statement::from_sql_and_values(connection.get_database_backend(), sql, values)
}

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

/// Who signs in with this address: the account that holds it, else the newest that claims it.
pub(super) async fn find_claimant<C: ConnectionTrait>(
    connection: &C,
    key: &EmailKey,
) -> Result<Option<(Account, PasswordHash)>, DbErr> {
    let sql = "SELECT id, email, email_key, verified_email_key, name, password_hash, generation, generation_cause, \
               revision, created_at FROM accounts WHERE email_key = $1 \
               ORDER BY CASE WHEN verified_email_key = $1 THEN 0 ELSE 1 END, created_at DESC, id DESC LIMIT 1";
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
    };
    let inserted = accounts::Entity::insert(model.into_active_model()).exec_without_returning(tx).await;
    unless_taken(inserted.map(|_| ()))
}

/// Lets the account hold its address; `false` where another does.
pub(super) async fn hold_address(tx: &DatabaseTransaction, account: &Account) -> Result<bool, DbErr> {
    let sql = "UPDATE accounts SET verified_email_key = email_key, revision = $2 WHERE id = $1";
    let values = vec![account.id.into(), account.revision.into()];
    unless_taken(tx.execute_raw(statement(tx, sql, values)).await.map(|_| ()))
}

/// The index over verified addresses decides between two who prove one at the same time.
fn unless_taken(result: Result<(), DbErr>) -> Result<bool, DbErr> {
    match result {
        Ok(()) => Ok(true),
        Err(error) if is_unique_violation(&error) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Mints the link of a mail that is about to be sent; only its hash is stored. `None` where there is nothing left to
/// prove: the mail is dropped then.
pub async fn mint_email_link<C: ConnectionTrait>(
    connection: &C,
    id: AccountId,
    expires_at: Timestamp,
) -> Result<Option<Secret>, DbErr> {
    let Some(account) = find(connection, id).await?.filter(|account| !account.email_verified) else {
        return Ok(None);
    };
    let secret = Secret::mint(SecretKind::EmailLink);
    let model = email_links::Model {
        token_hash: secret.hash(),
        account_id: account.id,
        email_key: account.email_key,
        expires_at,
        used_at: None,
    };
    email_links::Entity::insert(model.into_active_model()).exec_without_returning(connection).await?;
    Ok(Some(secret))
}

/// What a mailed link claims, and all that decides on it.
pub(super) async fn find_claim<C: ConnectionTrait>(
    connection: &C,
    token: SecretHash,
) -> Result<Option<Claim>, DbErr> {
    let Some(link) = email_links::Entity::find_by_id(token).one(connection).await? else { return Ok(None) };
    let owner = accounts::Entity::find_by_id(link.account_id).one(connection).await?;
    let Some((account, hash)) = owner.map(with_hash) else { return Ok(None) };
    let address_held = find_by_verified_email(connection, &account.email_key).await?.is_some();
    let link =
        EmailLink { email_key: link.email_key, expires_at: link.expires_at, used: link.used_at.is_some() };
    Ok(Some(Claim { link, account, hash, address_held }))
}

pub(super) async fn use_link(
    tx: &DatabaseTransaction,
    token: SecretHash,
    now: Timestamp,
) -> Result<(), DbErr> {
    let sql = "UPDATE email_links SET used_at = $2 WHERE token_hash = $1";
    tx.execute_raw(statement(tx, sql, vec![token.into(), now.into()])).await.map(|_| ())
}

/// Every account session is of an older generation from here on.
pub(super) async fn raise_every_generation(tx: &DatabaseTransaction, cause: EndCause) -> Result<(), DbErr> {
    let sql = "UPDATE accounts SET generation = generation + 1, generation_cause = $1";
    tx.execute_raw(statement(tx, sql, vec![cause.into()])).await.map(|_| ())
}
