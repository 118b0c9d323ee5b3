//! What accounts' mails say, and the links in them.
//!
//! Never repeats what a stranger typed but the address itself: whoever signs up in somebody else's name doesn't get to
//! write their mail. A link is minted when its mail is sent, and only its hash is stored (INV-5).

use futures_util::future::BoxFuture;

use super::account::Account;
use super::events::PasswordResetRequested;
use super::rules::LinkPurpose;
use super::store::{self, NewLink};
use crate::access::{AccountTx, Failure, Gate, Never};
use crate::platform::database::DatabaseError;
use crate::platform::mail::{self, Composer, Letter, Mail, NewMail, PublicUrl, Undeliverable};
use crate::primitives::email::Email;
use crate::primitives::ids::AccountId;
use crate::primitives::secret::Secret;
use crate::primitives::time::Timestamp;

/// The mail whose link proves the address of a new account (SES-6).
pub(super) const VERIFY_EMAIL: &str = "VERIFY_EMAIL";
/// The mail for the owner of an address that somebody signed up with again (SES-1).
pub(super) const ALREADY_REGISTERED: &str = "ALREADY_REGISTERED";
/// The mail whose link sets a password (SES-1). It is asked for by address: whose that is, its writer looks up.
pub(super) const PASSWORD_RESET: &str = "PASSWORD_RESET";
/// Tells the owner that the password is another.
pub(super) const PASSWORD_CHANGED: &str = "PASSWORD_CHANGED";
/// The mail whose link proves the address that an account changes to (SES-6).
pub(super) const CHANGE_EMAIL: &str = "CHANGE_EMAIL";
/// Tells the old address that the account has another (SES-6).
pub(super) const EMAIL_CHANGED: &str = "EMAIL_CHANGED";

/// All of them: what the courier asks [`AccountMails`] to write.
pub const MAIL_KINDS: &[&str] =
    &[VERIFY_EMAIL, ALREADY_REGISTERED, PASSWORD_RESET, PASSWORD_CHANGED, CHANGE_EMAIL, EMAIL_CHANGED];

/// The page of the frontend that asks for the password and passes it with the link's secret to `verifyEmail`.
const VERIFY_PAGE: &str = "verify-email";
/// The page that asks for a new password and passes it with the link's secret to `resetPassword`.
const RESET_PAGE: &str = "reset-password";
/// Links to a new password that one account is mailed within an hour: nobody fills somebody else's mailbox.
const RESET_LINKS_PER_HOUR_MAX: i64 = 5;

pub(super) fn about(kind: &'static str, account: AccountId, to: &Email) -> NewMail {
    NewMail { kind, to: to.clone(), workspace: None, subject_id: account.as_uuid(), sending: 0 }
}

/// For whoever holds the address, if anybody does.
pub(super) fn password_reset(to: &Email) -> NewMail {
    about(PASSWORD_RESET, AccountId::new(), to)
}

pub(super) async fn enqueue(
    tx: &AccountTx,
    kind: &'static str,
    account: AccountId,
    to: &Email,
) -> Result<(), DatabaseError> {
    mail::enqueue(tx.writer(), about(kind, account, to), tx.now()).await.map(|_| ())
}

/// How long links hold, counted from when their mail is sent.
#[derive(Clone, Copy, Debug)]
pub struct LinkLifetimes {
    pub email_hours: i64,
    pub password_minutes: i64,
}

/// Writes the mails of [`MAIL_KINDS`].
#[derive(Clone)]
pub struct AccountMails {
    pub gate: Gate,
    pub public_url: PublicUrl,
    pub lifetimes: LinkLifetimes,
}

impl Composer for AccountMails {
    fn compose<'a>(&'a self, mail: &'a Mail) -> BoxFuture<'a, Result<Option<Letter>, Undeliverable>> {
        Box::pin(async move {
            match mail.kind.as_str() {
                VERIFY_EMAIL => self.verify(mail).await,
                CHANGE_EMAIL => self.change(mail).await,
                PASSWORD_RESET => {
                    self.reset(mail).await.map_err(|failure| Undeliverable(format!("{failure:?}")))
                }
                ALREADY_REGISTERED => Ok(Some(already_registered(mail))),
                PASSWORD_CHANGED => Ok(Some(password_changed(mail))),
                EMAIL_CHANGED => Ok(Some(email_changed(mail))),
                _ => Ok(None),
            }
        })
    }
}

impl AccountMails {
    async fn account(&self, mail: &Mail) -> Result<Option<Account>, DatabaseError> {
        store::find(self.gate.database().reader(), AccountId::from_uuid(mail.subject_id)).await
    }

    async fn mint(
        &self,
        mail: &Mail,
        account: &Account,
        purpose: LinkPurpose,
    ) -> Result<Secret, DatabaseError> {
        let now = self.gate.clock().now();
        let tx = self.gate.database().begin().await?;
        let secret = store::mint_link(&tx, self.link(mail, account, purpose, now), now).await?;
        tx.commit().await?;
        Ok(secret)
    }

    fn link(&self, mail: &Mail, account: &Account, purpose: LinkPurpose, now: Timestamp) -> NewLink {
        let expires_at = match purpose {
            LinkPurpose::Reset => now.plus_seconds(60 * self.lifetimes.password_minutes),
            LinkPurpose::Verify | LinkPurpose::Change => now.plus_hours(self.lifetimes.email_hours),
        };
        NewLink { account: account.id, purpose, email_key: mail.to_key.clone(), mail: mail.id, expires_at }
    }

    /// Dropped where there is nothing left to prove.
    async fn verify(&self, mail: &Mail) -> Result<Option<Letter>, Undeliverable> {
        let unproved = self.account(mail).await?.filter(|account| !account.email_verified);
        let Some(account) = unproved else { return Ok(None) };
        let secret = self.mint(mail, &account, LinkPurpose::Verify).await?;
        let letter = Letter::new("Verify your e-mail address")
            .paragraph(format!("Somebody signed up with the address {}.", mail.to_address))
            .paragraph(format!(
                "If it was you, open this link within {} hours and enter the password that you chose:",
                self.lifetimes.email_hours
            ))
            .link("Verify the address", self.public_url.link(VERIFY_PAGE, &secret))
            .paragraph("If it was not you, do nothing: without the link the address stays free.");
        Ok(Some(letter))
    }

    /// Dropped where another address is wanted by now. Whoever holds the address already is told instead, so that the
    /// one who asked learns nothing of it.
    async fn change(&self, mail: &Mail) -> Result<Option<Letter>, Undeliverable> {
        let wants =
            |account: &Account| account.wanted.as_ref().is_some_and(|wanted| wanted.email_key == mail.to_key);
        let Some(account) = self.account(mail).await?.filter(wants) else { return Ok(None) };
        let holder = store::find_by_verified_email(self.gate.database().reader(), &mail.to_key).await?;
        if holder.is_some() {
            return Ok(Some(held_by_another(mail)));
        }
        let secret = self.mint(mail, &account, LinkPurpose::Change).await?;
        let letter = Letter::new("Confirm your new e-mail address")
            .paragraph(format!("Somebody wants to sign in with {} from now on.", mail.to_address))
            .paragraph(format!(
                "If it was you, open this link within {} hours and enter your password:",
                self.lifetimes.email_hours
            ))
            .link("Confirm the new address", self.public_url.link(VERIFY_PAGE, &secret))
            .paragraph(
                "Until then you sign in with the address that you have. If it was not you, do nothing.",
            );
        Ok(Some(letter))
    }

    /// Dropped where nobody holds the address, and where its owner has been mailed too many already. A mail that did
    /// not leave is written again with a new link, and counts once.
    async fn reset(&self, mail: &Mail) -> Result<Option<Letter>, Failure<Never>> {
        let database = self.gate.database();
        let holder = store::find_by_verified_email(database.reader(), &mail.to_key).await?;
        let Some(account) = holder else { return Ok(None) };
        if store::has_link(database.reader(), account.id, mail.id).await? {
            let secret = self.mint(mail, &account, LinkPurpose::Reset).await?;
            return Ok(Some(self.reset_letter(mail, &secret)));
        }
        let mut tx = self.gate.account_by_job(account.id).await?;
        let mailed = store::count_reset_links(tx.reader(), account.id, tx.now().plus_hours(-1)).await?;
        if mailed >= RESET_LINKS_PER_HOUR_MAX {
            return Ok(None);
        }
        let link = self.link(mail, &account, LinkPurpose::Reset, tx.now());
        let secret = store::mint_link(tx.writer(), link, tx.now()).await?;
        tx.announce(PasswordResetRequested(&account).into_event());
        tx.commit().await?;
        Ok(Some(self.reset_letter(mail, &secret)))
    }

    fn reset_letter(&self, mail: &Mail, secret: &Secret) -> Letter {
        Letter::new("Set a new password")
            .paragraph(format!("Somebody asked for a new password for the account of {}.", mail.to_address))
            .paragraph(format!(
                "If it was you, open this link within {} minutes and choose one:",
                self.lifetimes.password_minutes
            ))
            .link("Choose a new password", self.public_url.link(RESET_PAGE, secret))
            .paragraph(
                "The link works once, and signs you out everywhere. If it was not you, do nothing: your password stays \
                 what it is.",
            )
    }
}

fn already_registered(mail: &Mail) -> Letter {
    Letter::new("You already have an account")
        .paragraph(format!(
            "Somebody signed up with the address {}, which has an account already.",
            mail.to_address
        ))
        .paragraph("If it was you: sign in with the password that you have, or ask for a new one.")
        .paragraph("If it was not you, do nothing: nothing has changed.")
}

fn held_by_another(mail: &Mail) -> Letter {
    Letter::new("You already have an account")
        .paragraph(format!(
            "Somebody with another account wants to sign in with {}, which has an account of its own.",
            mail.to_address
        ))
        .paragraph("If it was you: sign in with this address, or give the other account another one.")
        .paragraph("If it was not you, do nothing: nothing has changed.")
}

fn password_changed(mail: &Mail) -> Letter {
    Letter::new("Your password was changed")
        .paragraph(format!("The password of the account of {} was changed.", mail.to_address))
        .paragraph("You were signed out everywhere but where it was changed.")
        .paragraph("If it was not you, ask for a new password at once, on the page where you sign in.")
}

fn email_changed(mail: &Mail) -> Letter {
    Letter::new("Your e-mail address was changed")
        .paragraph(format!(
            "Your account no longer signs in with {}: it has another address.",
            mail.to_address
        ))
        .paragraph("You were signed out everywhere but where it was changed.")
        .paragraph(
            "If it was not you, write to whoever runs this service: this address opens the account no more.",
        )
}
