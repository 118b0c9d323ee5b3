//! What a workspace's seats are limited to, and what they cost.

use std::fmt;

use super::calendar::{Day, Period};

/// Most seats that a limit may name.
pub const SEATS_MAX: i64 = 10_000_000;
/// The highest price of one seat, in minor units.
pub const PRICE_MAX: i64 = 1_000_000_000;

/// A currency by its code of ISO 4217.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Currency([u8; 3]);

impl Currency {
    /// Three capital letters. Whether such a currency exists is for whoever collects the money.
    pub fn parse(text: &str) -> Option<Self> {
        let letters: [u8; 3] = text.as_bytes().try_into().ok()?;
        letters.iter().all(u8::is_ascii_uppercase).then_some(Self(letters))
    }

    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What one seat costs for one period.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SeatPrice {
    /// In the currency's minor unit.
    pub amount: i64,
    pub currency: Currency,
    pub period: Period,
}

/// A workspace's seat plan. One that never had any has neither a limit nor a price.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct SeatPlan {
    /// None: as many as there are people.
    pub limit: Option<i64>,
    /// None: nothing is charged.
    pub price: Option<SeatPrice>,
    /// Where something is: when it is, from here on.
    pub(super) billing: Option<Billing>,
    /// Grows with each change; 0 while nobody has set anything.
    pub revision: i64,
}

/// What a price brings with it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Billing {
    /// Whoever was never charged is not charged for what lies before.
    pub billed_from: Day,
    /// Before this day nobody who holds a seat has a period to pay that isn't booked.
    pub next_renewal: Day,
}

impl SeatPlan {
    /// The day on which periods are next paid for.
    pub fn next_renewal(&self) -> Option<Day> {
        self.billing.map(|billing| billing.next_renewal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_currency_is_three_capital_letters() {
        assert_eq!(Currency::parse("EUR").map(|it| it.to_string()).as_deref(), Some("EUR"));
        for bad in ["", "EU", "eur", "EURO", "E\u{dc}", "12A"] {
            assert_eq!(Currency::parse(bad), None, "{bad}");
        }
    }
}
