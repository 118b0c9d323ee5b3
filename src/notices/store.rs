//! The table of the notices, with the workspace's name read in a join.

use sea_orm::{ConnectionTrait, DbErr, QueryResult};

use super::notice::{Notice, NoticeKind};
use crate::access::{AccountTx, WorkspaceTx};
use crate::platform::database::{execute, placeholders, query_all, query_one, value_rows};
use crate::platform::keyset::Order;
use crate::primitives::ids::{AccountId, NoticeId};
use crate::primitives::page::PageRequest;

const ORDER: Order<'static> = Order::descending("n.created_at", "n.id").numeric();
const SELECT: &str = "SELECT n.id, n.kind, n.workspace_id, n.created_at, w.name AS workspace_name FROM notices n \
                      JOIN workspaces w ON w.id = n.workspace_id WHERE n.account_id = $1";

pub(super) async fn insert(
    tx: &WorkspaceTx,
    notices: &[(NoticeId, AccountId)],
    kind: NoticeKind,
) -> Result<(), DbErr> {
    if notices.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "INSERT INTO notices (id, account_id, workspace_id, kind, created_at) VALUES {}",
        value_rows(1, notices.len(), 5)
    );
    let values = notices.iter().flat_map(|(id, account)| {
        [(*id).into(), (*account).into(), tx.workspace().into(), kind.as_str().into(), tx.now().into()]
    });
    execute(tx.writer(), &sql, values.collect()).await?;
    Ok(())
}

/// `false` where the person has no such notice.
pub(super) async fn delete(tx: &AccountTx, id: NoticeId) -> Result<bool, DbErr> {
    let sql = "DELETE FROM notices WHERE account_id = $1 AND id = $2";
    let values = vec![tx.account().into(), id.into()];
    let done = execute(tx.writer(), sql, values).await?;
    Ok(done > 0)
}

/// With the workspace all go that tell of it (WSP-10).
pub async fn delete_all(tx: &WorkspaceTx) -> Result<(), DbErr> {
    let sql = "DELETE FROM notices WHERE workspace_id = $1";
    execute(tx.writer(), sql, vec![tx.workspace().into()]).await?;
    Ok(())
}

pub(super) async fn list<C: ConnectionTrait>(
    db: &C,
    account: AccountId,
    request: &PageRequest,
) -> Result<Vec<Notice>, DbErr> {
    let page = ORDER.page(request, 2);
    let sql = format!("{SELECT}{}{}", page.conditions, page.order);
    let values = std::iter::once(account.into()).chain(page.values).collect();
    query_all(db, &sql, values).await?.iter().map(notice).collect()
}

pub(super) async fn count<C: ConnectionTrait>(db: &C, account: AccountId) -> Result<u64, DbErr> {
    let sql = "SELECT COUNT(*) AS it FROM notices WHERE account_id = $1";
    let row = query_one(db, sql, vec![account.into()]).await?;
    let count: i64 = row.map_or(Ok(0), |row| row.try_get("", "it"))?;
    Ok(count.unsigned_abs())
}

pub(super) async fn find_many<C: ConnectionTrait>(
    db: &C,
    account: AccountId,
    ids: &[NoticeId],
) -> Result<Vec<Notice>, DbErr> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!("{SELECT} AND n.id IN ({})", placeholders(2, ids.len()));
    let values = std::iter::once(account.into()).chain(ids.iter().map(|id| (*id).into())).collect();
    query_all(db, &sql, values).await?.iter().map(notice).collect()
}

fn notice(row: &QueryResult) -> Result<Notice, DbErr> {
    let kind: String = row.try_get("", "kind")?;
    Ok(Notice {
        id: row.try_get("", "id")?,
        kind: NoticeKind::parse(&kind).ok_or_else(|| DbErr::Type(format!("{kind} is no kind of notice")))?,
        workspace: row.try_get("", "workspace_id")?,
        workspace_name: row.try_get("", "workspace_name")?,
        created_at: row.try_get("", "created_at")?,
    })
}

/// Deletes what a person was told about this workspace; says which.
pub(super) async fn delete_of_workspace(
    tx: &WorkspaceTx,
    account: AccountId,
) -> Result<Vec<NoticeId>, DbErr> {
    let sql = "DELETE FROM notices WHERE account_id = $1 AND workspace_id = $2 RETURNING id";
    let values = vec![account.into(), tx.workspace().into()];
    let rows = query_all(tx.writer(), sql, values).await?;
    rows.iter().map(|row| row.try_get("", "id")).collect()
}
