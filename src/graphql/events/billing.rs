//! The events about seats and what they cost.
//!
//! Never holds a name: the ledger's entries name members by id.

use super::head::events;
use crate::graphql::billing::{BookedEntry, Money, SeatPrice};
use crate::graphql::scalars::DateTime;
use crate::primitives::time::Timestamp;

events! {
    /// Seats are limited, or cost, otherwise.
    SeatPlanUpdated {
        /// How many seats there are; null: as many as there are people.
        limit: Option<i64> = |p| p.read("/plan/limit"),
        /// What one seat costs; null: nothing.
        price: Option<SeatPrice> = |p| p.optional_price("/plan/price"),
        /// When the next period is charged; null where seats cost nothing.
        next_renewal_at: Option<DateTime> = |p| Some(p.read::<Option<Timestamp>>("/plan/nextRenewalAt")?.map(Into::into)),
        /// Of the plan.
        revision: i64 = |p| p.read("/plan/revision"),
    }

    /// Somebody who took a seat was charged for it.
    SeatCharged {
        /// What was booked.
        entry: BookedEntry = |p| p.entry(),
    }

    /// A period has begun, and whoever holds a seat was charged for it. A large workspace is told in several of these.
    SeatsRenewed {
        /// How many charges were booked; the ledger has them.
        charge_count: i64 = |p| p.read("/charges"),
        /// The number of the first; null where there is none.
        first_number: Option<i64> = |p| p.read("/firstNumber"),
        /// The number of the last; null where there is none.
        last_number: Option<i64> = |p| p.read("/lastNumber"),
        /// What they come to.
        amount: Money = |p| p.money("/amount", "/currency"),
    }

    /// Days came back as credit, with a member who was deleted for ever.
    SeatCredited {
        /// What was booked.
        entry: BookedEntry = |p| p.entry(),
    }

    /// The host has taken credit out.
    CreditTakenOut {
        /// What was booked.
        entry: BookedEntry = |p| p.entry(),
    }
}
