//! Renewals: whoever holds a seat when a period begins is charged for the whole of it.
//!
//! Never counts on being on time: each period that was missed is booked by itself. Running twice, or on two servers,
//! books nothing twice, for each member's last charge is read under the workspace's lock.

use super::book::Book;
use super::calendar::Day;
use super::plan::{SeatPlan, SeatPrice};
use super::rules::Terms;
use super::{events, store};
use crate::access::{Failure, Gate, JobRun, Never, WorkspaceTx};
use crate::platform::database::DatabaseError;
use crate::primitives::ids::{MemberId, WorkspaceId};

/// Workspaces that the job looks for at once.
const WORKSPACES: u64 = 100;
/// Members that are looked at in one transaction.
pub(super) const MEMBERS: u64 = 200;

/// The job.
pub async fn renew_due(gate: &Gate) -> Result<(), Failure<Never>> {
    let (today, mut after) = (Day::of(gate.clock().now()), None);
    let mut run = JobRun::new("seats could not be renewed");
    loop {
        let due = store::list_renewing(gate.database().reader(), today, after, WORKSPACES).await?;
        let Some(last) = due.last() else { return run.end(()) };
        after = Some(*last);
        for workspace in due {
            run.note(workspace, renew(gate, workspace).await);
        }
    }
}

/// One workspace, so many members in a transaction: a large one doesn't keep its people waiting.
async fn renew(gate: &Gate, workspace: WorkspaceId) -> Result<(), Failure<Never>> {
    let (mut after, mut began) = (None, None);
    loop {
        let Some(mut tx) = gate.find_by_job(workspace).await? else { return Ok(()) };
        let today = Day::of(tx.now());
        let plan = store::load_plan(tx.reader(), workspace).await?;
        // Another server, or a change of the plan, has done it meanwhile.
        if plan.next_renewal().is_none_or(|day| day > today) {
            return Ok(());
        }
        let Some(of) = store::terms(tx.reader(), workspace, &plan).await? else { return Ok(()) };
        // Whoever was looked at first may owe for a day that began since.
        let began = *began.get_or_insert(today);
        let mut book = Book::open(&tx, of.0.currency).await?;
        after = book_batch(&tx, &mut book, (of.1, today), after).await?;
        let entries = book.close(&tx).await?;
        if after.is_none() {
            store::save_plan(&tx, &renewed(plan, of.1, began)).await?;
        }
        if after.is_none() || !entries.is_empty() {
            tx.announce(events::seats_renewed(&entries, of.0.currency));
            tx.commit().await?;
        }
        if after.is_none() {
            return Ok(());
        }
    }
}

/// Books what some members owe by that day; gives the last of them, unless there are no more.
async fn book_batch(
    tx: &WorkspaceTx,
    book: &mut Book,
    (terms, until): (Terms, Day),
    after: Option<MemberId>,
) -> Result<Option<MemberId>, DatabaseError> {
    let seated = store::list_seated(tx, after, MEMBERS).await?;
    for (member, covered) in &seated {
        terms.due(*covered, until).into_iter().for_each(|charge| book.charge(*member, charge));
    }
    let full = u64::try_from(seated.len()).is_ok_and(|found| found == MEMBERS);
    Ok(seated.last().filter(|_| full).map(|(member, _)| *member))
}

/// The plan once everybody is charged who held a seat on that day.
fn renewed(mut plan: SeatPlan, terms: Terms, day: Day) -> SeatPlan {
    if let Some(billing) = &mut plan.billing {
        billing.next_renewal = terms.period_at(day).until;
    }
    plan
}

/// Before a price changes, or where days are left out, what was due until that day is booked at the old price; all within
/// the change's transaction.
pub(super) async fn settle_all(
    tx: &mut WorkspaceTx,
    plan: SeatPlan,
    until: Day,
) -> Result<SeatPlan, DatabaseError> {
    let of: Option<(SeatPrice, Terms)> = store::terms(tx.reader(), tx.workspace(), &plan).await?;
    let Some((price, terms)) = of.filter(|_| plan.next_renewal().is_some_and(|day| day <= until)) else {
        return Ok(plan);
    };
    let (mut book, mut after) = (Book::open(tx, price.currency).await?, None);
    loop {
        after = book_batch(tx, &mut book, (terms, until), after).await?;
        if after.is_none() {
            break;
        }
    }
    let entries = book.close(tx).await?;
    tx.announce(events::seats_renewed(&entries, price.currency));
    Ok(renewed(plan, terms, until))
}
