//! What is charged, when, and what comes back (SEAT-4 to SEAT-6), through the rooms' doors.

use rollcall::access::{Failure, WorkspaceProof};
use rollcall::billing::{
    self, Balance, Currency, EntryKind, LedgerEntry, Period, SeatPrice, SeatQuote, TakeOutCredit,
    TakeOutRefusal, renew_due,
};
use rollcall::endings::{Recovery, delete_workspace, recover_workspace};
use rollcall::members::{self, DeactivateMember, UpdateSeatPlan, update_seat_plan};
use rollcall::platform::journal::StreamId;
use rollcall::policy::Kind;
use rollcall::primitives::ids::{MemberId, WorkspaceId};
use rollcall::primitives::name::name_key;

use crate::invitations::porch::{Place, Porch};
use crate::invitations::{accept, invite, row};
use crate::on_both;
use crate::support::bench::whole;

const DAY: i64 = 24 * 3600;

pub fn price(amount: i64, code: &str, period: Period) -> SeatPrice {
    SeatPrice { amount, currency: Currency::parse(code).expect("a currency"), period }
}

/// A workspace of January 1 whose seats cost this from its first day on.
async fn priced(house: &Porch, price: SeatPrice) -> Place {
    let ada = house.person("ada@example.com").await;
    let place = house.place(&ada, Kind::Team).await;
    set_price(house, &place.admin, Some(price)).await;
    place
}

async fn set_price(house: &Porch, admin: &WorkspaceProof, price: Option<SeatPrice>) {
    let request = UpdateSeatPlan { price: Some(price), ..UpdateSeatPlan::default() };
    update_seat_plan(&house.gate, admin, request).await.expect("priced");
}

/// Days pass; sessions end by age meanwhile, so the admin comes in anew.
async fn pass(house: &Porch, place: &Place, days: i64) -> WorkspaceProof {
    house.clock.advance_seconds(days * DAY);
    let ada = house.again("ada@example.com").await;
    house.go_in(&ada, place.id).await
}

async fn join(house: &Porch, admin: &WorkspaceProof, email: &str) -> MemberId {
    invite(house, admin, row(email)).await;
    accept(house, email).await.member.id
}

/// The whole ledger, the oldest first; it adds up.
async fn ledger(house: &Porch, admin: &WorkspaceProof) -> Vec<LedgerEntry> {
    let view = house.workspace_view(admin);
    let page = billing::list_entries::<()>(&view, &whole(LedgerEntry::ORDER)).await.expect("a ledger");
    let mut entries = page.rows;
    entries.reverse();
    let numbers: Vec<i64> = entries.iter().map(|entry| entry.number).collect();
    assert_eq!(numbers, (1..).take(numbers.len()).collect::<Vec<i64>>(), "numbers without gaps");
    for code in ["EUR", "USD"] {
        let mut balance = 0;
        for entry in entries.iter().filter(|entry| entry.currency.as_str() == code) {
            balance += match entry.kind {
                EntryKind::Charge => -entry.from_credit,
                EntryKind::Credit => entry.amount,
                EntryKind::TakenOut => -entry.amount,
            };
            assert_eq!(entry.balance, balance, "the balance after {entry:?}");
        }
    }
    entries
}

/// `from..until amount`, for each charge of a member.
fn charges(entries: &[LedgerEntry], member: MemberId) -> Vec<String> {
    let own = entries.iter().filter(|it| it.kind == EntryKind::Charge && it.member == Some(member));
    own.map(shown).collect()
}

fn shown(entry: &LedgerEntry) -> String {
    let covers = entry.covers.expect("days");
    let date = |day: billing::Day| day.start().to_rfc3339()[..10].to_owned();
    format!("{}..{} {}", date(covers.from), date(covers.until), entry.amount)
}

async fn quote(house: &Porch, admin: &WorkspaceProof, member: MemberId) -> SeatQuote {
    let quotes = billing::quote_seats::<()>(&house.workspace_view(admin), &[member]).await.expect("told");
    *quotes.get(&member).expect("priced")
}

async fn quote_deletion(
    house: &Porch,
    admin: &WorkspaceProof,
    member: MemberId,
) -> Option<billing::DeletionQuote> {
    let quotes = billing::quote_deletions::<()>(&house.workspace_view(admin), &[member]).await;
    quotes.expect("told").remove(&member)
}

async fn rest(house: &Porch, admin: &WorkspaceProof, member: MemberId) {
    let request = DeactivateMember { member, category: None, note: None };
    members::deactivate(&house.gate, admin, request).await.expect("deactivated");
}

/// What deleting for ever books, in the transaction that does it.
async fn give_back(house: &Porch, workspace: WorkspaceId, member: MemberId) -> Option<LedgerEntry> {
    let mut tx = house.gate.by_job::<()>(workspace).await.expect("opened");
    let booked = billing::settle_deletion(&mut tx, member).await.expect("settled");
    if booked.is_some() {
        tx.commit().await.expect("committed");
    }
    booked
}

on_both! {
    /// SEAT-4: whoever joins is charged for the rest of the period, and for no day twice when they come back.
    async fn joining_costs_the_rest_of_the_period_and_coming_back_within_it_nothing(house) {
        let place = priced(house, price(1000, "EUR", Period::Month)).await;
        let admin = pass(house, &place, 11).await;
        let joe = join(house, &admin, "joe@example.com").await;
        let entries = ledger(house, &admin).await;
        assert_eq!(charges(&entries, joe), ["2026-01-12..2026-02-01 645"]);
        assert_eq!((entries.len(), entries[0].whole_days, entries[0].balance), (1, Some(31), 0));
        let events = house.events(StreamId::Workspace(place.id)).await;
        let named = events.iter().find(|event| event.seq == entries[0].event_seq).expect("its event");
        assert_eq!(named.kind, "SeatCharged");
        rest(house, &admin, joe).await;
        let quote = quote(house, &admin, joe).await;
        assert_eq!((quote.amount, quote.covers), (0, None));
        members::reactivate(&house.gate, &admin, joe).await.expect("back");
        assert_eq!(ledger(house, &admin).await, entries);
    }

    /// SEAT-6: what reactivating will cost is what is booked.
    async fn what_reactivating_will_cost_is_what_is_booked(house) {
        let place = priced(house, price(1999, "EUR", Period::Month)).await;
        let joe = join(house, &place.admin, "joe@example.com").await;
        rest(house, &place.admin, joe).await;
        let admin = pass(house, &place, 40).await;
        let quote = quote(house, &admin, joe).await;
        members::reactivate(&house.gate, &admin, joe).await.expect("back");
        let entries = ledger(house, &admin).await;
        let booked = entries.iter().rfind(|entry| entry.member == Some(joe)).expect("charged");
        assert_eq!((quote.amount, quote.from_credit, quote.covers, quote.whole_days), (booked.amount, booked.from_credit, booked.covers, booked.whole_days));
        assert_eq!(shown(booked), "2026-02-10..2026-03-01 1356");
    }

    /// SEAT-4: each renewal a whole period per active member; twice, late and on two servers nothing more.
    async fn renewals_charge_whole_periods_and_catch_up(house) {
        let place = priced(house, price(1000, "EUR", Period::Month)).await;
        let joe = join(house, &place.admin, "joe@example.com").await;
        let ada = place.admin.member;
        renew_due(&house.gate).await.expect("run");
        assert_eq!(ledger(house, &place.admin).await.len(), 1, "nothing is due");
        let admin = pass(house, &place, 31).await;
        let (one, other) = tokio::join!(renew_due(&house.gate), renew_due(&house.gate));
        one.and(other).expect("run");
        let entries = ledger(house, &admin).await;
        assert_eq!(charges(&entries, ada), ["2026-02-01..2026-03-01 1000"]);
        assert_eq!(charges(&entries, joe), ["2026-01-01..2026-02-01 1000", "2026-02-01..2026-03-01 1000"]);
        let events = house.events(StreamId::Workspace(place.id)).await;
        let renewed: Vec<_> = events.iter().filter(|event| event.kind == "SeatsRenewed").collect();
        assert_eq!((renewed.len(), &renewed[0].payload["charges"]), (1, &serde_json::json!(2)));
        assert!(entries[1..].iter().all(|entry| entry.event_seq == renewed[0].seq));
        let admin = pass(house, &place, 65).await;
        renew_due(&house.gate).await.expect("run");
        renew_due(&house.gate).await.expect("run");
        let entries = ledger(house, &admin).await;
        assert_eq!(charges(&entries, ada), ["2026-02-01..2026-03-01 1000", "2026-03-01..2026-04-01 1000", "2026-04-01..2026-05-01 1000"]);
        assert_eq!(charges(&entries, joe).len(), 4);
    }

    /// SEAT-4: whoever held a seat when a period began owes it, though no job has run before they gave it up.
    async fn giving_up_a_seat_settles_what_had_begun(house) {
        let place = priced(house, price(1000, "EUR", Period::Month)).await;
        let joe = join(house, &place.admin, "joe@example.com").await;
        let admin = pass(house, &place, 33).await;
        rest(house, &admin, joe).await;
        let settled = ["2026-01-01..2026-02-01 1000", "2026-02-01..2026-03-01 1000"];
        assert_eq!(charges(&ledger(house, &admin).await, joe), settled);
        let admin = pass(house, &place, 30).await;
        renew_due(&house.gate).await.expect("run");
        let entries = ledger(house, &admin).await;
        assert_eq!(charges(&entries, joe), settled, "who rests has no seat to renew");
        assert_eq!(charges(&entries, admin.member).len(), 2);
    }

    /// SEAT-4, SEAT-5, SEAT-6: deleting for ever gives back what is left, once; it pays the next charge first.
    async fn what_comes_back_is_what_was_quoted_and_pays_the_next_charge(house) {
        let place = priced(house, price(1000, "EUR", Period::Month)).await;
        let joe = join(house, &place.admin, "joe@example.com").await;
        let admin = pass(house, &place, 10).await;
        rest(house, &admin, joe).await;
        let quote = quote_deletion(house, &admin, joe).await.expect("left");
        let booked = give_back(house, place.id, joe).await.expect("booked");
        assert_eq!((booked.kind, booked.credits, booked.balance), (EntryKind::Credit, Some(1), 645));
        assert_eq!((quote.amount, quote.covers, Some(quote.whole_days)), (booked.amount, booked.covers.expect("days"), booked.whole_days));
        assert_eq!(shown(&booked), "2026-01-12..2026-02-01 645");
        assert_eq!(give_back(house, place.id, joe).await, None, "never twice");
        assert_eq!(quote_deletion(house, &admin, joe).await, None);
        let kim = join(house, &admin, "kim@example.com").await;
        let entries = ledger(house, &admin).await;
        let charge = entries.last().expect("charged");
        assert_eq!((charge.member, charge.amount, charge.from_credit, charge.balance), (Some(kim), 677, 645, 0));
    }

    /// SEAT-5: the host takes credit out by an entry of its own, never more than there is.
    async fn credit_is_taken_out_and_never_more_than_there_is(house) {
        let place = priced(house, price(1000, "EUR", Period::Month)).await;
        let joe = join(house, &place.admin, "joe@example.com").await;
        rest(house, &place.admin, joe).await;
        give_back(house, place.id, joe).await.expect("booked");
        let eur = Currency::parse("EUR").expect("a currency");
        let take = async |amount, currency| {
            billing::take_out_credit(&house.gate, &place.admin, TakeOutCredit { amount, currency }).await
        };
        let left = |amount, currency| TakeOutRefusal::TooMuch(Balance { currency, amount });
        assert!(matches!(take(968, eur).await, Err(Failure::Refused(told)) if told == left(967, eur)));
        let usd = Currency::parse("USD").expect("a currency");
        assert!(matches!(take(1, usd).await, Err(Failure::Refused(told)) if told == left(0, usd)));
        let (one, other) = tokio::join!(take(600, eur), take(600, eur));
        assert!(one.is_ok() != other.is_ok(), "both would be more than there is");
        let entries = ledger(house, &place.admin).await;
        let last = entries.last().expect("booked");
        assert_eq!((last.kind, last.amount, last.balance, last.member), (EntryKind::TakenOut, 600, 367, None));
        let known = billing::balances::<()>(&house.workspace_view(&place.admin)).await.expect("told");
        assert_eq!(known, [Balance { currency: eur, amount: 367 }]);
    }

    /// SEAT-4: what was due at the old price is booked at the old one; the new one counts from the next charge on.
    async fn another_price_counts_from_each_members_next_charge(house) {
        let place = priced(house, price(1000, "EUR", Period::Month)).await;
        let joe = join(house, &place.admin, "joe@example.com").await;
        let admin = pass(house, &place, 40).await;
        set_price(house, &admin, Some(price(36_500, "USD", Period::Year))).await;
        let before = ledger(house, &admin).await;
        assert_eq!(charges(&before, joe), ["2026-01-01..2026-02-01 1000", "2026-02-01..2026-03-01 1000"]);
        let kim = join(house, &admin, "kim@example.com").await;
        let admin = pass(house, &place, 20).await;
        renew_due(&house.gate).await.expect("run");
        let entries = ledger(house, &admin).await;
        assert_eq!(charges(&entries, kim), ["2026-02-10..2027-01-01 32500"]);
        assert_eq!(charges(&entries, joe).last().map(String::as_str), Some("2026-03-01..2027-01-01 30600"));
        set_price(house, &admin, None).await;
        let admin = pass(house, &place, 400).await;
        renew_due(&house.gate).await.expect("run");
        assert_eq!(ledger(house, &admin).await.len(), entries.len(), "without a price nothing is charged");
        set_price(house, &admin, Some(price(100, "EUR", Period::Month))).await;
        let admin = pass(house, &place, 31).await;
        renew_due(&house.gate).await.expect("run");
        let entries = ledger(house, &admin).await;
        assert_eq!(charges(&entries, joe).last().map(String::as_str), Some("2027-05-01..2027-06-01 100"));
    }

    /// SEAT-4, WSP-10: a workspace that was deleted and is brought back costs nothing for that time; what was due before it
    /// is booked, whether or not the job had come, and what was charged for longer is not charged again.
    async fn seat_4_the_time_in_which_a_workspace_was_deleted_costs_nothing(house) {
        let place = priced(house, price(1000, "EUR", Period::Month)).await;
        let joe = join(house, &place.admin, "joe@example.com").await;
        let admin = pass(house, &place, 40).await;
        let deleted = delete_workspace(&house.gate, Recovery { days: 30 }, &admin, "Acme").await;
        deleted.expect("deleted");
        house.clock.advance_seconds(25 * DAY);
        renew_due(&house.gate).await.expect("run");
        recover_workspace(&house.gate, place.id).await.expect("it is back");
        renew_due(&house.gate).await.expect("run");
        let admin = pass(house, &place, 0).await;
        let entries = ledger(house, &admin).await;
        let until_now = ["2026-01-01..2026-02-01 1000", "2026-02-01..2026-03-01 1000", "2026-03-07..2026-04-01 806"];
        assert_eq!(charges(&entries, joe), until_now);
        // Gone and back within what is paid for: nothing more.
        let deleted = delete_workspace(&house.gate, Recovery { days: 30 }, &admin, "Acme").await;
        deleted.expect("deleted");
        house.clock.advance_seconds(10 * DAY);
        recover_workspace(&house.gate, place.id).await.expect("it is back");
        renew_due(&house.gate).await.expect("run");
        let admin = pass(house, &place, 0).await;
        assert_eq!(charges(&ledger(house, &admin).await, joe), until_now);
        let admin = pass(house, &place, 20).await;
        renew_due(&house.gate).await.expect("run");
        let last = charges(&ledger(house, &admin).await, joe).pop();
        assert_eq!(last.as_deref(), Some("2026-04-01..2026-05-01 1000"));
    }

    /// SEAT-4: a renewal, a return and a departure at one moment charge nobody twice.
    async fn a_renewal_against_those_who_come_and_go_charges_nobody_twice(house) {
        let place = priced(house, price(1000, "EUR", Period::Month)).await;
        let joe = join(house, &place.admin, "joe@example.com").await;
        let kim = join(house, &place.admin, "kim@example.com").await;
        rest(house, &place.admin, joe).await;
        for months in 1..4 {
            let admin = pass(house, &place, 31).await;
            let going = DeactivateMember { member: kim, category: None, note: None };
            let (back, gone, renewed) = tokio::join!(
                members::reactivate(&house.gate, &admin, joe),
                members::deactivate(&house.gate, &admin, going),
                renew_due(&house.gate),
            );
            back.expect("back");
            gone.expect("gone");
            renewed.expect("run");
            let entries = ledger(house, &admin).await;
            assert_eq!(charges(&entries, kim).len(), 1 + months, "{entries:?}");
            assert_eq!(charges(&entries, joe).len(), 1 + months, "{entries:?}");
            rest(house, &admin, joe).await;
            members::reactivate(&house.gate, &admin, kim).await.expect("back");
        }
    }

    /// SEAT-4: more members than one transaction looks at.
    async fn a_large_workspace_is_renewed_in_several_transactions(house) {
        let place = priced(house, price(1000, "EUR", Period::Month)).await;
        for number in 0..250 {
            let name = format!("Member {number}");
            let sql = "INSERT INTO members (id, workspace_id, email, email_key, name, name_key, state, role_id, \
                       generation, removed_while_blocked, revision, created_at) \
                       VALUES ($1, $2, $3, $3, $4, $5, 'ACTIVE', $6, 1, FALSE, 1, 0)";
            let (email, role) = (format!("m{number}@example.com"), place.role("Member"));
            let values = vec![MemberId::new().into(), place.id.into(), email.into(), name.clone().into(), name_key(&name).into(), role.into()];
            house.execute(sql, values).await;
        }
        pass(house, &place, 31).await;
        renew_due(&house.gate).await.expect("run");
        renew_due(&house.gate).await.expect("run");
        let sql = "SELECT COUNT(*) FROM ledger_entries WHERE amount = 1000";
        assert_eq!(house.number(sql, Vec::new()).await, 251);
        let distinct = "SELECT COUNT(DISTINCT member_id) FROM ledger_entries";
        assert_eq!(house.number(distinct, Vec::new()).await, 251);
        let events = house.events(StreamId::Workspace(place.id)).await;
        assert_eq!(events.iter().filter(|event| event.kind == "SeatsRenewed").count(), 2);
    }
}
