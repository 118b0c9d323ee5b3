//! The SQL of the room. It owns `seat_plans` and `ledger_entries`, and reads workspaces and members in its joins.
//!
//! Never changes an entry of the ledger, and takes none away but with its workspace.

use std::collections::HashMap;

use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter,
    QueryResult, Value,
};

use super::calendar::{Day, Period, Span};
use super::entry::{EntryKind, LedgerEntry};
use super::plan::{Billing, Currency, SeatPlan, SeatPrice};
use super::read::Balance;
use super::rules::Terms;
use crate::access::WorkspaceTx;
use crate::entities::{ledger_entries, seat_plans};
use crate::platform::database::{execute, placeholders, query_all, query_one, statement};
use crate::platform::keyset::Order;
use crate::primitives::ids::{LedgerEntryId, MemberId, WorkspaceId};
use crate::primitives::page::PageRequest;
use crate::primitives::time::Timestamp;

const ORDER: Order<'static> = Order::descending("number", "id").numeric();
/// Entries that one statement writes.
const ROWS: usize = 500;

fn unreadable(what: &str) -> DbErr {
    DbErr::Type(format!("unreadable {what} of a seat plan or ledger"))
}

fn currency(text: &str) -> Result<Currency, DbErr> {
    Currency::parse(text).ok_or_else(|| unreadable("currency"))
}

/// The seat plan of a workspace as it is now; inside a transaction as of the lock.
pub async fn load_plan<C: ConnectionTrait>(db: &C, workspace: WorkspaceId) -> Result<SeatPlan, DbErr> {
    let Some(row) = seat_plans::Entity::find_by_id(workspace).one(db).await? else {
        return Ok(SeatPlan::default());
    };
    let price = match (row.price, row.currency, row.period) {
        (Some(amount), Some(code), Some(period)) => {
            let period = Period::parse(&period).ok_or_else(|| unreadable("period"))?;
            Some(SeatPrice { amount, currency: currency(&code)?, period })
        }
        _ => None,
    };
    let days = row.billed_from.zip(row.next_renewal_at);
    let billing =
        days.map(|(from, next)| Billing { billed_from: Day::of(from), next_renewal: Day::of(next) });
    Ok(SeatPlan { limit: row.seat_limit, price, billing, revision: row.revision })
}

pub(super) async fn save_plan(tx: &WorkspaceTx, plan: &SeatPlan) -> Result<(), DbErr> {
    use seat_plans::Column;
    let row = seat_plans::ActiveModel {
        workspace_id: Set(tx.workspace()),
        seat_limit: Set(plan.limit),
        price: Set(plan.price.map(|price| price.amount)),
        currency: Set(plan.price.map(|price| price.currency.to_string())),
        period: Set(plan.price.map(|price| price.period.as_str().to_owned())),
        billed_from: Set(plan.billing.map(|billing| billing.billed_from.start())),
        next_renewal_at: Set(plan.billing.map(|billing| billing.next_renewal.start())),
        revision: Set(plan.revision),
    };
    let all = [
        Column::SeatLimit,
        Column::Price,
        Column::Currency,
        Column::Period,
        Column::BilledFrom,
        Column::NextRenewalAt,
        Column::Revision,
    ];
    let again = OnConflict::column(Column::WorkspaceId).update_columns(all).to_owned();
    seat_plans::Entity::insert(row).on_conflict(again).exec_without_returning(tx.writer()).await?;
    Ok(())
}

/// Workspaces that stand and have somebody to charge, by their ids, after that one.
pub(super) async fn list_renewing<C: ConnectionTrait>(
    db: &C,
    today: Day,
    after: Option<WorkspaceId>,
    limit: u64,
) -> Result<Vec<WorkspaceId>, DbErr> {
    let beyond = if after.is_some() { " AND p.workspace_id > $2" } else { "" };
    let sql = format!(
        "SELECT p.workspace_id FROM seat_plans p JOIN workspaces w ON w.id = p.workspace_id \
         WHERE p.next_renewal_at <= $1 AND w.deleted_at IS NULL{beyond} ORDER BY p.workspace_id LIMIT {limit}"
    );
    let values = [today.start().into()].into_iter().chain(after.map(Value::from)).collect();
    let rows = query_all(db, &sql, values).await?;
    rows.iter().map(|row| row.try_get("", "workspace_id")).collect()
}

/// With the workspace its plan and its ledger go (WSP-10).
pub async fn delete_all(tx: &WorkspaceTx) -> Result<(), DbErr> {
    for table in ["ledger_entries", "seat_plans"] {
        let sql = format!("DELETE FROM {table} WHERE workspace_id = $1");
        let of = vec![tx.workspace().into()];
        execute(tx.writer(), &sql, of).await?;
    }
    Ok(())
}

/// What the seats of a workspace cost, where they cost something.
pub(super) async fn terms<C: ConnectionTrait>(
    db: &C,
    workspace: WorkspaceId,
    plan: &SeatPlan,
) -> Result<Option<(SeatPrice, Terms)>, DbErr> {
    let (Some(price), Some(billing)) = (plan.price, plan.billing) else { return Ok(None) };
    let (first_day, billed_from) = (first_day(db, workspace).await?, billing.billed_from);
    Ok(Some((price, Terms { price: price.amount, period: price.period, first_day, billed_from })))
}

/// The day that a workspace was created on.
async fn first_day<C: ConnectionTrait>(db: &C, workspace: WorkspaceId) -> Result<Day, DbErr> {
    let sql = "SELECT created_at FROM workspaces WHERE id = $1";
    let row = query_one(db, sql, vec![workspace.into()]).await?;
    let row = row.ok_or_else(|| DbErr::RecordNotFound(format!("no {workspace}")))?;
    Ok(Day::of(row.try_get("", "created_at")?))
}

const COVERED: &str = "(SELECT MAX(e.covers_until) FROM ledger_entries e WHERE e.workspace_id = m.workspace_id \
    AND e.member_id = m.id AND e.kind = 'CHARGE')";

/// Members who hold a seat, by their ids, after that one, each with the end of what they were ever charged for.
pub(super) async fn list_seated(
    tx: &WorkspaceTx,
    after: Option<MemberId>,
    limit: u64,
) -> Result<Vec<(MemberId, Option<Day>)>, DbErr> {
    let beyond = if after.is_some() { " AND m.id > $2" } else { "" };
    let sql = format!(
        "SELECT m.id, {COVERED} AS covered FROM members m WHERE m.workspace_id = $1 AND m.state = 'ACTIVE' \
         AND m.blocked_at IS NULL{beyond} ORDER BY m.id LIMIT {limit}"
    );
    let values = [tx.workspace().into()].into_iter().chain(after.map(Value::from)).collect();
    let rows = query_all(tx.reader(), &sql, values).await?;
    rows.iter().map(|row| Ok((row.try_get("", "id")?, covered(row)?))).collect()
}

fn covered(row: &QueryResult) -> Result<Option<Day>, DbErr> {
    let until: Option<Timestamp> = row.try_get("", "covered")?;
    Ok(until.map(Day::of))
}

/// The end of what each of these was ever charged for; who never was is not in the answer.
pub(super) async fn load_many_covered<C: ConnectionTrait>(
    db: &C,
    workspace: WorkspaceId,
    members: &[MemberId],
) -> Result<HashMap<MemberId, Day>, DbErr> {
    if members.is_empty() {
        return Ok(HashMap::new());
    }
    let sql = format!(
        "SELECT member_id, MAX(covers_until) AS covered FROM ledger_entries WHERE workspace_id = $1 \
         AND kind = 'CHARGE' AND member_id IN ({}) GROUP BY member_id",
        placeholders(2, members.len())
    );
    let values = std::iter::once(workspace.into()).chain(members.iter().map(|id| (*id).into())).collect();
    let rows = query_all(db, &sql, values).await?;
    let paid = |row: &QueryResult| {
        let until: Timestamp = row.try_get("", "covered")?;
        Ok((row.try_get("", "member_id")?, Day::of(until)))
    };
    rows.iter().map(paid).collect()
}

/// The last charge of each of these, unless it was given back.
pub(super) async fn load_many_uncredited_charges<C: ConnectionTrait>(
    db: &C,
    workspace: WorkspaceId,
    members: &[MemberId],
) -> Result<HashMap<MemberId, LedgerEntry>, DbErr> {
    if members.is_empty() {
        return Ok(HashMap::new());
    }
    let sql = format!(
        "SELECT e.* FROM ledger_entries e WHERE e.workspace_id = $1 AND e.kind = 'CHARGE' AND e.member_id IN ({}) \
         AND e.covers_until = (SELECT MAX(l.covers_until) FROM ledger_entries l WHERE l.workspace_id = e.workspace_id \
         AND l.member_id = e.member_id AND l.kind = 'CHARGE') \
         AND NOT EXISTS (SELECT 1 FROM ledger_entries c WHERE c.workspace_id = e.workspace_id \
         AND c.credits_number = e.number)",
        placeholders(2, members.len())
    );
    let values = std::iter::once(workspace.into()).chain(members.iter().map(|id| (*id).into())).collect();
    let rows = ledger_entries::Entity::find().from_raw_sql(statement(db, &sql, values)).all(db).await?;
    let charges = rows.into_iter().map(entry).collect::<Result<Vec<LedgerEntry>, DbErr>>()?;
    Ok(charges.into_iter().filter_map(|charge| Some((charge.member?, charge))).collect())
}

/// The number of the ledger's last entry; 0 where there is none.
pub(super) async fn last_number<C: ConnectionTrait>(db: &C, workspace: WorkspaceId) -> Result<i64, DbErr> {
    let sql = "SELECT COALESCE(MAX(number), 0) AS it FROM ledger_entries WHERE workspace_id = $1";
    let row = query_one(db, sql, vec![workspace.into()]).await?;
    row.map_or(Ok(0), |row| row.try_get("", "it"))
}

/// The credit in a currency: the balance after its last entry.
pub(super) async fn balance<C: ConnectionTrait>(
    db: &C,
    workspace: WorkspaceId,
    currency: Currency,
) -> Result<i64, DbErr> {
    let sql = "SELECT balance FROM ledger_entries WHERE workspace_id = $1 AND currency = $2 \
               ORDER BY number DESC LIMIT 1";
    let values = vec![workspace.into(), currency.as_str().into()];
    let row = query_one(db, sql, values).await?;
    row.map_or(Ok(0), |row| row.try_get("", "balance"))
}

/// The same for every currency that the ledger knows.
pub(super) async fn balances<C: ConnectionTrait>(
    db: &C,
    workspace: WorkspaceId,
) -> Result<Vec<Balance>, DbErr> {
    let sql = "SELECT e.currency, e.balance FROM ledger_entries e JOIN (SELECT currency, MAX(number) AS number \
               FROM ledger_entries WHERE workspace_id = $1 GROUP BY currency) AS last ON last.number = e.number \
               WHERE e.workspace_id = $1 ORDER BY e.currency";
    let rows = query_all(db, sql, vec![workspace.into()]).await?;
    let read = |row: &QueryResult| {
        let code: String = row.try_get("", "currency")?;
        Ok(Balance { currency: currency(&code)?, amount: row.try_get("", "balance")? })
    };
    rows.iter().map(read).collect()
}

fn of(workspace: WorkspaceId) -> sea_orm::Select<ledger_entries::Entity> {
    ledger_entries::Entity::find().filter(ledger_entries::Column::WorkspaceId.eq(workspace))
}

pub(super) async fn list_entries<C: ConnectionTrait>(
    db: &C,
    workspace: WorkspaceId,
    request: &PageRequest,
) -> Result<Vec<LedgerEntry>, DbErr> {
    let page = ORDER.page(request, 2);
    let sql =
        format!("SELECT * FROM ledger_entries WHERE workspace_id = $1{}{}", page.conditions, page.order);
    let values = std::iter::once(workspace.into()).chain(page.values).collect();
    let rows = ledger_entries::Entity::find().from_raw_sql(statement(db, &sql, values)).all(db).await?;
    rows.into_iter().map(entry).collect()
}

pub(super) async fn find_many_entries<C: ConnectionTrait>(
    db: &C,
    workspace: WorkspaceId,
    ids: &[LedgerEntryId],
) -> Result<Vec<LedgerEntry>, DbErr> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows = of(workspace).filter(ledger_entries::Column::Id.is_in(ids.iter().copied())).all(db).await?;
    rows.into_iter().map(entry).collect()
}

pub(super) async fn insert_entries(tx: &WorkspaceTx, entries: &[LedgerEntry]) -> Result<(), DbErr> {
    for chunk in entries.chunks(ROWS) {
        let rows = chunk.iter().map(|entry| model(tx.workspace(), entry).into_active_model());
        ledger_entries::Entity::insert_many(rows).exec_without_returning(tx.writer()).await?;
    }
    Ok(())
}

fn model(workspace: WorkspaceId, entry: &LedgerEntry) -> ledger_entries::Model {
    ledger_entries::Model {
        id: entry.id,
        workspace_id: workspace,
        number: entry.number,
        kind: entry.kind.as_str().to_owned(),
        member_id: entry.member,
        event_seq: entry.event_seq,
        currency: entry.currency.to_string(),
        amount: entry.amount,
        from_credit: entry.from_credit,
        balance: entry.balance,
        covers_from: entry.covers.map(|covers| covers.from.start()),
        covers_until: entry.covers.map(|covers| covers.until.start()),
        whole_days: entry.whole_days,
        credits_number: entry.credits,
        created_at: entry.created_at,
    }
}

fn entry(row: ledger_entries::Model) -> Result<LedgerEntry, DbErr> {
    let covers = row.covers_from.zip(row.covers_until);
    Ok(LedgerEntry {
        id: row.id,
        number: row.number,
        kind: EntryKind::parse(&row.kind).ok_or_else(|| unreadable("kind"))?,
        member: row.member_id,
        event_seq: row.event_seq,
        currency: currency(&row.currency)?,
        amount: row.amount,
        from_credit: row.from_credit,
        balance: row.balance,
        covers: covers.map(|(from, until)| Span { from: Day::of(from), until: Day::of(until) }),
        whole_days: row.whole_days,
        credits: row.credits_number,
        created_at: row.created_at,
    })
}
