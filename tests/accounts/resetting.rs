//! A forgotten password.

use rollcall::access::Failure;
use rollcall::accounts::{
    self, Entrance, EntranceLimits, Password, PasswordError, ResetPassword, ResetRefusal,
};
use rollcall::members::{self, BlockMember};
use rollcall::platform::journal::{Effect, StreamId};
use rollcall::primitives::actor::{EndCause, MemberStatus};
use rollcall::primitives::request::Client;
use rollcall::primitives::secret::{Secret, SecretKind};
use rollcall::sessions::{self, EnterRefusal, EnterWorkspace};

use crate::support::gate::{House, LIFETIMES, LIMITS, PASSWORD, PASSWORD_LINK_MINUTES, cause, client, email};

const ADA: &str = "ada@example.com";
const NEW: &str = "another quiet afternoon";

async fn request(house: &House, address: &str) {
    let asked =
        accounts::request_password_reset(&house.gate, &house.entrance, &email(address), &client()).await;
    asked.expect("asked");
}

/// Asks for a link and opens the mail.
async fn link(house: &House, address: &str) -> Secret {
    request(house, address).await;
    house.mailed_link(address).await
}

async fn reset(
    house: &House,
    link: &Secret,
    password: &str,
) -> Result<accounts::Account, Failure<ResetRefusal>> {
    let request = ResetPassword { link: link.clone(), new: Password::claimed(password), client: client() };
    sessions::reset_password(&house.gate, &house.entrance, request).await
}

async fn refusal(house: &House, link: &Secret, password: &str) -> ResetRefusal {
    match reset(house, link, password).await {
        Err(Failure::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

/// SES-5, REV-1, REV-4: refused from the account's commit on, then told in each workspace's log; the old password is dead.
#[tokio::test]
async fn a_reset_ends_every_session_of_both_kinds() {
    for house in House::on_both().await {
        let ada = house.person(ADA).await;
        let other = house.again(ADA).await;
        let (one, two) = (house.workspace(&ada, "One").await, house.workspace(&ada, "Two").await);
        let insides = [house.enter(&ada, &one).await, house.enter(&other, &two).await];
        let link = link(&house, ADA).await;
        house.take_events();

        let account = reset(&house, &link, NEW).await.expect("set");
        assert_eq!(account.generation, ada.account.generation + 1);
        for person in [&ada, &other] {
            assert_eq!(cause(house.account_proof(&person.token).await), EndCause::PasswordChanged);
        }
        for inside in &insides {
            assert_eq!(cause(house.workspace_proof(&inside.token).await), EndCause::PasswordChanged);
        }
        let events = house.take_events();
        assert_eq!(
            (events[0].stream, events[0].kind.as_str()),
            (StreamId::Account(account.id), "PasswordChanged")
        );
        let effect = Effect::EndAccountSessions {
            account: account.id,
            below_generation: account.generation,
            cause: EndCause::PasswordChanged,
            except: None,
        };
        assert_eq!(events[0].effect, Some(effect));
        let mut told: Vec<_> = events[1..].iter().map(|event| (event.stream, event.kind.as_str())).collect();
        told.sort();
        let mut wanted = [one.id, two.id].map(|id| (StreamId::Workspace(id), "MemberSessionEnded"));
        wanted.sort();
        assert_eq!(told, wanted);

        let old = house.credentials(ADA, PASSWORD);
        assert!(accounts::authenticate(&house.gate, &house.entrance, old).await.is_err());
        house.person_with(house.credentials(ADA, NEW)).await;
        let newest = house.letters(ADA).await.pop().expect("a letter");
        assert_eq!(newest.subject, "Your password was changed");
    }
}

/// BLK-7, SES-5: the account has its new password, and the block stays.
#[tokio::test]
async fn a_reset_leaves_a_block_as_it_is() {
    for house in House::on_both().await {
        let (ada, bob) = (house.person(ADA).await, house.person("bob@example.com").await);
        let place = house.workspace(&ada, "Harbour").await;
        let member = house.join(&place, &bob, &place.other).await;
        let admin = house.enter(&ada, &place).await;
        let block = BlockMember { member: member.id, category: None, note: None, review_at: None };
        members::block(&house.gate, &admin.proof, block).await.expect("blocked");

        let link = link(&house, "bob@example.com").await;
        reset(&house, &link, NEW).await.expect("set");
        let found = members::find(house.database().reader(), place.id, member.id).await;
        let found = found.expect("it reads").expect("a member");
        assert_eq!(found.status(house.clock.now()), MemberStatus::Blocked);
        let bob = house.person_with(house.credentials("bob@example.com", NEW)).await;
        let request = EnterWorkspace { workspace: place.id, client: client() };
        let entered = sessions::enter_workspace(&house.gate, LIFETIMES, &bob.proof, request).await;
        assert!(matches!(entered, Err(Failure::Refused(EnterRefusal::Blocked(_)))), "{entered:?}");
    }
}

/// SES-1: known, unverified or unknown, the answer is one, and so is the work: a mail in the outbox. Only who reads the
/// mailbox of a proved address learns more.
#[tokio::test]
async fn known_and_unknown_addresses_are_answered_alike() {
    for house in House::on_both().await {
        house.person(ADA).await;
        house.sign_up("claimed@example.com", PASSWORD).await;
        house.deliver().await;
        house.take_events();
        let addresses = [ADA, "claimed@example.com", "nobody@example.com"];
        for address in addresses {
            request(&house, address).await;
        }
        assert!(house.take_events().is_empty(), "nobody was looked up");
        let waiting = house.rows("SELECT kind FROM outbox", vec![]).await;
        assert_eq!(waiting.len(), addresses.len());

        let mut subjects = Vec::new();
        for address in addresses {
            let newest = house.letters(address).await.pop();
            subjects.push(newest.map(|letter| letter.subject).unwrap_or_default());
        }
        assert_eq!(subjects, ["Set a new password", "Verify your e-mail address", ""]);
        assert_eq!(house.take_kinds(), ["PasswordResetRequested"]);
        assert!(house.rows("SELECT kind FROM outbox", vec![]).await.is_empty(), "the others were dropped");
    }
}

/// SES-1: one use, in time, and for this alone.
#[tokio::test]
async fn a_link_sets_a_password_once_and_in_time() {
    for house in House::on_both().await {
        house.person(ADA).await;
        let (first, second) = (link(&house, ADA).await, link(&house, ADA).await);
        assert_ne!(first.hash(), second.hash());
        let unfit = refusal(&house, &first, "short").await;
        assert_eq!(unfit, ResetRefusal::Unfit(PasswordError::TooShort));
        let alike = refusal(&house, &first, ADA).await;
        assert_eq!(alike, ResetRefusal::Unfit(PasswordError::LikeAddress));
        reset(&house, &first, NEW).await.expect("an unfit password leaves the link usable");
        for used in [&first, &second] {
            assert_eq!(refusal(&house, used, "yet another afternoon").await, ResetRefusal::Used);
        }
        let late = link(&house, ADA).await;
        house.clock.advance_seconds(60 * PASSWORD_LINK_MINUTES);
        assert_eq!(refusal(&house, &late, NEW).await, ResetRefusal::Expired);
        for kind in [SecretKind::PasswordLink, SecretKind::EmailLink] {
            assert_eq!(refusal(&house, &Secret::mint(kind), NEW).await, ResetRefusal::Unknown);
        }
        house.take_events();
        refusal(&house, &late, NEW).await;
        assert!(house.take_events().is_empty(), "a refused link leaves no event");
    }
}

/// SES-1: with real concurrency, one wins and the other is told.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_opened_twice_at_once_works_once() {
    for house in House::on_both().await {
        house.person(ADA).await;
        let link = link(&house, ADA).await;
        let set = tokio::join!(reset(&house, &link, NEW), reset(&house, &link, "yet another afternoon"));
        let used = |other: &Result<_, Failure<ResetRefusal>>| {
            matches!(other, Err(Failure::Refused(ResetRefusal::Used)))
        };
        assert!(set.0.is_ok() && used(&set.1) || set.1.is_ok() && used(&set.0), "{set:?}");
    }
}

/// SES-1: nobody fills somebody else's mailbox; an hour later it may be asked again.
#[tokio::test]
async fn one_account_is_mailed_so_many_links_an_hour() {
    for house in House::on_both().await {
        house.person(ADA).await;
        let links = async || {
            let letters = house.letters(ADA).await;
            letters.iter().filter(|letter| letter.subject == "Set a new password").count()
        };
        for _ in 0..8 {
            request(&house, ADA).await;
        }
        assert_eq!(links().await, 5);
        house.clock.advance_seconds(3601);
        request(&house, ADA).await;
        assert_eq!(links().await, 6);
    }
}

/// SES-1: by account from one network and from all, and by network.
#[tokio::test]
async fn attempts_to_reset_are_limited_by_account_and_by_network() {
    let house = House::sqlite().await;
    let limits = EntranceLimits {
        account_attempts_max: 2,
        account_total_attempts_max: 3,
        address_attempts_max: 4,
        ..LIMITS
    };
    let entrance = Entrance::new(limits, &house.clock);
    let ask = async |address: &str, from: &str| {
        let client = Client::new(from.parse().ok(), None);
        accounts::request_password_reset(&house.gate, &entrance, &email(address), &client).await.is_ok()
    };
    let mut answers = Vec::new();
    for (address, from) in [
        (ADA, "192.0.2.1"),
        (ADA, "192.0.2.1"),
        (ADA, "192.0.2.1"),
        (ADA, "192.0.2.2"),
        (ADA, "192.0.2.3"),
        ("b@example.com", "192.0.2.1"),
        ("c@example.com", "192.0.2.1"),
    ] {
        answers.push(ask(address, from).await);
    }
    assert_eq!(answers, [true, true, false, true, false, true, false]);
}

/// SES-6: a link that was mailed to an address opens nothing once the account has another.
#[tokio::test]
async fn a_link_dies_with_the_address_that_it_was_mailed_to() {
    for house in House::on_both().await {
        house.person(ADA).await;
        let link = link(&house, ADA).await;
        house
            .execute(
                "UPDATE accounts SET email = $1, email_key = $1, verified_email_key = $1",
                vec!["new@example.com".into()],
            )
            .await;
        assert_eq!(refusal(&house, &link, NEW).await, ResetRefusal::Unknown);
    }
}
