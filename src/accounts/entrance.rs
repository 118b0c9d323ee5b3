//! What stands between a stranger and an account: the bound on hashing and the count of attempts.
//!
//! Never outlives the process: after a restart everybody may try anew.

use std::sync::Arc;

use super::attempts::{AttemptLimits, Attempts};
use super::hasher::Hasher;
use crate::primitives::time::Clock;

/// How much strangers may ask.
#[derive(Clone, Copy, Debug)]
pub struct EntranceLimits {
    /// Attempts on one account within the window.
    pub account_attempts_max: u32,
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
        let EntranceLimits { account_attempts_max, address_attempts_max, window_minutes, .. } = limits;
        let attempts = AttemptLimits { account_attempts_max, address_attempts_max, window_minutes };
        Self {
            attempts: Arc::new(Attempts::new(attempts, clock)),
            hasher: Hasher::new(limits.hashes_max, limits.hashes_waiting_max),
        }
    }

    /// For whoever creates an account by another way: accepting an invitation.
    pub const fn hasher(&self) -> &Hasher {
        &self.hasher
    }
}
