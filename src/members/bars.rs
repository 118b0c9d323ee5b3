//! Who was removed while blocked and then deleted for ever: known again by a keyed hash of their addresses, and by nothing
//! else (BLK-8).
//!
//! Never keeps an address, and never tells one.

use sea_orm::DbErr;

use crate::access::WorkspaceTx;
use crate::platform::database::{execute, placeholders, query_one};
use crate::primitives::address_key::AddressKey;
use crate::primitives::email::EmailKey;

/// The installation's key, if any was ever needed.
async fn find_key(tx: &WorkspaceTx) -> Result<Option<AddressKey>, DbErr> {
    let sql = "SELECT key FROM address_keys WHERE id = 1";
    let Some(row) = query_one(tx.reader(), sql, vec![]).await? else {
        return Ok(None);
    };
    let stored: Vec<u8> = row.try_get("", "key")?;
    let key = AddressKey::from_stored(&stored);
    key.map(Some).ok_or_else(|| DbErr::Type("unreadable key of addresses".into()))
}

/// The installation's key; the first who needs it draws it for all.
async fn get_key(tx: &WorkspaceTx) -> Result<AddressKey, DbErr> {
    let sql = "INSERT INTO address_keys (id, key, created_at) VALUES (1, $1, $2) ON CONFLICT (id) DO NOTHING";
    let values = vec![AddressKey::draw().as_bytes().to_vec().into(), tx.now().into()];
    execute(tx.writer(), sql, values).await?;
    find_key(tx).await?.ok_or_else(|| DbErr::RecordNotFound("address_keys".into()))
}

/// From here on only an admin directly invites these addresses, all of them one person's. An address that was barred
/// before, as another person's, is now this one's.
pub(super) async fn lay(tx: &WorkspaceTx, addresses: &[EmailKey]) -> Result<(), DbErr> {
    let key = get_key(tx).await?;
    for address in addresses {
        let sql = "INSERT INTO barred_addresses (workspace_id, address_hash, operation_id, created_at) \
                   VALUES ($1, $2, $3, $4) ON CONFLICT (workspace_id, address_hash) DO UPDATE SET operation_id = $3";
        let hash = key.hash(tx.workspace(), address);
        let values =
            vec![tx.workspace().into(), hash.into(), tx.operation().as_uuid().into(), tx.now().into()];
        execute(tx.writer(), sql, values).await?;
    }
    Ok(())
}

/// Was whoever had this address removed while blocked, and then deleted for ever?
pub async fn is_barred(tx: &WorkspaceTx, address: &EmailKey) -> Result<bool, DbErr> {
    let Some(key) = find_key(tx).await? else { return Ok(false) };
    let sql = "SELECT 1 AS it FROM barred_addresses WHERE workspace_id = $1 AND address_hash = $2";
    let values = vec![tx.workspace().into(), key.hash(tx.workspace(), address).into()];
    Ok(query_one(tx.reader(), sql, values).await?.is_some())
}

/// Whoever has one of these addresses has been active again: none of theirs is barred any more.
pub(super) async fn lift(tx: &WorkspaceTx, addresses: &[EmailKey]) -> Result<(), DbErr> {
    let Some(key) = find_key(tx).await? else { return Ok(()) };
    let theirs = format!("workspace_id = $1 AND address_hash IN ({})", placeholders(2, addresses.len()));
    let sql = format!(
        "DELETE FROM barred_addresses WHERE ({theirs}) OR (workspace_id = $1 AND operation_id IN \
         (SELECT b.operation_id FROM barred_addresses b WHERE b.{theirs}))"
    );
    let hashes = addresses.iter().map(|address| key.hash(tx.workspace(), address).into());
    let values = std::iter::once(tx.workspace().into()).chain(hashes).collect();
    execute(tx.writer(), &sql, values).await?;
    Ok(())
}
