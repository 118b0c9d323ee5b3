//! Hashing passwords: Argon2id, a few at a time, off the async threads.
//!
//! Never blocks the runtime, and never lets more wait than it can serve soon: whoever comes past the bound is told to
//! come back, so that a burst of sign-ins can't starve the rest.

use std::fmt;
use std::sync::Arc;

use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use tokio::sync::Semaphore;

use super::rules::Password;
use crate::access::Failure;

/// OWASP Password Storage Cheat Sheet, "Argon2id": 19 MiB, 2 passes, 1 lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// What is stored of a password: a PHC string with its parameters and salt. Never printed.
#[derive(Clone, Eq, PartialEq)]
pub struct PasswordHash(String);

impl PasswordHash {
    pub(super) const fn from_stored(text: String) -> Self {
        Self(text)
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

/// Hashes and compares passwords. Clones share the bounds.
#[derive(Clone, Debug)]
pub(super) struct Hasher(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// One for each hash under way.
    turns: Arc<Semaphore>,
    /// One for each that is under way or waits.
    places: Arc<Semaphore>,
    /// Compared with where there is no account, so that the answer takes as long.
    nobodys: PasswordHash,
}

impl Hasher {
    /// `concurrent` hashes are computed at a time, `waiting` may wait for their turn.
    pub(super) fn new(concurrent: usize, waiting: usize) -> Self {
        let nobodys =
            compute(&Password::claimed("nobody has this password")).expect("the parameters are fixed");
        Self(Arc::new(Inner {
            turns: Arc::new(Semaphore::new(concurrent)),
            places: Arc::new(Semaphore::new(concurrent + waiting)),
            nobodys,
        }))
    }

    /// What to store of a password.
    pub(super) async fn hash<R>(&self, password: Password) -> Result<PasswordHash, Failure<R>> {
        let hash = self.in_turn(move || compute(&password)).await?;
        hash.map_err(|error| Failure::Internal(format!("a password could not be hashed: {error}")))
    }

    /// Is it the password of this hash? Without a hash it takes as long, and is not.
    pub(super) async fn verify<R>(
        &self,
        password: Password,
        hash: Option<PasswordHash>,
    ) -> Result<bool, Failure<R>> {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.0.nobodys.clone());
        let matches = self
            .in_turn(move || argon2().verify_password(password.as_bytes(), hash.as_str()).is_ok())
            .await?;
        Ok(known && matches)
    }

    async fn in_turn<T: Send + 'static, R>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Failure<R>> {
        let place = Arc::clone(&self.0.places).try_acquire_owned().map_err(|_| Failure::Unavailable)?;
        let turn = Arc::clone(&self.0.turns).acquire_owned().await.map_err(|_| Failure::Unavailable)?;
        // The turn ends with the work, not with the request: a caller who goes away frees no core.
        let working = tokio::task::spawn_blocking(move || {
            let _held = (place, turn);
            work()
        });
        working.await.map_err(|error| Failure::Internal(format!("hashing broke off: {error}")))
    }
}

fn argon2() -> Argon2<'static> {
    let params =
        Params::new(MEMORY_KIB, PASSES, LANES, None).expect("the parameters are within Argon2's bounds");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn compute(password: &Password) -> Result<PasswordHash, argon2::password_hash::Error> {
    Ok(PasswordHash(argon2().hash_password(password.as_bytes())?.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::Never;

    #[tokio::test]
    async fn ses_1_passwords_are_hashed_with_argon2id_and_owasps_parameters() {
        let hasher = Hasher::new(1, 1);
        let hash = hasher.hash::<Never>(Password::claimed("correct horse")).await.expect("hashed");
        assert!(hash.as_str().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", hash.as_str());
        let again = hasher.hash::<Never>(Password::claimed("correct horse")).await.expect("hashed");
        assert_ne!(hash, again);
        assert_eq!(format!("{hash:?}"), "PasswordHash(…)");
        for (claimed, right) in [("correct horse", true), ("wrong horse", false)] {
            let verified = hasher.verify::<Never>(Password::claimed(claimed), Some(hash.clone())).await;
            assert_eq!(verified.expect("compared"), right);
        }
    }

    #[tokio::test]
    async fn nobody_has_the_password_of_nobody() {
        let hasher = Hasher::new(1, 1);
        let claimed = Password::claimed("nobody has this password");
        assert!(!hasher.verify::<Never>(claimed, None).await.expect("compared"));
    }

    #[tokio::test]
    async fn past_the_bound_callers_are_told_to_come_back() {
        let hasher = Hasher::new(1, 0);
        let _under_way = Arc::clone(&hasher.0.places).try_acquire_owned().expect("free");
        let refused = hasher.hash::<Never>(Password::claimed("correct horse")).await;
        assert!(matches!(refused, Err(Failure::Unavailable)));
    }
}
