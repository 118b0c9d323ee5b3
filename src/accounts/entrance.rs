//! What stands between a stranger and an account: the bound on hashing and the count of attempts.
//!
//! Never outlives the process where there is no Redis: after a restart everybody may try anew.

use std::sync::Arc;

use super::attempts::{AttemptLimits, Attempts, Purpose};
use super::hasher::{Hasher, PasswordHash};
use super::rules::Password;
use crate::access::Failure;
use crate::platform::tally::Tally;
use crate::primitives::email::Email;
use crate::primitives::request::Client;
use crate::primitives::time::Clock;

/// How much strangers may ask.
#[derive(Clone, Copy, Debug)]
pub struct EntranceLimits {
    /// Attempts on one account from one network within the window.
    pub account_attempts_max: u32,
    /// Attempts on one account from all networks together within the window.
    pub account_total_attempts_max: u32,
    /// Attempts from one client's network within the window.
    pub address_attempts_max: u32,
    pub window_minutes: u32,
    /// Password hashes computed at a time.
    pub hashes_max: usize,
    /// Requests that may wait for a hash; past it they are refused as unavailable.
    pub hashes_waiting_max: usize,
}

/// Made once for the process. Clones share the counts.
#[derive(Clone)]
pub struct Entrance {
    pub(super) attempts: Arc<Attempts>,
    hasher: Hasher,
}

impl Entrance {
    pub fn new(limits: EntranceLimits, clock: &Clock) -> Self {
        Self::sharing(limits, clock, None)
    }

    /// The same, with counts that servers share.
    pub fn sharing(limits: EntranceLimits, clock: &Clock, tally: Option<Tally>) -> Self {
        let attempts = AttemptLimits {
            account_attempts_max: limits.account_attempts_max,
            account_total_attempts_max: limits.account_total_attempts_max,
            address_attempts_max: limits.address_attempts_max,
            window_minutes: limits.window_minutes,
        };
        Self {
            attempts: Arc::new(Attempts::new(attempts, clock, tally)),
            hasher: Hasher::new(limits.hashes_max, limits.hashes_waiting_max),
        }
    }

    pub(super) const fn hasher(&self) -> &Hasher {
        &self.hasher
    }

    /// Hashes what somebody chooses who makes an account by accepting an invitation. It is counted like signing up, by
    /// itself: a link that is opened over and over must not keep others from signing in.
    pub async fn hash_for_newcomer<R>(
        &self,
        email: &Email,
        password: Password,
        client: &Client,
    ) -> Result<PasswordHash, Failure<R>> {
        self.attempts.count(Purpose::AcceptInvitation, email.key(), client).await?;
        self.hasher.hash(password).await
    }
}
