//! Proving a password.

use rollcall::access::Failure;
use rollcall::accounts::{self, Credentials, Entrance, EntranceLimits, Password, SignInRefusal, SignUp};
use rollcall::primitives::request::Client;

use crate::support::gate::{House, LIMITS, PASSWORD, client, email};

const ADA: &str = "ada@example.com";

/// SES-1.
#[tokio::test]
async fn a_wrong_address_and_a_wrong_password_answer_alike() {
    for house in House::on_both().await {
        house.person(ADA).await;
        for (address, password) in [(ADA, "not her password"), ("nobody@example.com", PASSWORD)] {
            let credentials = house.credentials(address, password);
            let answer = accounts::authenticate(&house.gate, &house.entrance, credentials).await;
            assert!(matches!(answer, Err(Failure::Refused(SignInRefusal::WrongCredentials))), "{answer:?}");
        }
        let right = house.credentials("ADA@Example.com", PASSWORD);
        assert!(accounts::authenticate(&house.gate, &house.entrance, right).await.is_ok());
    }
}

/// SES-1: one hash each, whatever is known of the address. Where none can be computed, nobody is answered.
#[tokio::test]
async fn every_attempt_costs_a_hash_whether_the_address_is_known_or_not() {
    let house = House::sqlite().await;
    house.person(ADA).await;
    let limits = EntranceLimits { hashes_max: 0, hashes_waiting_max: 0, ..LIMITS };
    let closed = Entrance::new(limits, &house.clock);
    for address in [ADA, "nobody@example.com"] {
        let credentials = house.credentials(address, PASSWORD);
        let answer = accounts::authenticate(&house.gate, &closed, credentials).await;
        assert!(matches!(answer, Err(Failure::Unavailable)), "{address}: {answer:?}");
        let email = email(address);
        let password = Password::parse(PASSWORD, &email).unwrap();
        let request = SignUp { email, name: "Somebody".into(), password, client: client() };
        let answer = accounts::sign_up(&house.gate, &closed, request).await;
        assert!(matches!(answer, Err(Failure::Unavailable)), "{address}: {answer:?}");
    }
}

/// SES-6: an unverified account can sign in; a verified one comes first.
#[tokio::test]
async fn an_address_signs_in_to_the_account_that_holds_it_else_to_the_newest_that_claims_it() {
    for house in House::on_both().await {
        house.sign_up(ADA, "the older claim").await;
        house.clock.advance_seconds(1);
        house.sign_up(ADA, PASSWORD).await;
        let signed_in = house.sign_in(ADA).await;
        assert!(!signed_in.account.email_verified);
        let proof = house.account_proof(&signed_in.token).await.expect("it holds");
        assert!(!proof.email_verified);

        let link = house.mailed_link(ADA).await;
        house.verify(&link, PASSWORD).await.expect("verified");
        assert!(house.account_proof(&signed_in.token).await.expect("it holds").email_verified);
        assert!(house.sign_in(ADA).await.account.email_verified);
        let older = house.credentials(ADA, "the older claim");
        assert!(accounts::authenticate(&house.gate, &house.entrance, older).await.is_err());
    }
}

/// SES-1.
#[tokio::test]
async fn attempts_on_one_account_are_limited_known_or_not() {
    let house = House::sqlite().await;
    house.person(ADA).await;
    let limits = EntranceLimits { account_attempts_max: 3, ..LIMITS };
    let entrance = Entrance::new(limits, &house.clock);
    for address in [ADA, "nobody@example.com"] {
        for _ in 0..3 {
            let credentials = house.credentials(address, "a guess");
            let answer = accounts::authenticate(&house.gate, &entrance, credentials).await;
            assert!(matches!(answer, Err(Failure::Refused(_))));
        }
        let right = house.credentials(address, PASSWORD);
        let answer = accounts::authenticate(&house.gate, &entrance, right).await;
        assert!(matches!(answer, Err(Failure::RateLimited { .. })), "{answer:?}");
    }
}

/// SES-1: a guesser locks nobody out who comes from elsewhere, until they guess from very many places.
#[tokio::test]
async fn guesses_from_one_network_lock_nobody_out_elsewhere() {
    let house = House::sqlite().await;
    house.person(ADA).await;
    let limits = EntranceLimits { account_attempts_max: 3, account_total_attempts_max: 5, ..LIMITS };
    let entrance = Entrance::new(limits, &house.clock);
    let try_from = async |address: &str, password: &str| {
        let client = Client::new(address.parse().ok(), None);
        let credentials = Credentials { client, ..house.credentials(ADA, password) };
        accounts::authenticate(&house.gate, &entrance, credentials).await
    };
    for _ in 0..20 {
        assert!(try_from("198.51.100.1", "a guess").await.is_err());
    }
    assert!(matches!(try_from("198.51.100.1", PASSWORD).await, Err(Failure::RateLimited { .. })));
    assert!(try_from("203.0.113.1", PASSWORD).await.is_ok());
    for last in 1..=5 {
        assert!(try_from(&format!("192.0.2.{last}"), "a guess").await.is_err());
    }
    let limited = try_from("203.0.113.1", PASSWORD).await;
    assert!(matches!(limited, Err(Failure::RateLimited { .. })), "{limited:?}");
}

/// SES-1: never logged, never returned.
#[tokio::test]
async fn a_password_is_stored_as_a_hash_alone() {
    for house in House::on_both().await {
        house.person(ADA).await;
        let rows = house.rows("SELECT password_hash FROM accounts", vec![]).await;
        let stored: String = rows[0].try_get("", "password_hash").unwrap();
        assert!(stored.starts_with("$argon2id$") && !stored.contains(PASSWORD));
    }
}

/// SES-1: hashing is off the async threads and takes its turn. Were it on this runtime's one thread, the burst would be
/// over before the check came to its turn.
#[tokio::test]
async fn a_burst_of_sign_ins_leaves_room_for_everybody_else() {
    const BURST: usize = 40;
    let house = House::sqlite().await;
    let ada = house.person(ADA).await;
    let burst: Vec<_> = (0..BURST)
        .map(|_| {
            let (gate, entrance) = (house.gate.clone(), house.entrance.clone());
            let credentials = house.credentials(ADA, "not her password");
            tokio::spawn(async move { accounts::authenticate(&gate, &entrance, credentials).await })
        })
        .collect();
    tokio::task::yield_now().await;
    house.account_proof(&ada.token).await.expect("it holds");
    let over = burst.iter().filter(|attempt| attempt.is_finished()).count();
    assert!(over < BURST, "the check waited for the whole burst");
    for attempt in burst {
        let answer = attempt.await.expect("it ran");
        assert!(matches!(answer, Err(Failure::Refused(SignInRefusal::WrongCredentials))));
    }
}
