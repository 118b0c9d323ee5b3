//! SEAT-4 and SEAT-5 over random lives: people take seats, give them up, come back and are deleted, while time passes,
//! renewals come late, and the price changes.

use proptest::prelude::*;

use super::calendar::{Day, Period, Span};
use super::rules::{Charge, Terms, pay};
use crate::primitives::time::Timestamp;

const PEOPLE: usize = 4;
const DAY_MICROS: i64 = 24 * 3600 * 1_000_000;

#[derive(Clone, Debug)]
enum Act {
    Take(usize),
    GiveUp(usize),
    Delete(usize),
    Renew,
    Price(i64, Period),
    TakeOut(i64),
    Pass(i64),
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let period = prop_oneof![3 => Just(Period::Month), 1 => Just(Period::Year)];
    let act = prop_oneof![
        4 => (0..PEOPLE).prop_map(Act::Take),
        3 => (0..PEOPLE).prop_map(Act::GiveUp),
        1 => (0..PEOPLE).prop_map(Act::Delete),
        2 => Just(Act::Renew),
        1 => (1i64..100_000, period).prop_map(|(amount, period)| Act::Price(amount, period)),
        1 => (0i64..5_000).prop_map(Act::TakeOut),
        6 => (0i64..80).prop_map(Act::Pass),
    ];
    proptest::collection::vec(act, 1..80)
}

/// One person, as the ledger and the calendar know them.
#[derive(Clone, Debug, Default)]
struct Life {
    seated: bool,
    charges: Vec<Charge>,
    credited: Option<(Span, i64)>,
    /// Days on which they held a seat.
    seated_on: Vec<Day>,
}

impl Life {
    fn covered(&self) -> Option<Day> {
        self.charges.last().map(|charge| charge.covers.until)
    }
}

/// A line of the ledger: credit that came, credit that went, and the balance after it.
#[derive(Debug)]
struct Line {
    came: i64,
    went: i64,
    balance: i64,
}

struct World {
    today: Day,
    terms: Terms,
    lives: Vec<Life>,
    gone: Vec<Life>,
    balance: i64,
    lines: Vec<Line>,
}

impl World {
    fn new(first_day: Day) -> Self {
        let terms = Terms { price: 1000, period: Period::Month, first_day, billed_from: first_day };
        let lives = vec![Life::default(); PEOPLE];
        Self { today: first_day, terms, lives, gone: Vec::new(), balance: 0, lines: Vec::new() }
    }

    fn charge(&mut self, who: usize, charge: Charge) {
        let payment = pay(self.balance, charge.amount);
        assert!(payment.from_credit <= charge.amount);
        self.balance = payment.balance;
        self.lines.push(Line { came: 0, went: payment.from_credit, balance: self.balance });
        self.lives[who].charges.push(charge);
    }

    /// Books what is due for one who holds a seat; a second look finds nothing.
    fn settle(&mut self, who: usize) {
        if self.lives[who].seated {
            for charge in self.terms.due(self.lives[who].covered(), self.today) {
                self.charge(who, charge);
            }
            assert_eq!(self.terms.due(self.lives[who].covered(), self.today), []);
        }
    }

    fn act(&mut self, act: Act) {
        match act {
            Act::Take(who) if !self.lives[who].seated => {
                if let Some(charge) = self.terms.on_taking(self.lives[who].covered(), self.today) {
                    self.charge(who, charge);
                }
                self.lives[who].seated = true;
                let today = self.today;
                self.lives[who].seated_on.push(today);
            }
            Act::GiveUp(who) => {
                self.settle(who);
                self.lives[who].seated = false;
            }
            Act::Delete(who) if !self.lives[who].seated => self.delete(who),
            Act::Renew => (0..PEOPLE).for_each(|who| self.settle(who)),
            Act::Price(amount, period) => {
                (0..PEOPLE).for_each(|who| self.settle(who));
                self.terms = Terms { price: amount, period, ..self.terms };
            }
            Act::TakeOut(amount) => {
                let amount = amount.min(self.balance);
                self.balance -= amount;
                self.lines.push(Line { came: 0, went: amount, balance: self.balance });
            }
            Act::Pass(days) => (0..days).for_each(|_| self.pass()),
            Act::Take(_) | Act::Delete(_) => {}
        }
    }

    fn pass(&mut self) {
        self.today = self.today.next();
        for life in self.lives.iter_mut().filter(|life| life.seated) {
            life.seated_on.push(self.today);
        }
    }

    fn delete(&mut self, who: usize) {
        let mut life = std::mem::take(&mut self.lives[who]);
        if let Some(credit) = life.charges.last().and_then(|charge| charge.credit(self.today)) {
            self.balance += credit.amount;
            self.lines.push(Line { came: credit.amount, went: 0, balance: self.balance });
            life.credited = Some((credit.covers, credit.amount));
        }
        self.gone.push(life);
    }
}

/// No day is charged twice, and each day with a seat is charged.
fn hold_charges(life: &Life) {
    for pair in life.charges.windows(2) {
        assert!(pair[0].covers.until <= pair[1].covers.from, "charged twice: {pair:?}");
    }
    for charge in &life.charges {
        assert!(charge.covers.days() > 0 && charge.covers.days() <= charge.whole_days);
        assert!(charge.amount >= 0);
    }
    for day in &life.seated_on {
        assert!(life.charges.iter().any(|charge| charge.covers.holds(*day)), "{day:?} of {life:?}");
    }
}

/// A credit is for days that were charged and not lived through, and is no more than their share.
fn hold_credit(life: &Life) {
    let Some((covers, amount)) = life.credited else { return };
    let paid: Vec<&Charge> = life.charges.iter().filter(|charge| charge.covers.until > covers.from).collect();
    assert_eq!(paid.len(), 1, "one charge reaches beyond the day: {life:?}");
    assert!(paid[0].covers.from <= covers.from && paid[0].covers.until == covers.until);
    let share = i128::from(paid[0].amount) * i128::from(covers.days());
    assert!(i128::from(amount) * i128::from(paid[0].covers.days()) <= share, "more than was charged for it");
    assert!(life.seated_on.iter().all(|day| *day < covers.from), "a day that was used came back");
}

fn hold_ledger(lines: &[Line]) {
    let mut balance = 0;
    for line in lines {
        balance += line.came - line.went;
        assert_eq!(balance, line.balance);
        assert!(balance >= 0, "credit below zero");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    /// SEAT-4, SEAT-5: no moment twice, no credit over its charges, and the ledger adds up after each entry.
    #[test]
    fn over_random_lives_no_moment_is_charged_twice_and_the_ledger_adds_up(start in 18_000i64..22_000, acts in acts()) {
        let mut world = World::new(Day::of(Timestamp::from_micros(start * DAY_MICROS)));
        for act in acts {
            world.act(act);
        }
        world.act(Act::Renew);
        for life in world.lives.iter().chain(&world.gone) {
            hold_charges(life);
            hold_credit(life);
        }
        hold_ledger(&world.lines);
    }
}
