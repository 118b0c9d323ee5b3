//! What a seat costs whom, for how long, and what comes back: the decisions of SEAT-4 and SEAT-5, without I/O.
//!
//! Never uses a floating point, never charges a day twice for a member, and rounds by one rule alone: down, to the whole
//! minor unit, in [`share`].

use super::calendar::{Day, Period, Span, period_at};

/// What the seats of a workspace cost from here on, and how its periods are counted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Terms {
    /// For one seat and one whole period, in minor units.
    pub price: i64,
    pub period: Period,
    /// The day that the workspace was created on: periods are counted from it.
    pub first_day: Day,
    /// Whoever was never charged is not charged for days before this one.
    pub billed_from: Day,
}

/// What one member costs for a stretch of days.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Charge {
    pub covers: Span,
    /// The days of the whole period that the stretch belongs to.
    pub whole_days: i64,
    pub amount: i64,
}

/// What comes back for the days that nobody will use.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Credit {
    /// What is no longer covered.
    pub covers: Span,
    /// The days of the charge that it comes from.
    pub whole_days: i64,
    pub amount: i64,
}

/// How a charge is paid.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Payment {
    /// How much of it credit has paid.
    pub from_credit: i64,
    /// The credit that is left.
    pub balance: i64,
}

/// The rounding rule: so many days' share of what the whole days cost, rounded down to the whole minor unit.
pub(super) fn share(amount: i64, days: i64, whole_days: i64) -> i64 {
    if whole_days <= 0 {
        return 0;
    }
    let days = days.clamp(0, whole_days);
    let exact = i128::from(amount) * i128::from(days) / i128::from(whole_days);
    i64::try_from(exact).expect("a share is no more than the whole")
}

impl Terms {
    /// The period that a day lies in.
    pub(super) fn period_at(&self, day: Day) -> Span {
        period_at(self.first_day, self.period, day)
    }

    /// Whoever takes a seat pays for the rest of the period, this day included; unless that is paid for already.
    /// `covered` is the end of what the member was ever charged for.
    pub(super) fn on_taking(&self, covered: Option<Day>, today: Day) -> Option<Charge> {
        if covered.is_some_and(|until| until > today) { None } else { Some(self.rest_of_period(today)) }
    }

    /// What is due for somebody who holds a seat: each period that has begun since their last charge ended.
    pub(super) fn due(&self, covered: Option<Day>, today: Day) -> Vec<Charge> {
        let mut charges = Vec::new();
        let mut from = covered.map_or(self.billed_from, |until| until.max(self.billed_from));
        while from <= today {
            let charge = self.rest_of_period(from);
            from = charge.covers.until;
            charges.push(charge);
        }
        charges
    }

    fn rest_of_period(&self, from: Day) -> Charge {
        let whole = self.period_at(from);
        let covers = Span { from, until: whole.until };
        Charge { covers, whole_days: whole.days(), amount: share(self.price, covers.days(), whole.days()) }
    }
}

impl Charge {
    /// What of it comes back when the member is deleted for ever today. The day that has begun is used.
    pub(super) fn credit(&self, today: Day) -> Option<Credit> {
        let covers = Span { from: self.covers.from.max(today.next()), until: self.covers.until };
        if covers.days() <= 0 {
            return None;
        }
        let whole_days = self.covers.days();
        Some(Credit { covers, whole_days, amount: share(self.amount, covers.days(), whole_days) })
    }
}

/// Credit pays first (SEAT-5).
pub(super) fn pay(balance: i64, amount: i64) -> Payment {
    let from_credit = balance.min(amount);
    Payment { from_credit, balance: balance - from_credit }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::primitives::time::Timestamp;

    fn day(date: &str) -> Day {
        Day::of(Timestamp::parse_rfc3339(&format!("{date}T00:00:00Z")).expect("a date"))
    }

    fn terms(price: i64, period: Period, first_day: &str) -> Terms {
        Terms { price, period, first_day: day(first_day), billed_from: day(first_day) }
    }

    fn amounts(charges: &[Charge]) -> Vec<i64> {
        charges.iter().map(|charge| charge.amount).collect()
    }

    /// SEAT-4: the first worked example of docs/billing.md.
    #[test]
    fn joining_in_the_middle_of_a_month_costs_the_days_that_are_left() {
        let charge = terms(1000, Period::Month, "2026-03-01").on_taking(None, day("2026-03-12"));
        let charge = charge.expect("a charge");
        assert_eq!((charge.covers.days(), charge.whole_days, charge.amount), (20, 31, 645));
        let whole = terms(1000, Period::Month, "2026-03-01").on_taking(None, day("2026-04-01"));
        assert_eq!(whole.expect("a charge").amount, 1000);
        let last_day = terms(1000, Period::Month, "2026-03-01").on_taking(None, day("2026-03-31"));
        assert_eq!(last_day.expect("a charge").amount, 32);
    }

    /// SEAT-4: the second, at a month's end.
    #[test]
    fn a_workspace_of_january_31_has_short_months_and_long_ones() {
        let terms = terms(3100, Period::Month, "2026-01-31");
        let on = |date| terms.on_taking(None, day(date)).expect("a charge");
        assert_eq!((on("2026-02-27").covers.days(), on("2026-02-27").amount), (1, 110));
        assert_eq!((on("2026-02-28").covers.days(), on("2026-02-28").amount), (31, 3100));
        assert_eq!((on("2026-03-30").covers.days(), on("2026-03-30").amount), (1, 100));
    }

    /// SEAT-4: the third, in a leap year.
    #[test]
    fn a_leap_years_day_costs_a_366th() {
        let of =
            |date| terms(36_600, Period::Year, "2024-01-01").on_taking(None, day(date)).expect("a charge");
        assert_eq!((of("2024-02-29").whole_days, of("2024-02-29").amount), (366, 30_700));
        assert_eq!((of("2025-03-01").whole_days, of("2025-03-01").amount), (365, 30_683));
    }

    /// SEAT-4: the fourth: whoever comes back has paid until the end already.
    #[test]
    fn coming_back_costs_nothing_until_what_was_paid_is_over() {
        let terms = terms(1000, Period::Month, "2026-03-01");
        let covered = Some(day("2026-04-01"));
        assert_eq!(terms.on_taking(covered, day("2026-03-31")), None);
        assert_eq!(terms.on_taking(covered, day("2026-04-01")).expect("a charge").amount, 1000);
        assert_eq!(terms.on_taking(covered, day("2026-05-31")).expect("a charge").amount, 32);
    }

    /// SEAT-4: each missed period by itself, and nothing on a second look.
    #[test]
    fn renewals_catch_up_period_by_period() {
        let terms = terms(1000, Period::Month, "2026-01-31");
        let charges = terms.due(Some(day("2026-02-28")), day("2026-05-31"));
        assert_eq!(amounts(&charges), [1000, 1000, 1000, 1000]);
        let until = charges.last().map(|charge| charge.covers.until);
        assert_eq!(terms.due(until, day("2026-05-31")), []);
        assert_eq!(terms.due(Some(day("2026-02-28")), day("2026-02-27")), []);
    }

    /// SEAT-4: another period begins where what was paid for ends.
    #[test]
    fn from_months_to_years_the_rest_of_the_year_is_due() {
        let yearly = terms(36_500, Period::Year, "2026-01-01");
        let charges = yearly.due(Some(day("2026-05-01")), day("2026-05-01"));
        assert_eq!((charges.len(), charges[0].covers.days(), charges[0].amount), (1, 245, 24_500));
        let monthly = terms(1000, Period::Month, "2026-01-01");
        assert_eq!(monthly.due(Some(day("2027-01-01")), day("2026-06-01")), []);
    }

    /// SEAT-4: the fifth: the days after this one come back, and never more than was charged for them.
    #[test]
    fn deleting_gives_back_the_days_that_are_left_of_what_was_charged() {
        let terms = terms(1000, Period::Month, "2026-03-01");
        let charge = terms.on_taking(None, day("2026-03-12")).expect("a charge");
        let credit = charge.credit(day("2026-03-21")).expect("ten days are left");
        assert_eq!((credit.covers.days(), credit.whole_days, credit.amount), (10, 20, 322));
        assert_eq!(charge.credit(day("2026-03-12")).expect("a credit").amount, 612);
        assert_eq!(charge.credit(day("2026-03-31")), None);
        assert_eq!(charge.credit(day("2026-04-05")), None);
    }

    /// SEAT-5
    #[test]
    fn credit_pays_first() {
        assert_eq!(pay(300, 1000), Payment { from_credit: 300, balance: 0 });
        assert_eq!(pay(1300, 1000), Payment { from_credit: 1000, balance: 300 });
        assert_eq!(pay(0, 1000), Payment { from_credit: 0, balance: 0 });
    }

    /// SEAT-4: the largest price and the longest period stay within the numbers.
    #[test]
    fn a_share_is_never_more_than_the_whole() {
        assert_eq!(share(i64::MAX, 366, 366), i64::MAX);
        assert_eq!(share(i64::MAX, 400, 366), i64::MAX);
        assert_eq!((share(1, 365, 366), share(5, -1, 31), share(5, 1, 0)), (0, 0, 0));
    }
}
