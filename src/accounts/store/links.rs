//! The SQL of mailed links. Only the hash of a link's secret is stored.

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel};

use super::super::rules::{Claim, EmailLink, LinkPurpose};
use super::{find_by_verified_email, with_hash};
use crate::entities::{accounts, email_links};
use crate::platform::database::{execute, query_one, statement};
use crate::primitives::email::EmailKey;
use crate::primitives::ids::{AccountId, MailId};
use crate::primitives::secret::{Secret, SecretHash, SecretKind};
use crate::primitives::time::Timestamp;

/// A link before it is minted.
pub(in crate::accounts) struct NewLink {
    pub(in crate::accounts) account: AccountId,
    pub(in crate::accounts) purpose: LinkPurpose,
    /// The address that it is mailed to.
    pub(in crate::accounts) email_key: EmailKey,
    pub(in crate::accounts) mail: MailId,
    pub(in crate::accounts) expires_at: Timestamp,
}

/// Mints the link of a mail that is about to be sent. One that the same mail was to carry before never left, and dies.
pub(in crate::accounts) async fn mint_link(
    tx: &DatabaseTransaction,
    new: NewLink,
    now: Timestamp,
) -> Result<Secret, DbErr> {
    let NewLink { account, purpose, email_key, mail, expires_at } = new;
    let sql = "DELETE FROM email_links WHERE account_id = $1 AND mail_id = $2 AND used_at IS NULL";
    execute(tx, sql, vec![account.into(), mail.into()]).await?;
    let secret = Secret::mint(match purpose {
        LinkPurpose::Reset => SecretKind::PasswordLink,
        LinkPurpose::Verify | LinkPurpose::Change => SecretKind::EmailLink,
    });
    let model = email_links::Model {
        token_hash: secret.hash(),
        account_id: account,
        purpose: purpose.as_str().to_owned(),
        email_key,
        mail_id: mail,
        minted_at: now,
        expires_at,
        used_at: None,
    };
    email_links::Entity::insert(model.into_active_model()).exec_without_returning(tx).await?;
    Ok(secret)
}

/// Was a link minted for this mail before?
pub(in crate::accounts) async fn has_link<C: ConnectionTrait>(
    connection: &C,
    account: AccountId,
    mail: MailId,
) -> Result<bool, DbErr> {
    let sql = "SELECT 1 AS it FROM email_links WHERE account_id = $1 AND mail_id = $2";
    let select = statement(connection, sql, vec![account.into(), mail.into()]);
    Ok(connection.query_one_raw(select).await?.is_some())
}

/// Links to a new password that were mailed to the person since then.
pub(in crate::accounts) async fn count_reset_links<C: ConnectionTrait>(
    connection: &C,
    account: AccountId,
    since: Timestamp,
) -> Result<i64, DbErr> {
    let sql =
        "SELECT COUNT(*) AS it FROM email_links WHERE account_id = $1 AND purpose = $2 AND minted_at > $3";
    let values = vec![account.into(), LinkPurpose::Reset.as_str().into(), since.into()];
    let row = query_one(connection, sql, values).await?;
    row.map_or(Ok(0), |row| row.try_get("", "it"))
}

/// What a mailed link claims, and all that decides on it.
pub(in crate::accounts) async fn find_claim<C: ConnectionTrait>(
    connection: &C,
    token: SecretHash,
) -> Result<Option<Claim>, DbErr> {
    let Some(link) = email_links::Entity::find_by_id(token).one(connection).await? else { return Ok(None) };
    let owner = accounts::Entity::find_by_id(link.account_id).one(connection).await?;
    let Some((account, hash)) = owner.map(with_hash) else { return Ok(None) };
    let address_held = find_by_verified_email(connection, &link.email_key).await?.is_some();
    let purpose = LinkPurpose::parse(&link.purpose);
    let link = EmailLink {
        purpose: purpose.ok_or_else(|| DbErr::Type("unreadable purpose of a link".into()))?,
        email_key: link.email_key,
        expires_at: link.expires_at,
        used: link.used_at.is_some(),
    };
    Ok(Some(Claim { link, account, hash, address_held }))
}

pub(in crate::accounts) async fn use_link(
    tx: &DatabaseTransaction,
    token: SecretHash,
    now: Timestamp,
) -> Result<(), DbErr> {
    let sql = "UPDATE email_links SET used_at = $2 WHERE token_hash = $1";
    execute(tx, sql, vec![token.into(), now.into()]).await.map(|_| ())
}

/// With a new password, every link that could set another is used up.
pub(in crate::accounts) async fn close_reset_links(
    tx: &DatabaseTransaction,
    account: AccountId,
    now: Timestamp,
) -> Result<(), DbErr> {
    let sql =
        "UPDATE email_links SET used_at = $3 WHERE account_id = $1 AND purpose = $2 AND used_at IS NULL";
    let values = vec![account.into(), LinkPurpose::Reset.as_str().into(), now.into()];
    execute(tx, sql, values).await.map(|_| ())
}
