//! Days and periods: days in UTC, and the months or years that are counted from the day a workspace was created on.
//!
//! Never counts a period from the one before: each begins at the first day plus so many months, so that a workspace of
//! January 31 renews on February 28 and on March 31 again.

use chrono::{Datelike, Months, NaiveDate};

use crate::primitives::time::Timestamp;
use crate::words;

/// From 0001-01-01, with which the calendar counts, to 1970-01-01.
const DAYS_TO_1970: i64 = 719_163;
const MICROS_PER_DAY: i64 = 24 * 3600 * 1_000_000;

words! {
    /// How often a seat is paid for.
    pub enum Period {
        Month = "MONTH",
        Year = "YEAR",
    }
}

impl Period {
    const fn months(self) -> i32 {
        match self {
            Self::Month => 1,
            Self::Year => 12,
        }
    }
}

/// A day in UTC.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Ord, PartialOrd, Hash)]
pub struct Day(i64);

impl Day {
    /// The day that holds this point in time.
    pub const fn of(time: Timestamp) -> Self {
        Self(time.as_micros().div_euclid(MICROS_PER_DAY))
    }

    /// Its first moment.
    pub const fn start(self) -> Timestamp {
        Timestamp::from_micros(self.0.saturating_mul(MICROS_PER_DAY))
    }

    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }

    fn date(self) -> NaiveDate {
        let days = i32::try_from(self.0 + DAYS_TO_1970).ok();
        days.and_then(NaiveDate::from_num_days_from_ce_opt).unwrap_or(NaiveDate::MAX)
    }

    fn of_date(date: NaiveDate) -> Self {
        Self(i64::from(date.num_days_from_ce()) - DAYS_TO_1970)
    }
}

/// From the beginning of one day to the beginning of another.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Span {
    pub from: Day,
    pub until: Day,
}

impl Span {
    /// How many days it holds.
    pub const fn days(self) -> i64 {
        self.until.0 - self.from.0
    }

    pub fn holds(self, day: Day) -> bool {
        self.from <= day && day < self.until
    }
}

/// The period that a day lies in. `first` is the day from which they are counted.
pub(super) fn period_at(first: Day, period: Period, day: Day) -> Span {
    let (start, date) = (first.date(), day.date());
    let months =
        (date.year() - start.year()) * 12 + date.month0().cast_signed() - start.month0().cast_signed();
    let number = months.div_euclid(period.months());
    // In the month of a boundary, days before it belong to the period that it ends.
    let number = if boundary(start, period, number) > day { number - 1 } else { number };
    Span { from: boundary(start, period, number), until: boundary(start, period, number + 1) }
}

/// The beginning of a period by its number; the last day of the month where the month is too short.
fn boundary(start: NaiveDate, period: Period, number: i32) -> Day {
    let months = number.saturating_mul(period.months());
    let distance = Months::new(months.unsigned_abs());
    let date =
        if months < 0 { start.checked_sub_months(distance) } else { start.checked_add_months(distance) };
    Day::of_date(date.unwrap_or(NaiveDate::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(date: &str) -> Day {
        Day::of(Timestamp::parse_rfc3339(&format!("{date}T00:00:00Z")).expect("a date"))
    }

    fn shown(first: &str, period: Period, at: &str) -> (String, String, i64) {
        let span = period_at(day(first), period, day(at));
        (span.from.date().to_string(), span.until.date().to_string(), span.days())
    }

    fn months(first: &str, at: &str) -> (String, String, i64) {
        shown(first, Period::Month, at)
    }

    fn expected(from: &str, until: &str, days: i64) -> (String, String, i64) {
        (from.into(), until.into(), days)
    }

    /// SEAT-4: a day is a day in UTC, to its last microsecond.
    #[test]
    fn a_day_is_one_in_utc_whatever_the_offset() {
        let of = |text| Day::of(Timestamp::parse_rfc3339(text).expect("a time"));
        assert_eq!(of("2026-03-01T23:59:59.999999Z"), day("2026-03-01"));
        assert_eq!(of("2026-03-01T00:00:00Z"), day("2026-03-01"));
        assert_eq!(of("2026-03-01T00:30:00+02:00"), day("2026-02-28"));
        assert_eq!(of("2026-02-28T22:30:00-05:00"), day("2026-03-01"));
        assert_eq!(of("1969-12-31T23:59:59Z").next(), day("1970-01-01"));
        assert_eq!(day("2026-03-01").start().to_rfc3339(), "2026-03-01T00:00:00.000000Z");
    }

    /// SEAT-4: a month that is too short ends a period on its last day, and the next one is not moved by it.
    #[test]
    fn a_workspace_of_january_31_renews_on_the_last_days_and_on_31sts() {
        assert_eq!(months("2026-01-31", "2026-01-31"), expected("2026-01-31", "2026-02-28", 28));
        assert_eq!(months("2026-01-31", "2026-02-27"), expected("2026-01-31", "2026-02-28", 28));
        assert_eq!(months("2026-01-31", "2026-02-28"), expected("2026-02-28", "2026-03-31", 31));
        assert_eq!(months("2026-01-31", "2026-04-30"), expected("2026-04-30", "2026-05-31", 31));
        assert_eq!(months("2026-01-31", "2026-12-31"), expected("2026-12-31", "2027-01-31", 31));
        assert_eq!(months("2023-01-31", "2024-02-29"), expected("2024-02-29", "2024-03-31", 31));
        assert_eq!(months("2026-04-30", "2026-05-31"), expected("2026-05-30", "2026-06-30", 31));
    }

    /// SEAT-4
    #[test]
    fn leap_years_have_a_day_more() {
        let years = |at| shown("2024-02-29", Period::Year, at);
        assert_eq!(years("2024-02-29"), expected("2024-02-29", "2025-02-28", 365));
        assert_eq!(years("2025-02-28"), expected("2025-02-28", "2026-02-28", 365));
        assert_eq!(years("2028-02-28"), expected("2027-02-28", "2028-02-29", 366));
        assert_eq!(years("2028-02-29"), expected("2028-02-29", "2029-02-28", 365));
        let of_march = shown("2023-03-01", Period::Year, "2024-02-29");
        assert_eq!(of_march, expected("2023-03-01", "2024-03-01", 366));
    }

    /// SEAT-4: every day of many years lies in exactly one period, and each begins where the one before ended.
    #[test]
    fn periods_follow_one_another_without_a_gap() {
        for first in ["2023-12-31", "2024-02-29", "2026-01-30", "2026-03-15"] {
            for period in Period::ALL.iter().copied() {
                let (mut span, last) = (period_at(day(first), period, day(first)), day("2035-01-01"));
                assert_eq!(span.from, day(first));
                let mut at = span.from;
                while at < last {
                    if !span.holds(at) {
                        let next = period_at(day(first), period, at);
                        assert_eq!(next.from, span.until, "{first}");
                        span = next;
                    }
                    assert_eq!(period_at(day(first), period, at), span);
                    at = at.next();
                }
            }
        }
    }
}
