//! Proving an address by its mailed link and the account's password (SES-6): the address of a new account, or the one
//! that an account changes to.
//!
//! The link alone proves that somebody reads the mailbox, not that it was they who asked for it: a stranger's account
//! must not be verified by the owner's click. Never lets two accounts hold one address: of two links that are opened at
//! once, one wins and the other is told. Never commits: `sessions` does, which has sessions to end.

use super::account::Account;
use super::attempts::Purpose;
use super::entrance::Entrance;
use super::events::{EmailChanged, EmailVerified};
use super::mails;
use super::rules::{Claim, LinkPurpose, LinkRefusal, Password, prove};
use super::store;
use crate::access::{AccountProof, AccountTx, Failure, Gate};
use crate::platform::mail::enqueue_alone;
use crate::primitives::email::Email;
use crate::primitives::ids::AccountSessionId;
use crate::primitives::request::Client;
use crate::primitives::secret::{Secret, SecretHash, SecretKind};

/// What somebody gives to prove an address.
#[derive(Clone, Debug)]
pub struct VerifyEmail {
    pub link: Secret,
    pub password: Password,
    pub client: Client,
}

/// An address is proved, once this is committed.
pub struct ProvedAddress {
    pub tx: AccountTx,
    pub account: Account,
    /// The account has another address than before.
    pub moved: Option<Moved>,
}

/// What a change of the address brings with it: all sessions end, but for the one that asked for it, if it still holds.
#[derive(Clone, Copy, Debug)]
pub struct Moved {
    pub spared: Option<AccountSessionId>,
}

/// Opens a link, once. A wrong password leaves it as it is; a dead link costs no hash.
pub async fn prove_address(
    gate: &Gate,
    entrance: &Entrance,
    request: VerifyEmail,
) -> Result<ProvedAddress, Failure<LinkRefusal>> {
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

/// There is nothing left to prove.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct AlreadyVerified;

/// Mails another link to the address that the account claims: the one before may have expired, or never have come.
pub async fn request_email_verification(
    gate: &Gate,
    entrance: &Entrance,
    proof: &AccountProof,
    client: &Client,
) -> Result<Account, Failure<AlreadyVerified>> {
    let found = store::find(gate.database().reader(), proof.account).await?;
    let account = found.ok_or(Failure::Unauthenticated(None))?;
    if account.email_verified {
        return Err(Failure::Refused(AlreadyVerified));
    }
    entrance.attempts.count(Purpose::RequestEmailVerification, &account.email_key, client).await?;
    let email = Email::parse(&account.email).map_err(|error| Failure::Internal(error.to_string()))?;
    let mail = mails::about(mails::VERIFY_EMAIL, account.id, &email);
    enqueue_alone(gate.database(), mail, gate.clock().now()).await?;
    Ok(account)
}

/// Under the account's lock, for whatever has happened while the hash was computed: the link may be used up, the address
/// taken, the password another.
async fn consume(
    gate: &Gate,
    token: SecretHash,
    proved: &Claim,
) -> Result<ProvedAddress, Failure<LinkRefusal>> {
    let mut tx = gate.account_by_evidence(proved.account.id).await?;
    let claim = prove(store::find_claim(tx.reader(), token).await?, tx.now()).map_err(Failure::Refused)?;
    if claim.hash != proved.hash {
        return Err(Failure::Refused(LinkRefusal::WrongPassword));
    }
    let (account, moved) = match claim.link.purpose {
        LinkPurpose::Change => {
            let (account, moved) = move_address(&mut tx, claim.account).await?;
            (account, Some(moved))
        }
        LinkPurpose::Verify | LinkPurpose::Reset => (hold_address(&mut tx, claim.account).await?, None),
    };
    store::use_link(tx.writer(), token, tx.now()).await?;
    Ok(ProvedAddress { tx, account, moved })
}

async fn hold_address(tx: &mut AccountTx, account: Account) -> Result<Account, Failure<LinkRefusal>> {
    let account = Account { email_verified: true, revision: account.revision + 1, ..account };
    if !store::hold_address(tx.writer(), &account).await? {
        return Err(Failure::Refused(LinkRefusal::AddressTaken));
    }
    tx.announce(EmailVerified(&account).into_event());
    Ok(account)
}

async fn move_address(tx: &mut AccountTx, before: Account) -> Result<(Account, Moved), Failure<LinkRefusal>> {
    let wanted = before.wanted.clone().ok_or(Failure::Refused(LinkRefusal::Unknown))?;
    let account = Account {
        email: wanted.email,
        email_key: wanted.email_key,
        email_verified: true,
        generation: before.generation + 1,
        revision: before.revision + 1,
        wanted: None,
        ..before.clone()
    };
    if !store::move_address(tx.writer(), &account).await? {
        return Err(Failure::Refused(LinkRefusal::AddressTaken));
    }
    // An address that was never proved may be somebody else's.
    if before.email_verified
        && let Ok(old) = Email::parse(&before.email)
    {
        mails::enqueue(tx, mails::EMAIL_CHANGED, account.id, &old).await?;
    }
    tx.announce(EmailChanged { account: &account, spared: wanted.session }.into_event());
    Ok((account, Moved { spared: wanted.session }))
}
