//! Charging for the seats of one transaction: who takes one, and who is about to give one up. What all of them need is
//! read once, and what was booked is written at the end.
//!
//! Never decides who takes a seat; the members room has. Never charges a day twice for a member, in however many rows
//! they come (SEAT-4).

use std::collections::HashMap;

use super::book::Book;
use super::calendar::Day;
use super::plan::{Currency, SeatPlan, SeatPrice};
use super::rules::{Charge, Terms};
use super::{events, store};
use crate::access::WorkspaceTx;
use crate::platform::database::DatabaseError;
use crate::primitives::ids::MemberId;

/// An open till. Nothing of it stands before it is closed.
pub struct Till {
    plan: SeatPlan,
    /// Whom the transaction is about.
    members: Vec<MemberId>,
    /// Read once somebody is to pay.
    rates: Option<Rates>,
    /// Opened with the first charge.
    book: Option<Book>,
}

/// What seats cost, and to which day each member has paid.
struct Rates {
    price: SeatPrice,
    terms: Terms,
    covered: HashMap<MemberId, Day>,
}

impl Till {
    pub fn new(plan: &SeatPlan, members: &[MemberId]) -> Self {
        Self { plan: plan.clone(), members: members.to_vec(), rates: None, book: None }
    }

    /// Charges whoever takes a seat for the rest of the period, unless that is paid for.
    pub async fn charge(&mut self, tx: &mut WorkspaceTx, member: MemberId) -> Result<(), DatabaseError> {
        let today = Day::of(tx.now());
        let Some(rates) = self.rates(tx).await? else { return Ok(()) };
        let charge = rates.terms.on_taking(rates.covered.get(&member).copied(), today);
        let Some(charge) = charge else { return Ok(()) };
        for entry in self.book(tx, member, vec![charge]).await?.newest(1) {
            tx.announce(events::seat_charged(entry));
        }
        Ok(())
    }

    /// Whoever gives up a seat owes each period that had begun by then, whether or not the job has booked it.
    pub async fn settle(&mut self, tx: &mut WorkspaceTx, member: MemberId) -> Result<(), DatabaseError> {
        let today = Day::of(tx.now());
        // The job has been, or seats cost nothing: nobody here can owe anything.
        if self.plan.next_renewal().is_none_or(|day| day > today) {
            return Ok(());
        }
        let Some(rates) = self.rates(tx).await? else { return Ok(()) };
        let currency = rates.price.currency;
        let due = rates.terms.due(rates.covered.get(&member).copied(), today);
        if due.is_empty() {
            return Ok(());
        }
        let count = due.len();
        let renewed = events::seats_renewed(self.book(tx, member, due).await?.newest(count), currency);
        tx.announce(renewed);
        Ok(())
    }

    /// Writes what was booked.
    pub async fn close(self, tx: &WorkspaceTx) -> Result<(), DatabaseError> {
        if let Some(book) = self.book {
            book.close(tx).await?;
        }
        Ok(())
    }

    /// None: seats cost nothing here.
    async fn rates(&mut self, tx: &WorkspaceTx) -> Result<Option<&mut Rates>, DatabaseError> {
        if self.rates.is_none() {
            let (db, workspace) = (tx.reader(), tx.workspace());
            let Some((price, terms)) = store::terms(db, workspace, &self.plan).await? else {
                return Ok(None);
            };
            let covered = store::load_many_covered(db, workspace, &self.members).await?;
            self.rates = Some(Rates { price, terms, covered });
        }
        Ok(self.rates.as_mut())
    }

    /// Books with the event that is announced next.
    async fn book(
        &mut self,
        tx: &WorkspaceTx,
        member: MemberId,
        charges: Vec<Charge>,
    ) -> Result<&Book, DatabaseError> {
        let currency: Option<Currency> = self.rates.as_ref().map(|rates| rates.price.currency);
        let currency = currency.ok_or_else(|| DatabaseError::Type("a charge without a price".into()))?;
        let book = match &mut self.book {
            Some(book) => book,
            closed => closed.insert(Book::open(tx, currency).await?),
        };
        book.turn_to(tx.next_seq());
        for charge in charges {
            if let Some(rates) = &mut self.rates {
                rates.covered.insert(member, charge.covers.until);
            }
            book.charge(member, charge);
        }
        Ok(book)
    }
}
