//! Proving an address takes the mailbox and the password: neither a stranger's sign-up nor a found link is enough.

use rollcall::access::{Failure, WorkspaceProof};
use rollcall::accounts::{self, Entrance, EntranceLimits, LinkRefusal};
use rollcall::invitations::{InviteMembers, InviteRow, count_received, invite_members};
use rollcall::primitives::request::Client;
use rollcall::primitives::secret::{Secret, SecretKind};
use rollcall::sessions;

use crate::support::gate::{House, LIMITS, LINK_HOURS, PASSWORD, Person, SENDING, email, verification};

const OWNER: &str = "owner@example.com";
const STRANGERS: &str = "the stranger's own";

async fn invite_owner(house: &House, admin: &WorkspaceProof) {
    let row = InviteRow { email: OWNER.into(), ..InviteRow::default() };
    let request = InviteMembers { rows: vec![row], ..InviteMembers::default() };
    let invited = invite_members(&house.gate, SENDING, admin, request).await.expect("answered");
    invited.rows.into_iter().next().expect("a row").result.expect("invited");
}

async fn invitations_of(house: &House, person: &Person) -> u64 {
    count_received::<()>(&house.account_view(&person.proof)).await.expect("it reads")
}

async fn is_verified(house: &House) -> bool {
    let holder = accounts::find_by_verified_email(house.database().reader(), email(OWNER).key()).await;
    holder.expect("it reads").is_some()
}

/// SES-6: the owner opens the stranger's link in good faith, with whatever password they would use.
#[tokio::test]
async fn a_strangers_sign_up_is_not_verified_by_the_owners_click() {
    for house in House::on_both().await {
        let ada = house.person("ada@example.com").await;
        let place = house.workspace(&ada, "Harbour").await;
        invite_owner(&house, &house.enter(&ada, &place).await.proof).await;
        house.sign_up(OWNER, STRANGERS).await;
        let credentials = house.credentials(OWNER, STRANGERS);
        let stranger = house.person_with(credentials.clone()).await;
        let link = house.mailed_link(OWNER).await;

        let clicked = house.verify(&link, PASSWORD).await;
        assert!(matches!(clicked, Err(Failure::Refused(LinkRefusal::WrongPassword))), "{clicked:?}");
        assert!(!is_verified(&house).await);
        assert!(!house.person_with(credentials).await.account.email_verified);
        assert_eq!(invitations_of(&house, &stranger).await, 0);

        house.clock.advance_seconds(1);
        let owner = house.person(OWNER).await;
        assert_ne!(owner.account.id, stranger.account.id);
        assert_eq!(invitations_of(&house, &owner).await, 1);
        let late = house.verify(&link, STRANGERS).await;
        assert!(matches!(late, Err(Failure::Refused(LinkRefusal::AddressTaken))), "{late:?}");
    }
}

/// SES-6, EVT-1.
#[tokio::test]
async fn a_wrong_password_leaves_the_link_usable_and_no_event() {
    for house in House::on_both().await {
        house.sign_up(OWNER, PASSWORD).await;
        let link = house.mailed_link(OWNER).await;
        house.take_events();
        for _ in 0..2 {
            let refused = house.verify(&link, "a slip of the hand").await;
            assert!(matches!(refused, Err(Failure::Refused(LinkRefusal::WrongPassword))), "{refused:?}");
        }
        assert!(house.take_events().is_empty());
        assert!(!is_verified(&house).await);
        house.verify(&link, PASSWORD).await.expect("verified");
        assert_eq!(house.take_kinds(), ["EmailVerified"]);
    }
}

/// SES-1: by account, whatever the network; apart from the attempts to sign in.
#[tokio::test]
async fn attempts_to_verify_are_limited_by_account() {
    let house = House::sqlite().await;
    house.sign_up(OWNER, PASSWORD).await;
    let link = house.mailed_link(OWNER).await;
    let entrance = Entrance::new(EntranceLimits { account_total_attempts_max: 2, ..LIMITS }, &house.clock);
    let verify = async |password, address: &str| {
        let client = Client::new(address.parse().ok(), None);
        let request = accounts::VerifyEmail { client, ..verification(&link, password) };
        sessions::verify_email(&house.gate, &entrance, request).await
    };
    for address in ["192.0.2.1", "198.51.100.1"] {
        let guess = verify("a guess", address).await;
        assert!(matches!(guess, Err(Failure::Refused(LinkRefusal::WrongPassword))), "{guess:?}");
    }
    let limited = verify(PASSWORD, "203.0.113.1").await;
    assert!(matches!(limited, Err(Failure::RateLimited { .. })), "{limited:?}");
    let signing_in = house.credentials(OWNER, PASSWORD);
    accounts::authenticate(&house.gate, &entrance, signing_in).await.expect("counted by itself");
    house.clock.advance_seconds(8 * 60);
    verify(PASSWORD, "203.0.113.1").await.expect("verified");
}

/// SES-1: by network, whatever the account.
#[tokio::test]
async fn attempts_to_verify_are_limited_by_network() {
    let house = House::sqlite().await;
    let entrance = Entrance::new(EntranceLimits { address_attempts_max: 2, ..LIMITS }, &house.clock);
    let mut answers = Vec::new();
    for address in ["a@example.com", "b@example.com", "c@example.com"] {
        house.sign_up(address, PASSWORD).await;
        let request = verification(&house.mailed_link(address).await, "a guess");
        answers.push(sessions::verify_email(&house.gate, &entrance, request).await);
    }
    assert!(matches!(answers[1], Err(Failure::Refused(LinkRefusal::WrongPassword))), "{answers:?}");
    assert!(matches!(answers[2], Err(Failure::RateLimited { .. })), "{answers:?}");
}

/// SES-1: where no hash can be computed, dead links are answered all the same, and a live one is not.
#[tokio::test]
async fn a_live_link_costs_a_hash_and_a_dead_one_none() {
    let house = House::sqlite().await;
    let limits = EntranceLimits { hashes_max: 0, hashes_waiting_max: 0, ..LIMITS };
    let closed = Entrance::new(limits, &house.clock);
    let verify = async |link: &Secret| {
        sessions::verify_email(&house.gate, &closed, verification(link, PASSWORD)).await
    };
    house.sign_up(OWNER, PASSWORD).await;
    let link = house.mailed_link(OWNER).await;
    assert!(matches!(verify(&link).await, Err(Failure::Unavailable)));
    house.verify(&link, PASSWORD).await.expect("verified");
    assert!(matches!(verify(&link).await, Err(Failure::Refused(LinkRefusal::Used))));

    house.sign_up("late@example.com", PASSWORD).await;
    let link = house.mailed_link("late@example.com").await;
    house.clock.advance_seconds(LINK_HOURS * 3600);
    assert!(matches!(verify(&link).await, Err(Failure::Refused(LinkRefusal::Expired))));
    let unknown = Secret::mint(SecretKind::EmailLink);
    assert!(matches!(verify(&unknown).await, Err(Failure::Refused(LinkRefusal::Unknown))));
}

/// SES-6, SES-1: another mail is asked for by whoever is signed in, so often and no more, and not once nothing is left to
/// prove.
#[tokio::test]
async fn ses_6_asking_for_another_link_is_limited_and_ends_with_the_proof() {
    for house in House::on_both().await {
        house.sign_up(OWNER, PASSWORD).await;
        let owner = house.person_with(house.credentials(OWNER, PASSWORD)).await;
        let limits = EntranceLimits { account_attempts_max: 2, ..LIMITS };
        let entrance = Entrance::new(limits, &house.clock);
        let ask = async || {
            let client = Client::new("192.0.2.1".parse().ok(), None);
            accounts::request_email_verification(&house.gate, &entrance, &owner.proof, &client).await
        };
        assert!(ask().await.is_ok() && ask().await.is_ok());
        let third = ask().await;
        assert!(matches!(third, Err(Failure::RateLimited { .. })), "{third:?}");
        let link = house.mailed_link(OWNER).await;
        assert_eq!(
            house.letters(OWNER).await.len(),
            3,
            "of signing up, and one for each time that it was asked for"
        );
        house.verify(&link, PASSWORD).await.expect("verified");
        house.clock.advance_seconds(3600);
        let again = ask().await;
        assert!(matches!(again, Err(Failure::Refused(accounts::AlreadyVerified))), "{again:?}");
    }
}
