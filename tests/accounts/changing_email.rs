//! Another address: asked for, proved, told to the old one.

use rollcall::access::Failure;
use rollcall::accounts::{self, Account, ChangeEmail, ChangeEmailRefusal, LinkRefusal, Password};
use rollcall::invitations::{InviteMembers, InviteRow, RowRefusal, invite_members};
use rollcall::members;
use rollcall::primitives::actor::{Audience, EndCause};
use rollcall::primitives::ids::MemberId;

use crate::support::gate::{House, Inside, PASSWORD, Person, Place, SENDING, cause, client, email};

const OLD: &str = "ada@example.com";
const NEW: &str = "Ada.L@example.net";

async fn ask(
    house: &House,
    person: &Person,
    to: &str,
    password: &str,
) -> Result<Account, Failure<ChangeEmailRefusal>> {
    let request = ChangeEmail { email: email(to), password: Password::claimed(password), client: client() };
    accounts::change_email(&house.gate, &house.entrance, &person.proof, request).await
}

/// Asks for another address and opens the link that is mailed there.
async fn move_to(house: &House, person: &Person, to: &str) -> Account {
    ask(house, person, to, PASSWORD).await.expect("asked");
    let link = house.mailed_link(to).await;
    house.verify(&link, PASSWORD).await.expect("verified")
}

async fn invite(house: &House, admin: &Inside, address: &str) -> Result<MemberId, RowRefusal> {
    let row = InviteRow { email: address.into(), ..InviteRow::default() };
    let request = InviteMembers { rows: vec![row], ..InviteMembers::default() };
    let invited = invite_members(&house.gate, SENDING, &admin.proof, request).await.expect("answered");
    invited.rows.into_iter().next().expect("a row").result.map(|it| it.member.id)
}

async fn member_address(house: &House, place: &Place, member: MemberId) -> String {
    let found = members::find(house.database().reader(), place.id, member).await;
    found.expect("it reads").expect("a member").email
}

/// SES-6, SES-1: nothing changes before the link is opened; then all other sessions end and the old address is told.
#[tokio::test]
async fn an_address_changes_when_the_new_one_is_proved() {
    for house in House::on_both().await {
        let ada = house.person(OLD).await;
        let other = house.again(OLD).await;
        house.take_events();
        let asked = ask(&house, &ada, NEW, PASSWORD).await.expect("asked");
        assert_eq!(asked.email, OLD);
        assert_eq!(asked.wanted.expect("wanted").email, NEW);
        house.account_proof(&other.token).await.expect("nothing has ended");
        let link = house.mailed_link(NEW).await;
        assert_eq!(house.take_kinds(), ["EmailChangeRequested"]);
        house.sign_in(OLD).await;

        let wrong = house.verify(&link, "a guess").await;
        assert!(matches!(wrong, Err(Failure::Refused(LinkRefusal::WrongPassword))), "{wrong:?}");
        let account = house.verify(&link, PASSWORD).await.expect("verified");
        assert_eq!((account.email.as_str(), account.email_verified), (NEW, true));
        assert_eq!(cause(house.account_proof(&other.token).await), EndCause::EmailChanged);
        house.account_proof(&ada.token).await.expect("the one that asked goes on");

        let events = house.take_events();
        assert_eq!((events[0].kind.as_str(), events[0].audience), ("EmailChanged", Audience::Subject));
        assert!(!events[0].payload.to_string().contains('@'), "no address in a payload");
        let newest = house.letters(OLD).await.pop().expect("a letter");
        assert_eq!(newest.subject, "Your e-mail address was changed");
        assert!(!newest.body.contains("example.net"), "the new address is nobody's business");

        house.sign_in(NEW).await;
        let old = house.credentials(OLD, PASSWORD);
        assert!(accounts::authenticate(&house.gate, &house.entrance, old).await.is_err());
        let again = house.verify(&link, PASSWORD).await;
        assert!(matches!(again, Err(Failure::Refused(LinkRefusal::Used))), "{again:?}");
    }
}

/// SES-6: a session that was left open somewhere isn't enough, and the same address is no change.
#[tokio::test]
async fn it_takes_the_password_and_another_address() {
    for house in House::on_both().await {
        let ada = house.person(OLD).await;
        house.take_events();
        let refused = ask(&house, &ada, NEW, "a guess").await;
        assert!(matches!(refused, Err(Failure::Refused(ChangeEmailRefusal::WrongPassword))), "{refused:?}");
        let refused = ask(&house, &ada, "ADA@Example.com", PASSWORD).await;
        assert!(matches!(refused, Err(Failure::Refused(ChangeEmailRefusal::SameAddress))), "{refused:?}");
        assert!(house.take_events().is_empty());
        assert!(house.letters(NEW).await.is_empty());
    }
}

/// SES-6: of two wishes the newer counts; the link of the older one is dead.
#[tokio::test]
async fn whoever_wants_another_address_still_gets_the_newest() {
    for house in House::on_both().await {
        let ada = house.person(OLD).await;
        ask(&house, &ada, "first@example.net", PASSWORD).await.expect("asked");
        let first = house.mailed_link("first@example.net").await;
        ask(&house, &ada, NEW, PASSWORD).await.expect("asked");
        let dead = house.verify(&first, PASSWORD).await;
        assert!(matches!(dead, Err(Failure::Refused(LinkRefusal::Unknown))), "{dead:?}");
        let link = house.mailed_link(NEW).await;
        assert_eq!(house.verify(&link, PASSWORD).await.expect("verified").email, NEW);
    }
}

/// SES-1, SES-6: asking tells nobody whose an address is; its owner is told, and keeps it.
#[tokio::test]
async fn an_address_that_somebody_holds_is_not_taken_from_them() {
    for house in House::on_both().await {
        let (ada, _) = (house.person(OLD).await, house.person("bob@example.com").await);
        let asked = ask(&house, &ada, "bob@example.com", PASSWORD).await.expect("asked, like any other");
        assert_eq!(asked.wanted.expect("wanted").email, "bob@example.com");
        let newest = house.letters("bob@example.com").await.pop().expect("a letter");
        assert_eq!(newest.subject, "You already have an account");
        assert!(!newest.body.contains("token="));

        // Whoever proves it first holds it, also against a link that was mailed before.
        ask(&house, &ada, NEW, PASSWORD).await.expect("asked");
        let link = house.mailed_link(NEW).await;
        house.person(NEW).await;
        let late = house.verify(&link, PASSWORD).await;
        assert!(matches!(late, Err(Failure::Refused(LinkRefusal::AddressTaken))), "{late:?}");
    }
}

/// SES-6: the session that asked has ended by the time that the link is opened; it stays so.
#[tokio::test]
async fn a_session_that_asked_and_has_ended_is_not_brought_back() {
    for house in House::on_both().await {
        let ada = house.person(OLD).await;
        let other = house.again(OLD).await;
        ask(&house, &ada, NEW, PASSWORD).await.expect("asked");
        rollcall::sessions::end_other_sessions(&house.gate, &other.proof).await.expect("ended");
        let link = house.mailed_link(NEW).await;
        house.verify(&link, PASSWORD).await.expect("verified");
        assert_eq!(cause(house.account_proof(&ada.token).await), EndCause::Ended);
        assert_eq!(cause(house.account_proof(&other.token).await), EndCause::EmailChanged);
    }
}

/// INV-10: of the address that a membership has, and of each that it has had, from the proof on, before any job has run.
#[tokio::test]
async fn every_address_of_a_member_is_theirs_for_invitations() {
    for house in House::on_both().await {
        let (ada, bob) = (house.person("owner@example.com").await, house.person(OLD).await);
        let place = house.workspace(&ada, "Harbour").await;
        let member = house.join(&place, &bob, &place.other).await;
        let admin = house.enter(&ada, &place).await;
        move_to(&house, &bob, NEW).await;
        for copied in [false, true] {
            for address in [OLD, NEW] {
                let refused = invite(&house, &admin, address).await;
                assert!(matches!(refused, Err(RowRefusal::Lifecycle { .. })), "{address}: {refused:?}");
            }
            let wanted = if copied { NEW } else { OLD };
            assert_eq!(member_address(&house, &place, member.id).await, wanted);
            members::copy_changed_accounts(&house.gate).await.expect("copied");
        }
    }
}

/// INV-10: an address that one gave up and another has now leads to both; `memberByEmail` shows who has it.
#[tokio::test]
async fn an_address_that_changed_hands_leads_to_both_members() {
    for house in House::on_both().await {
        let (ada, bob) = (house.person("owner@example.com").await, house.person(OLD).await);
        let place = house.workspace(&ada, "Harbour").await;
        let first = house.join(&place, &bob, &place.other).await;
        let admin = house.enter(&ada, &place).await;
        move_to(&house, &bob, NEW).await;
        members::copy_changed_accounts(&house.gate).await.expect("copied");
        let carl = house.person("carl@example.com").await;
        let second = house.join(&place, &carl, &place.other).await;
        move_to(&house, &carl, OLD).await;
        members::copy_changed_accounts(&house.gate).await.expect("copied");

        let view = house.workspace_view(&admin.proof);
        for (address, holder) in [(OLD, second.id), (NEW, first.id), ("carl@example.com", second.id)] {
            let found = members::find_by_email(&view, email(address).key()).await.expect("it reads");
            assert_eq!(found.map(|member| member.id), Some(holder), "{address}");
            assert!(invite(&house, &admin, address).await.is_err(), "{address}");
        }
        // Whoever is out and has given the address up doesn't stand in the way of who has it.
        for (gone, of) in [(first.id, "the one before"), (second.id, "the one who has it")] {
            let sql = "UPDATE members SET state = 'REMOVED', removed_at = $1 WHERE id = $2";
            house.execute(sql, vec![house.clock.now().into(), gone.into()]).await;
            let invited = invite(&house, &admin, OLD).await;
            assert_eq!(invited.ok(), (gone == second.id).then_some(second.id), "{of}");
        }
    }
}

/// BLK-8: giving an address up to another account is no way around the mark that follows it.
#[tokio::test]
async fn the_mark_of_who_was_removed_while_blocked_follows_each_address() {
    for house in House::on_both().await {
        let (ada, bob) = (house.person("owner@example.com").await, house.person(OLD).await);
        let place = house.workspace(&ada, "Harbour").await;
        let member = house.join(&place, &bob, &place.other).await;
        move_to(&house, &bob, NEW).await;
        house.person(OLD).await;
        let sql = "UPDATE members SET state = 'REMOVED', removed_at = $1, removed_while_blocked = TRUE WHERE id = $2";
        house.execute(sql, vec![house.clock.now().into(), member.id.into()]).await;
        for address in [OLD, NEW] {
            let found =
                members::find_by_address(house.database().reader(), place.id, email(address).key()).await;
            let marked = found.expect("it reads").marked().map(|marked| marked.id);
            assert_eq!(marked, Some(member.id), "{address}");
        }
    }
}
