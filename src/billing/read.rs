//! What may be asked about plan and ledger: by admins in a session of their own (SEAT-5).

use std::collections::HashMap;

use super::entry::LedgerEntry;
use super::plan::{Currency, SeatPlan};
use super::store;
use crate::access::{Failure, WorkspaceView};
use crate::primitives::ids::LedgerEntryId;
use crate::primitives::page::{Page, PageRequest};
use crate::primitives::rights::Permission;

/// The credit that a workspace has in one currency.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Balance {
    pub currency: Currency,
    pub amount: i64,
}

/// The seat plan of the asker's workspace.
pub async fn plan<R>(view: &WorkspaceView) -> Result<SeatPlan, Failure<R>> {
    view.require(Permission::ManageSeats)?;
    Ok(store::load_plan(view.reader(), view.workspace()).await?)
}

/// The credit in each currency that the ledger knows, by its code.
pub async fn balances<R>(view: &WorkspaceView) -> Result<Vec<Balance>, Failure<R>> {
    view.require(Permission::ManageSeats)?;
    Ok(store::balances(view.reader(), view.workspace()).await?)
}

/// The ledger, the newest first.
pub async fn list_entries<R>(
    view: &WorkspaceView,
    request: &PageRequest,
) -> Result<Page<LedgerEntry>, Failure<R>> {
    view.require(Permission::ManageSeats)?;
    Ok(request.page(store::list_entries(view.reader(), view.workspace(), request).await?))
}

/// How many entries the ledger has.
pub async fn count_entries<R>(view: &WorkspaceView) -> Result<u64, Failure<R>> {
    view.require(Permission::ManageSeats)?;
    Ok(store::last_number(view.reader(), view.workspace()).await?.unsigned_abs())
}

/// Entries by id, in one statement; those that are not of this workspace are not in the answer.
pub async fn load_many_entries<R>(
    view: &WorkspaceView,
    ids: &[LedgerEntryId],
) -> Result<HashMap<LedgerEntryId, LedgerEntry>, Failure<R>> {
    view.require(Permission::ManageSeats)?;
    let found = store::find_many_entries(view.reader(), view.workspace(), ids).await?;
    Ok(found.into_iter().map(|entry| (entry.id, entry)).collect())
}
