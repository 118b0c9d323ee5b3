//! What accounts' mails say.
//!
//! Never repeats what a stranger typed but the address itself: whoever signs up in somebody else's name doesn't get to
//! write their mail.

use futures_util::future::BoxFuture;

use super::store;
use crate::platform::database::Database;
use crate::platform::mail::{Composer, Letter, Mail, NewMail, PublicUrl, Undeliverable};
use crate::primitives::email::Email;
use crate::primitives::ids::AccountId;
use crate::primitives::time::Clock;

/// The mail whose link proves an address (SES-6).
pub const VERIFY_EMAIL: &str = "VERIFY_EMAIL";
/// The mail for the owner of an address that somebody signed up with again (SES-1).
pub const ALREADY_REGISTERED: &str = "ALREADY_REGISTERED";
/// The page of the frontend that asks for the password and passes it with the link's secret to `verifyEmail`.
const VERIFY_PAGE: &str = "verify-email";

pub(super) fn verify_email(account: AccountId, to: &Email) -> NewMail {
    about(VERIFY_EMAIL, account, to)
}

pub(super) fn already_registered(account: AccountId, to: &Email) -> NewMail {
    about(ALREADY_REGISTERED, account, to)
}

fn about(kind: &'static str, account: AccountId, to: &Email) -> NewMail {
    NewMail { kind, to: to.clone(), workspace: None, subject_id: account.as_uuid(), sending: 0 }
}

/// Writes the mails of [`VERIFY_EMAIL`].
#[derive(Clone, Debug)]
pub struct VerifyEmailMail {
    pub database: Database,
    pub clock: Clock,
    pub public_url: PublicUrl,
    /// How long the link holds, counted from when the mail is sent.
    pub link_hours: i64,
}

impl VerifyEmailMail {
    async fn write(&self, mail: &Mail) -> Result<Option<Letter>, Undeliverable> {
        let account = AccountId::from_uuid(mail.subject_id);
        let expires_at = self.clock.now().plus_hours(self.link_hours);
        let tx = self.database.begin().await?;
        let Some(secret) = store::mint_email_link(&tx, account, expires_at).await? else { return Ok(None) };
        tx.commit().await?;
        let link = self.public_url.link(VERIFY_PAGE, &secret);
        let body = format!(
            "Somebody signed up with the address {}.\n\nIf it was you, open this link within {} hours and enter the \
             password that you chose:\n\n{link}\n\nIf it was not you, do nothing: without the link the address stays \
             free.\n",
            mail.to_address, self.link_hours,
        );
        Ok(Some(Letter { subject: "Verify your e-mail address".into(), body }))
    }
}

impl Composer for VerifyEmailMail {
    fn compose<'a>(&'a self, mail: &'a Mail) -> BoxFuture<'a, Result<Option<Letter>, Undeliverable>> {
        Box::pin(self.write(mail))
    }
}

/// Writes the mails of [`ALREADY_REGISTERED`].
#[derive(Clone, Copy, Debug)]
pub struct AlreadyRegisteredMail;

impl Composer for AlreadyRegisteredMail {
    fn compose<'a>(&'a self, mail: &'a Mail) -> BoxFuture<'a, Result<Option<Letter>, Undeliverable>> {
        let body = format!(
            "Somebody signed up with the address {}, which has an account already.\n\nIf it was you: sign in with the \
             password that you have.\n\nIf it was not you, do nothing: nothing has changed.\n",
            mail.to_address,
        );
        let letter = Letter { subject: "You already have an account".into(), body };
        Box::pin(async { Ok(Some(letter)) })
    }
}
