//! Where a token goes that a mutation makes: into its payload, or into a cookie that no script can read (SES-2).
//!
//! Never both, and never made where it could go nowhere.

use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::{Context, Result};

use super::caller::Caller;
use super::errors::{TopLevelCode, TopLevelError};
use crate::primitives::secret::{Secret, SecretKind};
use crate::primitives::time::Timestamp;

/// What the edge can do with a token; in the request's data. Absent: it goes into the payload.
#[derive(Clone, Debug)]
pub enum TokenDelivery {
    /// The client asked for cookies: into this jar, which the answer takes along.
    Jar(Jar),
    /// The client signed in by cookie, and no answer can carry one here.
    Nowhere,
}

/// What becomes of a client's cookies.
#[derive(Clone, Debug)]
pub enum JarChange {
    Put { secret: Secret, seconds: i64 },
    Drop(SecretKind),
}

impl JarChange {
    /// Whose cookie changes: there is one for each kind of session.
    pub const fn kind(&self) -> SecretKind {
        match self {
            Self::Put { secret, .. } => secret.kind(),
            Self::Drop(kind) => *kind,
        }
    }
}

/// The changes of one request; of each cookie the last.
#[derive(Clone, Debug, Default)]
pub struct Jar(Arc<Mutex<Vec<JarChange>>>);

impl Jar {
    pub fn take(&self) -> Vec<JarChange> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The session of this kind has ended; with an account session ends what hangs on it.
    pub fn drop_session(&self, kind: SecretKind) {
        self.push(JarChange::Drop(kind));
        if kind == SecretKind::AccountSession {
            self.push(JarChange::Drop(SecretKind::WorkspaceSession));
        }
    }

    /// A session begins. What hung on the one before is another's: whoever signs in acts as themselves from here on.
    fn put_session(&self, secret: &Secret, seconds: i64) {
        self.push(JarChange::Put { secret: secret.clone(), seconds });
        if secret.kind() == SecretKind::AccountSession {
            self.push(JarChange::Drop(SecretKind::WorkspaceSession));
        }
    }

    fn push(&self, change: JarChange) {
        let mut changes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        changes.retain(|earlier| earlier.kind() != change.kind());
        changes.push(change);
    }
}

/// Before a token is made: is there a way to hand it over?
pub(super) fn ensure_deliverable(ctx: &Context<'_>) -> Result<()> {
    match ctx.data_opt::<TokenDelivery>() {
        Some(TokenDelivery::Nowhere) => {
            let message = "a socket that was opened by cookie can't set one: send this over HTTP";
            Err(TopLevelError::new(TopLevelCode::BadUserInput, message).into())
        }
        _ => Ok(()),
    }
}

/// Hands a token over. What the payload shows of it: nothing, where it goes into a cookie.
pub(super) fn deliver(ctx: &Context<'_>, secret: &Secret, until: Timestamp) -> Option<String> {
    match ctx.data_opt::<TokenDelivery>() {
        None => Some(secret.reveal().to_owned()),
        Some(TokenDelivery::Nowhere) => None,
        Some(TokenDelivery::Jar(jar)) => {
            let now = Caller::of(ctx).map_or(until, |caller| caller.now);
            let seconds = (until.as_micros() - now.as_micros()) / 1_000_000;
            jar.put_session(secret, seconds);
            None
        }
    }
}

/// The session of this kind has ended.
pub(super) fn take_back(ctx: &Context<'_>, kind: SecretKind) {
    if let Some(TokenDelivery::Jar(jar)) = ctx.data_opt::<TokenDelivery>() {
        jar.drop_session(kind);
    }
}
