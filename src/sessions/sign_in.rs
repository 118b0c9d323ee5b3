//! Signing in: a proved password becomes an account session (SES-1, SES-2).
//!
//! Never stores the token, and never makes a session for a password that was changed meanwhile.

use super::session::{AccountSession, Footprint, Lifetimes};
use super::store::{self, NewSession};
use crate::access::{Failure, Gate};
use crate::accounts::{self, Account, Authenticated, Credentials, Entrance, SignInRefusal};
use crate::primitives::ids::AccountSessionId;
use crate::primitives::request::Client;
use crate::primitives::secret::{Secret, SecretKind};

/// Somebody is signed in. The token is told this once.
#[derive(Clone, Debug)]
pub struct SignedIn {
    pub token: Secret,
    pub session: AccountSession,
    pub account: Account,
}

pub async fn sign_in(
    gate: &Gate,
    entrance: &Entrance,
    lifetimes: Lifetimes,
    credentials: Credentials,
) -> Result<SignedIn, Failure<SignInRefusal>> {
    let client = credentials.client.clone();
    let authenticated = accounts::authenticate(gate, entrance, credentials).await?;
    start_account_session(gate, lifetimes, authenticated, &client).await
}

/// Makes the session, if the account's generation is still the one that the password was proved under.
pub async fn start_account_session<R>(
    gate: &Gate,
    lifetimes: Lifetimes,
    authenticated: Authenticated,
    client: &Client,
) -> Result<SignedIn, Failure<R>> {
    let account = authenticated.account().clone();
    let now = gate.clock().now();
    let token = Secret::mint(SecretKind::AccountSession);
    let footprint = Footprint {
        device: client.device.clone(),
        address: client.address.map(|address| address.to_string()),
        created_at: now,
        last_used_at: now,
        expires_at: now.plus_seconds(lifetimes.account_seconds),
    };
    let session = AccountSession { id: AccountSessionId::new(), footprint };
    let new = NewSession { id: session.id, token: token.hash(), footprint: &session.footprint };
    if store::insert_account_session(gate.database(), &new, &account).await? {
        return Ok(SignedIn { token, session, account });
    }
    // The password was changed between the two statements; asked again, the new one counts.
    Err(Failure::Unavailable)
}
