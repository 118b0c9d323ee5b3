//! Attempts that servers count together in Redis, and each by itself while it is gone (SES-1).

use rollcall::access::Failure;
use rollcall::accounts::{self, Credentials, Entrance, EntranceLimits, SignInRefusal};
use rollcall::platform::journal;
use rollcall::platform::tally::Tally;
use rollcall::primitives::request::Client;

use crate::support::app::DEADLINE;
use crate::support::gate::{House, LIMITS, PASSWORD};
use crate::support::servers::Redis;

const ADA: &str = "ada@example.com";

/// Two servers on one database.
struct Pair {
    house: House,
    entrances: [Entrance; 2],
}

#[derive(Debug, PartialEq)]
enum Answer {
    In,
    Wrong,
    Limited,
}

impl Pair {
    async fn new(redis: &Redis, limits: EntranceLimits) -> Self {
        let house = House::sqlite().await;
        house.person(ADA).await;
        let installation = journal::epoch(house.database().reader()).await.expect("an epoch").id;
        let entrance = || {
            let tally = Tally::new(&redis.url(), installation, DEADLINE).expect("an address");
            Entrance::sharing(limits, &house.clock, Some(tally))
        };
        let entrances = [entrance(), entrance()];
        Self { house, entrances }
    }

    async fn try_at(&self, server: usize, from: &str, password: &str) -> Answer {
        let client = Client::new(from.parse().ok(), None);
        let credentials = Credentials { client, ..self.house.credentials(ADA, password) };
        match accounts::authenticate(&self.house.gate, &self.entrances[server], credentials).await {
            Ok(_) => Answer::In,
            Err(Failure::Refused(SignInRefusal::WrongCredentials)) => Answer::Wrong,
            Err(Failure::RateLimited { retry_after_seconds }) => {
                assert!((1..=900).contains(&retry_after_seconds), "{retry_after_seconds}");
                Answer::Limited
            }
            Err(other) => panic!("{other:?}"),
        }
    }
}

/// SES-1: whoever guesses at several servers in turn has no more guesses; and a proved password forgives on all.
#[tokio::test]
async fn servers_that_share_a_redis_count_attempts_together() {
    let limits = EntranceLimits { account_attempts_max: 4, account_total_attempts_max: 6, ..LIMITS };
    let pair = Pair::new(Redis::shared(), limits).await;
    let (home, away) = ("192.0.2.1", "198.51.100.1");
    for server in [0, 1, 0] {
        assert_eq!(pair.try_at(server, home, "a guess").await, Answer::Wrong);
    }
    assert_eq!(pair.try_at(1, home, PASSWORD).await, Answer::In);
    for server in [0, 1, 0, 1] {
        assert_eq!(pair.try_at(server, home, "a guess").await, Answer::Wrong);
    }
    for server in [0, 1] {
        assert_eq!(pair.try_at(server, home, PASSWORD).await, Answer::Limited);
    }
    // By account, whatever the network.
    for server in [0, 1] {
        assert_eq!(pair.try_at(server, away, "a guess").await, Answer::Wrong);
    }
    assert_eq!(pair.try_at(0, "203.0.113.1", PASSWORD).await, Answer::Limited);
    // One of four comes back each quarter of the window.
    pair.house.clock.advance_seconds(225);
    assert_eq!(pair.try_at(1, home, "a guess").await, Answer::Wrong);
    assert_eq!(pair.try_at(0, home, "a guess").await, Answer::Limited);
}

/// SES-1, EVT-5: a Redis that is gone refuses nobody and lets nobody guess without end.
#[tokio::test]
async fn while_redis_is_gone_each_server_counts_by_itself() {
    let mut redis = Redis::start();
    let limits = EntranceLimits { account_attempts_max: 4, ..LIMITS };
    let pair = Pair::new(&redis, limits).await;
    let home = "192.0.2.1";
    for _ in 0..2 {
        assert_eq!(pair.try_at(0, home, "a guess").await, Answer::Wrong);
    }
    redis.stop();
    // What was counted while Redis was there is known here; the other server hasn't seen any.
    let mut answers = Vec::new();
    for server in [0, 0, 0, 1, 1, 1, 1, 1] {
        answers.push(pair.try_at(server, home, "a guess").await);
    }
    let wanted = [
        Answer::Wrong,
        Answer::Wrong,
        Answer::Limited,
        Answer::Wrong,
        Answer::Wrong,
        Answer::Wrong,
        Answer::Wrong,
        Answer::Limited,
    ];
    assert_eq!(answers, wanted);
    assert_eq!(pair.try_at(0, "198.51.100.1", PASSWORD).await, Answer::In, "nobody else is refused");
}

/// INV-5 in spirit: what is counted stands in Redis as hashes alone, and goes by itself.
#[tokio::test]
async fn redis_holds_no_address_and_forgets() {
    let redis = Redis::start();
    // A count is forgotten when it would have been made good: with few attempts allowed that takes minutes.
    let limits = EntranceLimits {
        account_attempts_max: 4,
        account_total_attempts_max: 4,
        address_attempts_max: 4,
        ..LIMITS
    };
    let pair = Pair::new(&redis, limits).await;
    pair.try_at(0, "192.0.2.1", "a guess").await;
    let client = redis::Client::open(redis.url()).expect("an address");
    let mut connection = client.get_multiplexed_async_connection().await.expect("it answers");
    let keys: Vec<String> = redis::cmd("KEYS").arg("*").query_async(&mut connection).await.expect("keys");
    assert_eq!(keys.len(), 3, "network, pair and account: {keys:?}");
    for key in keys {
        assert!(!key.contains("example") && !key.contains("192.0"), "{key}");
        let left: i64 = redis::cmd("PTTL").arg(&key).query_async(&mut connection).await.expect("a time");
        assert!((1..=900_000).contains(&left), "{key}: {left}");
    }
}
