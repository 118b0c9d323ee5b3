//! How often somebody may try: by account and by client address (SES-1).
//!
//! The tight bound on an account holds for each network by itself, so that nobody locks the owner out from elsewhere; all
//! networks together meet a far looser one, which a guesser with many of them runs into.
//!
//! Counted in the process, and where servers share a Redis, in there too: then its answer counts, and while it gives none,
//! the process' own. So a Redis that is gone neither refuses everybody nor lets everything through.
//!
//! Never grows without bound: what is remembered longest ago and least is forgotten first, and an address stands for
//! its whole network where clients pick their own addresses.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use governor::RateLimiter;
use governor::clock::Clock as _;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::{InMemoryState, NotKeyed};
use moka::future::Cache;

use crate::access::Failure;
use crate::platform::tally::{Quota, Tally};
use crate::primitives::email::EmailKey;
use crate::primitives::network::Network;
use crate::primitives::request::Client;
use crate::primitives::time::Clock;

/// What is tried; each is counted by itself.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Hash)]
pub(super) enum Purpose {
    SignIn,
    SignUp,
    VerifyEmail,
    RequestEmailVerification,
    AcceptInvitation,
    RequestPasswordReset,
    ResetPassword,
    /// Whoever is signed in proves the password again.
    ProvePassword,
}

impl Purpose {
    const fn as_str(self) -> &'static str {
        match self {
            Self::SignIn => "SIGN_IN",
            Self::SignUp => "SIGN_UP",
            Self::VerifyEmail => "VERIFY_EMAIL",
            Self::RequestEmailVerification => "REQUEST_EMAIL_VERIFICATION",
            Self::AcceptInvitation => "ACCEPT_INVITATION",
            Self::RequestPasswordReset => "REQUEST_PASSWORD_RESET",
            Self::ResetPassword => "RESET_PASSWORD",
            Self::ProvePassword => "PROVE_PASSWORD",
        }
    }
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

/// Counts attempts.
pub(super) struct Attempts {
    pairs: Counter,
    accounts: Counter,
    networks: Counter,
    tally: Option<Tally>,
}

impl Attempts {
    pub(super) fn new(limits: AttemptLimits, clock: &Clock, tally: Option<Tally>) -> Self {
        let window = Duration::from_secs(60 * u64::from(limits.window_minutes));
        let counter = |burst| Counter::new(Quota { burst, window }, clock, tally.clone());
        Self {
            pairs: counter(limits.account_attempts_max),
            accounts: counter(limits.account_total_attempts_max),
            networks: counter(limits.address_attempts_max),
            tally,
        }
    }

    /// Counts one attempt and refuses it when there were too many.
    pub(super) async fn count<R>(
        &self,
        purpose: Purpose,
        account: &EmailKey,
        client: &Client,
    ) -> Result<(), Failure<R>> {
        let network = client.address.map(Network::of);
        if let Some(network) = network {
            self.networks.count(of_network(purpose, network)).await?;
        }
        // Before the account's own count: what one network is refused uses nothing up of it.
        self.pairs.count(of_pair(purpose, account, network)).await?;
        self.accounts.count(of_account(purpose, account)).await
    }

    /// Forgets the attempts on an account from there, and the account's own count: whoever has proved the password is no
    /// guesser. The network's stay counted, or a guesser would sign in to an account of their own in between.
    pub(super) async fn forgive(&self, purpose: Purpose, account: &EmailKey, client: &Client) {
        let pair = of_pair(purpose, account, client.address.map(Network::of));
        let account = of_account(purpose, account);
        self.pairs.limiters.invalidate(&pair).await;
        self.accounts.limiters.invalidate(&account).await;
        if let Some(tally) = &self.tally {
            tally.forget(&[&pair, &account]).await;
        }
    }
}

fn of_network(purpose: Purpose, network: Network) -> String {
    format!("{} network {network}", purpose.as_str())
}

fn of_account(purpose: Purpose, account: &EmailKey) -> String {
    format!("{} account {}", purpose.as_str(), account.as_str())
}

fn of_pair(purpose: Purpose, account: &EmailKey, network: Option<Network>) -> String {
    let network = network.map(|network| network.to_string()).unwrap_or_default();
    format!("{} pair {network} {}", purpose.as_str(), account.as_str())
}

type Limiter = RateLimiter<NotKeyed, InMemoryState, Ticks, NoOpMiddleware<Nanos>>;

/// One limiter for each of many keys.
struct Counter {
    limiters: Cache<String, Arc<Limiter>>,
    quota: Quota,
    ticks: Ticks,
    tally: Option<Tally>,
}

impl Counter {
    fn new(quota: Quota, clock: &Clock, tally: Option<Tally>) -> Self {
        Self {
            limiters: Cache::builder().max_capacity(REMEMBERED_MAX).time_to_idle(quota.window).build(),
            quota,
            ticks: Ticks(clock.clone()),
            tally,
        }
    }

    async fn count<R>(&self, key: String) -> Result<(), Failure<R>> {
        let own = self.count_here(key.clone()).await;
        let shared = match &self.tally {
            Some(tally) => tally.count(&key, self.quota, self.ticks.0.now()).await,
            None => None,
        };
        match shared.unwrap_or(own) {
            Duration::ZERO => Ok(()),
            wait => Err(Failure::RateLimited { retry_after_seconds: wait.as_secs() + 1 }),
        }
    }

    /// How long to wait, as far as this server knows.
    async fn count_here(&self, key: String) -> Duration {
        let limiter = self.limiters.get_with(key, async {
            let burst = NonZeroU32::new(self.quota.burst).unwrap_or(NonZeroU32::MIN);
            let period = self.quota.window / burst.get();
            let quota = governor::Quota::with_period(period).expect("the window is longer than nothing");
            Arc::new(RateLimiter::direct_with_clock(quota.allow_burst(burst), self.ticks.clone()))
        });
        match limiter.await.check() {
            Ok(()) => Duration::ZERO,
            Err(later) => later.wait_time_from(self.ticks.now()).max(Duration::from_nanos(1)),
        }
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
        let attempts = Attempts::new(LIMITS, &clock, None);
        assert_eq!(tries(&attempts, "ada", "10.0.0.1", 20).await, 3);
        // Whoever exhausts it locks nobody out who comes from elsewhere.
        assert_eq!(tries(&attempts, "ada", "10.0.0.2", 1).await, 1);
        clock.advance_seconds(5 * 60);
        assert_eq!(tries(&attempts, "ada", "10.0.0.1", 2).await, 1);
    }

    #[tokio::test]
    async fn ses_1_attempts_on_an_account_are_limited_more_loosely_whatever_the_network() {
        let clock = Clock::manual(Timestamp::from_micros(1_700_000_000_000_000));
        let attempts = Attempts::new(LIMITS, &clock, None);
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
        let attempts = Attempts::new(LIMITS, &clock, None);
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
        let attempts = Attempts::new(LIMITS, &clock, None);
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
        let attempts = Attempts::new(LIMITS, &clock, None);
        assert_eq!(tries(&attempts, "ada", "10.0.0.1", 3).await, 3);
        attempts.forgive(Purpose::SignIn, &key("ada"), &client("10.0.0.1")).await;
        assert_eq!(tries(&attempts, "ada", "10.0.0.1", 3).await, 2, "five from one network");
    }
}
