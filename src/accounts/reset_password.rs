//! Setting a password that was forgotten, by a mailed link (SES-1, SES-5).
//!
//! Asking for the link does the same for every address, known or not: it puts a mail into the outbox, and only its
//! writer looks whose it is. Never says anything about a membership, and never changes one (BLK-7).

use super::account::Account;
use super::attempts::Purpose;
use super::entrance::Entrance;
use super::mails;
use super::password;
use super::rules::{Password, ResetRefusal, may_reset};
use super::store;
use crate::access::{AccountTx, Failure, Gate, Never};
use crate::platform::mail::enqueue_alone;
use crate::primitives::email::Email;
use crate::primitives::request::Client;
use crate::primitives::secret::{Secret, SecretKind};

/// Mails a link to whoever holds the address. The answer, and the work before it, are the same where nobody does.
pub async fn request_password_reset(
    gate: &Gate,
    entrance: &Entrance,
    email: &Email,
    client: &Client,
) -> Result<(), Failure<Never>> {
    entrance.attempts.count(Purpose::RequestPasswordReset, email.key(), client).await?;
    enqueue_alone(gate.database(), mails::password_reset(email), gate.clock().now()).await?;
    Ok(())
}

/// What somebody gives to set a password.
#[derive(Clone, Debug)]
pub struct ResetPassword {
    pub link: Secret,
    /// As it was typed.
    pub new: Password,
    pub client: Client,
}

/// Sets the password, and leaves the commit to whoever ends the sessions. A dead link costs no hash.
pub async fn reset_password(
    gate: &Gate,
    entrance: &Entrance,
    request: ResetPassword,
) -> Result<(AccountTx, Account), Failure<ResetRefusal>> {
    let ResetPassword { link, new, client } = request;
    if link.kind() != SecretKind::PasswordLink {
        return Err(Failure::Refused(ResetRefusal::Unknown));
    }
    let token = link.hash();
    let claim = store::find_claim(gate.database().reader(), token).await?;
    let account = may_reset(claim, gate.clock().now()).map_err(Failure::Refused)?;
    entrance.attempts.count(Purpose::ResetPassword, &account.email_key, &client).await?;
    let new = password::fit(&new, &account).map_err(ResetRefusal::Unfit).map_err(Failure::Refused)?;
    let hash = entrance.hasher().hash(new).await?;
    // Under the account's lock, for whatever has happened while the hash was computed.
    let mut tx = gate.account_by_evidence(account.id).await?;
    let claim = store::find_claim(tx.reader(), token).await?;
    let account = may_reset(claim, tx.now()).map_err(Failure::Refused)?;
    let account = password::set(&mut tx, account, &hash, None).await?;
    Ok((tx, account))
}
