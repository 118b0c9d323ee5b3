//! How often somebody may try: by account and by client address (SES-1).
//!
//! The tight bound on an account holds for each network by itself, so that nobody locks the owner out from elsewhere; all
//! networks together meet a far looser one, which a guesser with many of them runs into.
//!
//! Never grows without bound: what is remembered longest ago and least is forgotten first, and an address stands for
//! its whole network where clients pick their own addresses.

use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use governor::clock::Clock as _;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use moka::future::Cache;

use crate::access::Failure;
use crate::primitives::email::EmailKey;
use crate::primitives::request::Client;
use crate::primitives::time::Clock;

/// What is tried; each is counted by itself.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Hash)]
pub(super) enum Purpose {
    SignIn,
    SignUp,
    VerifyEmail,
    AcceptInvitation,
    RequestPasswordReset,
    ResetPassword,
    /// Whoever is signed in proves the password again.
    ProvePassword,
}

/// How many attempts are allowed within the window.
#[derive(Clone, Copy, Debug)]
pub(super) struct AttemptLimits {
    /// On one account from one network.
    pub(super) account_attempts_max: u32,
    /// On one account from all networks together.
    pub(super) account_total_attempts_max: u32,
    pub(super) address_attempts_max: u32,
    pub(super) window_minutes: u32,
}

/// Accounts, as many networks, and as many pairs of both that attempts are remembered of.
const REMEMBERED_MAX: u64 = 100_000;
/// Clients are handed at least so much of IPv6 each (RFC 6177).
const IPV6_NETWORK_BITS: u32 = 64;

/// Counts attempts.
pub(super) struct Attempts {
    pairs: Counter<(Purpose, EmailKey, Option<IpAddr>)>,
    accounts: Counter<(Purpose, EmailKey)>,
    networks: Counter<(Purpose, IpAddr)>,
}

impl Attempts {
    pub(super) fn new(limits: AttemptLimits, clock: &Clock) -> Self {
        let window = Duration::from_secs(60 * u64::from(limits.window_minutes));
        Self {
            pairs: Counter::new(limits.account_attempts_max, window, clock),
            accounts: Counter::new(limits.account_total_attempts_max, window, clock),
            networks: Counter::new(limits.address_attempts_max, window, clock),
        }
    }

    /// Counts one attempt and refuses it when there were too many.
    pub(super) async fn count<R>(
        &self,
        purpose: Purpose,
        account: &EmailKey,
        client: &Client,
    ) -> Result<(), Failure<R>> {
        let network = client.address.map(network);
        if let Some(network) = network {
            self.networks.count((purpose, network)).await?;
        }
        // Before the account's own count: what one network is refused uses nothing up of it.
        self.pairs.count((purpose, account.clone(), network)).await?;
        self.accounts.count((purpose, account.clone())).await
    }

    /// Forgets the attempts on an account from there, and the account's own count: whoever has proved the password is no
    /// guesser. The network's stay counted, or a guesser would sign in to an account of their own in between.
    pub(super) async fn forgive(&self, purpose: Purpose, account: &EmailKey, client: &Client) {
        let network = client.address.map(network);
        self.pairs.limiters.invalidate(&(purpose, account.clone(), network)).await;
        self.accounts.limiters.invalidate(&(purpose, account.clone())).await;
    }
}

fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => {
            let mask = u128::MAX << (128 - IPV6_NETWORK_BITS);
            IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & mask))
        }
    }
}

type Limiter = RateLimiter<NotKeyed, InMemoryState, Ticks, NoOpMiddleware<Nanos>>;

/// One limiter for each of many keys.
struct Counter<K> {
    limiters: Cache<K, Arc<Limiter>>,
    quota: Quota,
    ticks: Ticks,
}

impl<K: Eq + Hash + Send + Sync + 'static> Counter<K> {
    fn new(attempts_max: u32, window: Duration, clock: &Clock) -> Self {
        let burst = NonZeroU32::new(attempts_max).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::with_period(window / burst.get()).expect("the window is longer than nothing");
        Self {
            limiters: Cache::builder().max_capacity(REMEMBERED_MAX).time_to_idle(window).build(),
            quota: quota.allow_burst(burst),
            ticks: Ticks(clock.clone()),
        }
    }

    async fn count<R>(&self, key: K) -> Result<(), Failure<R>> {
        let limiter = self.limiters.get_with(key, async {
            Arc::new(RateLimiter::direct_with_clock(self.quota, self.ticks.clone()))
        });
        limiter.await.check().map_err(|later| {
            let wait = later.wait_time_from(self.ticks.now());
            Failure::RateLimited { retry_after_seconds: wait.as_secs() + 1 }
        })
    }
}

/// The service's clock for the limiters, so that tests can move it.
#[derive(Clone, Debug)]
struct Ticks(Clock);

impl governor::clock::Clock for Ticks {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        Nanos::new(u64::try_from(self.0.now().as_micros()).unwrap_or(0) * 1000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::Never;
    use crate::primitives::time::Timestamp;

    const LIMITS: AttemptLimits = AttemptLimits {
        account_attempts_max: 3,
        account_total_attempts_max: 4,
        address_attempts_max: 5,
        window_minutes: 15,
    };

    fn key(name: &str) -> EmailKey {
        EmailKey::from_stored(format!("{name}@example.com"))
    }

    fn client(address: &str) -> Client {
        Client { address: address.parse().ok(), device: None }
    }

    async fn tries(attempts: &Attempts, name: &str, address: &str, times: usize) -> usize {
        let mut allowed = 0;
        for _ in 0..times {
            let counted = attempts.count::<Never>(Purpose::SignIn, &key(name), &client(address)).await;
            allowed += usize::from(counted.is_ok());
        }
        allowed
    }

    #[tokio::test]
    async fn ses_1_attempts_on_an_account_are_limited_for_each_network_by_itself() {
        let clock = Clock::manual(Timestamp::from_micros(1_700_000_000_000_000));
        let attempts = Attempts::new(LIMITS, &clock);
        assert_eq!(tries(&attempts, "ada", "10.0.0.1", 20).await, 3);
        // Whoever exhausts it locks nobody out who comes from elsewhere.
        assert_eq!(tries(&attempts, "ada", "10.0.0.2", 1).await, 1);
        clock.advance_seconds(5 * 60);
        assert_eq!(tries(&attempts, "ada", "10.0.0.1", 2).await, 1);
    }

    #[tokio::test]
    async fn ses_1_attempts_on_an_account_are_limited_more_loosely_whatever_the_network() {
        let clock = Clock::manual(Timestamp::from_micros(1_700_000_000_000_000));
        let attempts = Attempts::new(LIMITS, &clock);
        assert_eq!(tries(&attempts, "ada", "10.0.0.1", 2).await, 2);
        assert_eq!(tries(&attempts, "ada", "10.0.0.2", 2).await, 2);
        assert_eq!(tries(&attempts, "ada", "10.0.0.3", 1).await, 0);
        assert_eq!(tries(&attempts, "bob", "10.0.0.3", 1).await, 1);
        clock.advance_seconds(15 * 60);
        assert_eq!(tries(&attempts, "ada", "10.0.0.3", 4).await, 3);
    }

    #[tokio::test]
    async fn ses_1_what_is_tried_is_counted_by_itself() {
        let clock = Clock::manual(Timestamp::from_micros(1_700_000_000_000_000));
        let attempts = Attempts::new(LIMITS, &clock);
        for purpose in [Purpose::SignUp, Purpose::VerifyEmail, Purpose::AcceptInvitation] {
            for _ in 0..5 {
                let _ = attempts.count::<Never>(purpose, &key("ada"), &client("10.0.0.1")).await;
            }
        }
        assert_eq!(tries(&attempts, "ada", "10.0.0.1", 3).await, 3);
    }

    #[tokio::test]
    async fn ses_1_attempts_are_limited_by_address_whatever_the_account() {
        let clock = Clock::manual(Timestamp::from_micros(1_700_000_000_000_000));
        let attempts = Attempts::new(LIMITS, &clock);
        for number in 0..5 {
            assert_eq!(tries(&attempts, &number.to_string(), "2001:db8:1:1::1", 1).await, 1);
        }
        assert_eq!(tries(&attempts, "another", "2001:db8:1:1:9::9", 1).await, 0);
        assert_eq!(tries(&attempts, "another", "2001:db8:1:2::1", 1).await, 1);
        let refused = attempts.count::<Never>(Purpose::SignIn, &key("x"), &client("2001:db8:1:1::1")).await;
        assert!(matches!(refused, Err(Failure::RateLimited { retry_after_seconds: 180..=181 })));
    }

    #[tokio::test]
    async fn ses_1_a_right_password_clears_the_account_and_not_the_network() {
        let clock = Clock::manual(Timestamp::from_micros(1_700_000_000_000_000));
        let attempts = Attempts::new(LIMITS, &clock);
        assert_eq!(tries(&attempts, "ada", "10.0.0.1", 3).await, 3);
        attempts.forgive(Purpose::SignIn, &key("ada"), &client("10.0.0.1")).await;
        assert_eq!(tries(&attempts, "ada", "10.0.0.1", 3).await, 2, "five from one network");
    }
}
