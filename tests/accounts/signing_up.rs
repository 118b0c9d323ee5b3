//! Signing up and proving an address.

use rollcall::access::Failure;
use rollcall::accounts::{self, LinkRefusal, Password, SignUp};
use rollcall::primitives::actor::Audience;
use rollcall::primitives::secret::{Secret, SecretKind};

use crate::support::gate::{House, LINK_HOURS, PASSWORD, client, email};

const ADA: &str = "Ada@example.com";

/// Opens a link as somebody does who signed up with [`PASSWORD`].
async fn open(house: &House, link: &Secret) -> Result<(), LinkRefusal> {
    match house.verify(link, PASSWORD).await {
        Ok(account) => {
            assert!(account.email_verified);
            Ok(())
        }
        Err(Failure::Refused(refusal)) => Err(refusal),
        Err(other) => panic!("{other:?}"),
    }
}

/// SES-6, EVT-1.
#[tokio::test]
async fn a_person_signs_up_and_verifies_the_address_by_the_mailed_link() {
    for house in House::on_both().await {
        house.sign_up(ADA, PASSWORD).await;
        assert_eq!(house.take_kinds(), ["AccountCreated"]);
        let link = house.mailed_link(ADA).await;
        let found = accounts::find_by_verified_email(house.database().reader(), email(ADA).key()).await;
        assert_eq!(found.expect("it reads"), None, "an address counts only once verified");

        assert_eq!(open(&house, &link).await, Ok(()));
        let events = house.take_events();
        assert_eq!(events.len(), 1);
        assert_eq!((events[0].kind.as_str(), events[0].audience), ("EmailVerified", Audience::Subject));
        assert!(!events[0].payload.to_string().contains('@'), "no address in a payload");
        let found = accounts::find_by_verified_email(house.database().reader(), email(ADA).key()).await;
        assert_eq!(found.expect("it reads").expect("verified").email, ADA, "kept as typed");
    }
}

/// SES-6.
#[tokio::test]
async fn a_link_works_once_and_in_time_and_its_end_is_told() {
    for house in House::on_both().await {
        house.sign_up(ADA, PASSWORD).await;
        let link = house.mailed_link(ADA).await;
        assert_eq!(open(&house, &link).await, Ok(()));
        assert_eq!(open(&house, &link).await, Err(LinkRefusal::Used));

        house.sign_up("late@example.com", PASSWORD).await;
        let link = house.mailed_link("late@example.com").await;
        house.clock.advance_seconds(LINK_HOURS * 3600);
        assert_eq!(open(&house, &link).await, Err(LinkRefusal::Expired));
        for kind in [SecretKind::EmailLink, SecretKind::InvitationLink] {
            assert_eq!(open(&house, &Secret::mint(kind)).await, Err(LinkRefusal::Unknown));
        }
        house.take_events();
        assert_eq!(open(&house, &link).await, Err(LinkRefusal::Expired));
        assert!(house.take_events().is_empty(), "a refused link leaves no event");
    }
}

/// SES-6: an account that proves nothing doesn't hold the address against its owner.
#[tokio::test]
async fn of_two_accounts_that_claim_an_address_the_first_opened_link_holds_it() {
    for house in House::on_both().await {
        house.sign_up(ADA, "the stranger's own").await;
        let strangers = house.mailed_link(ADA).await;
        house.clock.advance_seconds(1);
        house.sign_up(ADA, PASSWORD).await;
        let owners = house.mailed_link(ADA).await;
        assert_eq!(open(&house, &owners).await, Ok(()));
        assert_eq!(open(&house, &strangers).await, Err(LinkRefusal::AddressTaken));
        house.sign_in(ADA).await;
    }
}

/// SES-6: exactly one wins, whoever is first.
#[tokio::test]
async fn of_two_links_opened_at_once_one_wins_and_the_other_is_told() {
    for house in House::on_both().await {
        for round in 0..8 {
            let address = format!("ada{round}@example.com");
            house.sign_up(&address, PASSWORD).await;
            let first = house.mailed_link(&address).await;
            house.sign_up(&address, PASSWORD).await;
            let second = house.mailed_link(&address).await;
            let opened = tokio::join!(open(&house, &first), open(&house, &second));
            let told = Err(LinkRefusal::AddressTaken);
            assert!(matches!(opened, (Ok(()), other) | (other, Ok(())) if other == told), "{opened:?}");
        }
    }
}

/// SES-6: what holds before the hash is computed is looked at again under the lock.
#[tokio::test]
async fn a_link_opened_twice_at_once_works_once() {
    for house in House::on_both().await {
        house.sign_up(ADA, PASSWORD).await;
        let link = house.mailed_link(ADA).await;
        house.take_events();
        let opened = tokio::join!(open(&house, &link), open(&house, &link));
        let told = Err(LinkRefusal::Used);
        assert!(matches!(opened, (Ok(()), other) | (other, Ok(())) if other == told), "{opened:?}");
        assert_eq!(house.take_kinds(), ["EmailVerified"]);
    }
}

/// SES-1: the answer is the same; the owner alone is told, by mail.
#[tokio::test]
async fn signing_up_with_a_known_address_answers_alike_and_tells_its_owner() {
    for house in House::on_both().await {
        house.person(ADA).await;
        house.take_events();
        house.sign_up(ADA, "another password").await;
        assert_eq!(house.take_kinds(), ["SignUpRepeated"]);
        let letters = house.letters(ADA).await;
        let newest = letters.last().expect("a letter");
        assert_eq!(newest.subject, "You already have an account");
        assert!(!newest.body.contains("token="));
        let refused = house.credentials(ADA, "another password");
        let refused = accounts::authenticate(&house.gate, &house.entrance, refused).await;
        assert!(matches!(refused, Err(Failure::Refused(_))), "the password stays what it was");
    }
}

/// SES-1: somebody may not fill another's mailbox.
#[tokio::test]
async fn signing_up_is_limited_by_address() {
    let house = House::sqlite().await;
    let limits = accounts::EntranceLimits { account_attempts_max: 2, ..crate::support::gate::LIMITS };
    let entrance = accounts::Entrance::new(limits, &house.clock);
    let sign_up = async || {
        let email = email(ADA);
        let password = Password::parse(PASSWORD, &email).unwrap();
        let request = SignUp { email, name: "Ada".into(), password, client: client() };
        accounts::sign_up(&house.gate, &entrance, request).await
    };
    assert!(sign_up().await.is_ok());
    assert!(sign_up().await.is_ok());
    assert!(matches!(sign_up().await, Err(Failure::RateLimited { .. })));
    house.clock.advance_seconds(8 * 60);
    assert!(sign_up().await.is_ok());
}
