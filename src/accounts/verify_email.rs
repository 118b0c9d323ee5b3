//! Proving an address by its mailed link and the password that was chosen at sign-up (SES-6).
//!
//! The link alone proves that somebody reads the mailbox, not that it was they who signed up: a stranger's account must
//! not be verified by the owner's click. Never lets two accounts hold one address: of two links that are opened at once,
//! one wins and the other is told.

use super::account::Account;
use super::attempts::Purpose;
use super::entrance::Entrance;
use super::events::EmailVerified;
use super::rules::{Claim, LinkRefusal, Password, prove};
use super::store;
use crate::access::{Failure, Gate};
use crate::primitives::request::Client;
use crate::primitives::secret::{Secret, SecretHash, SecretKind};

/// What somebody gives to prove an address.
#[derive(Clone, Debug)]
pub struct VerifyEmail {
    pub link: Secret,
    pub password: Password,
    pub client: Client,
}

/// Opens a link, once. A wrong password leaves it as it is; a dead link costs no hash.
pub async fn verify_email(
    gate: &Gate,
    entrance: &Entrance,
    request: VerifyEmail,
) -> Result<Account, Failure<LinkRefusal>> {
    let VerifyEmail { link, password, client } = request;
    if link.kind() != SecretKind::EmailLink {
        return Err(Failure::Refused(LinkRefusal::Unknown));
    }
    let token = link.hash();
    let claim = store::find_claim(gate.database().reader(), token).await?;
    let claim = prove(claim, gate.clock().now()).map_err(Failure::Refused)?;
    let address = &claim.account.email_key;
    entrance.attempts.count(Purpose::VerifyEmail, address, &client).await?;
    if !entrance.hasher().verify(password, Some(claim.hash.clone())).await? {
        return Err(Failure::Refused(LinkRefusal::WrongPassword));
    }
    entrance.attempts.forgive(Purpose::VerifyEmail, address, &client).await;
    consume(gate, token, &claim).await
}

/// Under the account's lock, for whatever has happened while the hash was computed: the link may be used up, the address
/// taken, the password another.
async fn consume(gate: &Gate, token: SecretHash, proved: &Claim) -> Result<Account, Failure<LinkRefusal>> {
    let mut tx = gate.account_by_evidence(proved.account.id).await?;
    let claim = prove(store::find_claim(tx.reader(), token).await?, tx.now()).map_err(Failure::Refused)?;
    if claim.hash != proved.hash {
        return Err(Failure::Refused(LinkRefusal::WrongPassword));
    }
    let Claim { account, .. } = claim;
    let account = Account { email_verified: true, revision: account.revision + 1, ..account };
    if !store::hold_address(tx.writer(), &account).await? {
        return Err(Failure::Refused(LinkRefusal::AddressTaken));
    }
    store::use_link(tx.writer(), token, tx.now()).await?;
    tx.announce(EmailVerified(&account).into_event());
    tx.commit().await.map_err(Failure::widen)?;
    Ok(account)
}
